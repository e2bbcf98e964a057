"""Of a private call nothing that was said is kept, only what was booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agent.dialogue.conversation import Conversation
from agent.dialogue.record import CallRecord
from agent.domain.call import new_call
from agent.domain.errors import Blame
from agent.domain.events import Answered
from agent.scheduling.desk import Desk
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, turns_of
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import stored_shop

BOOKING = ("A haircut because of my lice, please.", "On the 3rd of March at 10 AM.", "Dana Smith.", "555-012-3456.")
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("is_private", [True, False])
async def test_a_private_call_leaves_its_booking_and_no_words(pool: Pool, keeper_pool: Pool, is_private: bool) -> None:
    tenant = replace(await stored_shop(keeper_pool), is_private=is_private)
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    opened = await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], None, None, "worker-1"))
    record = CallRecord(pool, key, opened.epoch, lambda: datetime.now(UTC), keeps_words=not is_private)
    conversation = Conversation(tenant, key.id, new_call(None), Desk(pool), lambda: NOW, record)
    await conversation.happen(Answered())
    for turn, words in enumerate((*BOOKING, "Yes.", "No, thanks.")):
        await conversation.propose(words)
        proposal = await conversation.commit(words, f"turn-{turn}")
        record.turn("agent", " ".join([piece async for piece in proposal.speech]))
    await conversation.aclose()
    await record.close(ClosedCall(datetime.now(UTC), Blame.SUCCESS, "booked", "caller"))
    async with tenant_tx(pool, tenant.id) as connection:
        turns = await turns_of(connection, key)
        booked = await connection.fetch("SELECT name FROM appointments WHERE status = 'confirmed'")
        states = await connection.fetchval("SELECT count(*) FROM call_state")
    kept = repr([(turn.text, turn.heard_text, turn.events) for turn in turns])
    assert len(turns) == 12
    assert [row["name"] for row in booked] == ["Dana Smith"]
    assert states == 0
    for said in ("lice", "Haircut", "Dana", "5550123456"):
        assert (said in kept) is not is_private, said
