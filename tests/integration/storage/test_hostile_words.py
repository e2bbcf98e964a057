"""Words that PostgreSQL or JSON could not take are stored as plain text, and none of a call's writes is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agent.dialogue.conversation import Conversation
from agent.dialogue.hearing import MOST_CHARACTERS
from agent.dialogue.record import CallRecord
from agent.domain.call import new_call
from agent.domain.errors import Blame
from agent.domain.events import Answered
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, turns_of
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import stored_shop


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


async def test_hostile_words_are_stored_plain_and_bounded(pool: Pool, tenant: Tenant) -> None:
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    opened = await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], None, None, "worker-1"))
    record = CallRecord(pool, key, opened.epoch, lambda: datetime.now(UTC))
    conversation = Conversation(tenant, key.id, new_call(None), Desk(pool), lambda: datetime.now(UTC), record)
    await conversation.happen(Answered())
    said = ("a\x00b'; DROP TABLE turns; --", "\ud800\u202eetalf", "x" * 10_000)
    for words in said:
        await conversation.commit(words, str(uuid4()))
    await conversation.aclose()
    await record.close(ClosedCall(datetime.now(UTC), Blame.SUCCESS, "abandoned", "caller", {}))
    async with tenant_tx(pool, tenant.id) as connection:
        kept = [turn.text for turn in await turns_of(connection, key)]
    assert record.lost_writes == 0
    assert kept == ["a b'; DROP TABLE turns; --", "etalf", "x" * MOST_CHARACTERS]
