"""A card or social security number said in a call is nowhere in PostgreSQL, whatever way it is said."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agent.dialogue.conversation import Conversation
from agent.dialogue.record import CallRecord
from agent.domain.call import Stage, new_call
from agent.domain.errors import Blame
from agent.domain.events import Answered
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.call_state import OpenCall, open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall
from agent.storage.pool import Pool, fleet_tx
from tests.integration.shop import stored_shop

CARD = "4539578763621486"
WORDS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine",
}  # fmt: skip
SPELLED = " ".join(WORDS[digit] for digit in CARD)
#: What a caller says instead of answering, in every stage of a booking.
ASIDES = (
    (f"My card is {CARD}.",),
    (f"{SPELLED}.",),
    ("4539 5787,", "6362 1486."),
    ("four five three nine", "five seven eight seven", "six three six two", "one four eight six"),
    ("My card number is", "4539 5787", "6362", "1486"),
    ("453957", "8763621486"),
)
BOOKING = ("A haircut, please.", "On the 3rd of March at 10 AM.", "Dana Smith.", "555-012-3456.", "Yes.", "No, thanks.")
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


async def _opened(pool: Pool, tenant: Tenant) -> OpenCall:
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    return await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], "+15550190001", None, "worker-1"))


MESSAGE = ("Can I leave a message?", "My crown came off.", "No.", "Dana Smith.", "Yes.")


@pytest.mark.parametrize(
    "script", [*(BOOKING[:stage] for stage in range(len(BOOKING))), *(MESSAGE[:stage] for stage in (1, 2, 3, 4))]
)
async def test_a_card_number_said_at_any_stage_is_in_no_column_of_any_table(
    pool: Pool, keeper_pool: Pool, tenant: Tenant, script: tuple[str, ...]
) -> None:
    for aside in ASIDES:
        opened = await _opened(pool, tenant)
        record = CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC))
        conversation = Conversation(tenant, opened.key.id, new_call("+15550190001"), Desk(pool), lambda: NOW, record)
        await conversation.happen(Answered())
        for words in (*script, *aside):
            if conversation.is_ended:
                break
            await _say(conversation, record, words)
        during = await _everything(keeper_pool)
        await conversation.aclose()
        await record.close(ClosedCall(datetime.now(UTC), Blame.SUCCESS, "abandoned", "caller", {}))
        after = await _everything(keeper_pool)
        for kept in (during, after):
            assert not _has(kept, CARD), (aside, script)
        assert _has(after, "haircut") or script[:1] != BOOKING[:1]
        async with fleet_tx(keeper_pool) as connection:
            assert record.lost_writes == 0
            turns = await connection.fetchval("SELECT count(*) FROM turns WHERE call_id = $1", opened.key.id)
        assert turns == record.turns, "a turn kept back was lost"


async def test_a_telephone_number_given_as_contact_is_kept(pool: Pool, keeper_pool: Pool, tenant: Tenant) -> None:
    opened = await _opened(pool, tenant)
    record = CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC))
    conversation = Conversation(tenant, opened.key.id, new_call(None), Desk(pool), lambda: NOW, record)
    await conversation.happen(Answered())
    for words in (*BOOKING[:3], f"My social is 123-45-6789 and my card is {CARD}.", *BOOKING[3:5]):
        await _say(conversation, record, words)
    await conversation.aclose()
    assert conversation.state.stage is Stage.DONE
    await record.close(ClosedCall(datetime.now(UTC), Blame.SUCCESS, "booked", "caller", {}))
    async with fleet_tx(keeper_pool) as connection:
        row = await connection.fetchrow("SELECT name, phone FROM appointments WHERE call_id = $1", opened.key.id)
    assert tuple(row or ()) == ("Dana Smith", "+15550123456")
    kept = await _everything(keeper_pool)
    assert _has(kept, "5550123456")
    assert not _has(kept, CARD)
    assert not _has(kept, "123456789")


async def _say(conversation: Conversation, record: CallRecord, words: str) -> None:
    """A turn as LiveKit makes it: a speculation, the commit, and our words into the record."""
    await conversation.propose(words)
    proposal = await conversation.commit(words, str(uuid4()))
    spoken = " ".join([piece async for piece in proposal.speech])
    record.turn("agent", spoken, heard_text=spoken)


async def _everything(keeper_pool: Pool) -> list[str]:
    """Every text and JSON value of every table, a row of turns after the other."""
    async with fleet_tx(keeper_pool) as connection:
        columns = await connection.fetch(
            """
            SELECT c.table_name, c.column_name FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
              AND (data_type IN ('text', 'jsonb', 'json', 'character varying') OR data_type = 'ARRAY')
            """
        )
        assert {(row["table_name"], row["column_name"]) for row in columns} >= {
            ("turns", "text"), ("turns", "events"), ("call_state", "state"), ("calls", "facts"),
            ("appointments", "name"), ("appointments", "phone"),
        }  # fmt: skip
        kept = []
        for table, column in columns:
            order = "ORDER BY call_id, seq" if table.startswith("turns") else ""
            rows = await connection.fetch(f'SELECT "{column}"::text AS kept FROM "{table}" {order}')
            kept.append("\n".join(row["kept"] or "" for row in rows))
    return kept


def _has(kept: list[str], digits: str) -> bool:
    """Whether the digits, written or spelled, stand in any column, perhaps with anything but digits between."""
    for column in kept:
        text = re.sub(
            r"[a-z]+", lambda word: next((d for d, w in WORDS.items() if w == word[0]), word[0]), column.lower()
        )
        if digits.isdecimal() and digits in re.sub(r"\D", "", text):
            return True
        if digits in text:
            return True
    return False
