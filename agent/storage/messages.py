"""Messages for the business: stored once for each intent, read urgent and newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from agent.domain.notes import Message, Reason, may_be_one_caller
from agent.storage.appointments import take_turns
from agent.storage.outbox import enqueue
from agent.storage.pool import Connection

#: A caller who is cut off calls back within this; the same words said later are a message of their own.
SAME_CALLER_MIN = 30
#: People behind one number with the same words within that time; whoever comes after so many is stored anew.
_MOST_OF_ONE_LINE = 20


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as the business reads it.

    Attributes:
        recipient: for whom, as said; None for whoever reads it.
        is_confirmed: False when the caller was gone before they could confirm it.
        name, phone: of the caller as they gave it; `caller_e164`: the number called from. None when unknown.
    """

    created_at: datetime
    reason: Reason
    text: str
    recipient: str | None
    is_urgent: bool
    is_confirmed: bool
    name: str | None
    phone: str | None
    caller_e164: str | None


async def take(
    connection: Connection, tenant_id: UUID, call_id: UUID, message: Message, *, key: str, caller_number: str | None
) -> bool:
    """Store a message and the notice of it, once.

    What comes again with its key, in the same call or within SAME_CALLER_MIN minutes from a known number and from
    whom nothing tells apart (`may_be_one_caller`), completes the first: an unconfirmed message becomes confirmed, an
    unknown name known. One that turns urgent is announced once more.

    Args:
        key: of the intent, see `agent.domain.notes.message_key`.
        caller_number: E.164; None when withheld.
    Returns: False when it was stored already.
    """
    await take_turns(connection, tenant_id, key)
    is_known_caller = bool(caller_number or message.phone)
    known = await _known(connection, tenant_id, call_id, message, key, is_known_caller=is_known_caller)
    if known is None:
        message_id = await _insert(connection, tenant_id, call_id, message, key, caller_number)
        await _announce(connection, tenant_id, message_id, message, f"message_notice {message_id}")
        return True
    await _complete(connection, tenant_id, known["id"], message)
    if message.is_urgent and not known["urgent"]:
        await _announce(connection, tenant_id, known["id"], message, f"message_notice {known['id']} urgent")
    return False


async def newest(connection: Connection, tenant_id: UUID, *, limit: int = 100) -> Sequence[StoredMessage]:
    """The tenant's messages, urgent ones first, then the newest first."""
    rows = await connection.fetch(
        """
        SELECT created_at, reason, text, recipient, urgent, confirmed, name, phone, caller_e164 FROM messages
        WHERE tenant_id = $1 ORDER BY urgent DESC, created_at DESC, id LIMIT $2
        """,
        tenant_id,
        limit,
    )
    return [
        StoredMessage(
            row["created_at"], Reason(row["reason"]), row["text"], row["recipient"], row["urgent"], row["confirmed"],
            row["name"], row["phone"], row["caller_e164"],
        )
        for row in rows
    ]  # fmt: skip


async def _known(
    connection: Connection, tenant_id: UUID, call_id: UUID, message: Message, key: str, *, is_known_caller: bool
) -> asyncpg.Record | None:
    """The message stored under this key that this one completes, with its `id` and `urgent`; None when it is new."""
    rows = await connection.fetch(
        """
        SELECT id, urgent, name, phone, call_id = $3 AS is_same_call FROM messages
        WHERE tenant_id = $1 AND intent_key = $2
          AND (call_id = $3 OR $4 AND created_at > now() - make_interval(mins => $5))
        ORDER BY call_id = $3 DESC, created_at DESC, id LIMIT $6
        """,
        tenant_id,
        key,
        call_id,
        is_known_caller,
        SAME_CALLER_MIN,
        _MOST_OF_ONE_LINE,
    )
    stored = ((row, Message(name=row["name"], phone=row["phone"])) for row in rows)
    return next((row for row, first in stored if row["is_same_call"] or may_be_one_caller(first, message)), None)


async def _complete(connection: Connection, tenant_id: UUID, message_id: UUID, message: Message) -> None:
    """Add what is new to a stored message."""
    await connection.execute(
        """
        UPDATE messages
        SET urgent = urgent OR $3, confirmed = confirmed OR $4, name = coalesce($5, name),
            phone = coalesce($6, phone), recipient = coalesce($7, recipient), updated_at = now()
        WHERE tenant_id = $1 AND id = $2
        """,
        tenant_id,
        message_id,
        bool(message.is_urgent),
        message.is_confirmed,
        message.name or None,
        message.phone or None,
        message.recipient,
    )


async def _announce(connection: Connection, tenant_id: UUID, message_id: UUID, message: Message, key: str) -> None:
    payload = {"message_id": str(message_id), "reason": message.reason.value, "urgent": bool(message.is_urgent)}
    await enqueue(connection, tenant_id, "message_notice", key, payload)


async def _insert(
    connection: Connection, tenant_id: UUID, call_id: UUID, message: Message, key: str, caller_number: str | None
) -> UUID:
    message_id = uuid4()
    await connection.execute(
        """
        INSERT INTO messages (id, tenant_id, call_id, intent_key, reason, text, recipient, urgent, confirmed,
                              name, phone, caller_e164)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        message_id,
        tenant_id,
        call_id,
        key,
        message.reason.value,
        message.text,
        message.recipient,
        bool(message.is_urgent),
        message.is_confirmed,
        message.name or None,
        message.phone or None,
        caller_number,
    )
    return message_id
