"""Messages, consents and texts in memory: what `agent.storage` keeps of them, for text calls that leave nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from agent.domain.notes import Message, Text, may_be_one_caller
from agent.domain.tenant import Tenant
from agent.storage.messages import SAME_CALLER_MIN


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message with what it was stored under."""

    tenant_id: UUID
    call_id: UUID
    key: str
    message: Message
    caller_number: str | None
    taken_at: datetime


class MemoryNotes:
    """What callers left and agreed to, of any number of tenants.

    Args:
        clock: now, aware.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._messages: list[TakenMessage] = []
        self._texts: dict[tuple[UUID, str], Text] = {}
        self._agreed: set[tuple[UUID, str]] = set()

    @property
    def messages(self) -> tuple[TakenMessage, ...]:
        """In the order in which they were taken."""
        return tuple(self._messages)

    @property
    def texts(self) -> tuple[Text, ...]:
        """What is to be sent."""
        return tuple(self._texts.values())

    def take(self, tenant: Tenant, call_id: UUID, message: Message, key: str, caller_number: str | None) -> bool:
        """As `agent.storage.messages.take`."""
        now = self._clock()
        is_known_caller = bool(caller_number or message.phone)
        for index, known in enumerate(self._messages):
            is_recent = known.taken_at > now - timedelta(minutes=SAME_CALLER_MIN)
            is_same_wish = (known.tenant_id, known.key) == (tenant.id, key)
            is_same_caller = is_known_caller and is_recent and may_be_one_caller(known.message, message)
            if is_same_wish and (known.call_id == call_id or is_same_caller):
                self._messages[index] = replace(known, message=_completed(known.message, message))
                return False
        self._messages.append(TakenMessage(tenant.id, call_id, key, message, caller_number, now))
        return True

    def send(self, tenant: Tenant, call_id: UUID, text: Text) -> bool:
        """As `agent.storage.texts.send_agreed`."""
        self._agreed.add((tenant.id, text.phone))
        key = f"{text.kind.value} {text.appointment.id if text.appointment else call_id}"
        is_new = (tenant.id, key) not in self._texts
        self._texts.setdefault((tenant.id, key), text)
        return is_new

    def has_agreed(self, tenant: Tenant, phone: str) -> bool:
        """Whether this number may be texted by this tenant."""
        return tenant.texts.is_enabled and (tenant.id, phone) in self._agreed


def _completed(first: Message, again: Message) -> Message:
    return replace(
        first,
        is_urgent=bool(first.is_urgent) or bool(again.is_urgent),
        is_confirmed=first.is_confirmed or again.is_confirmed,
        name=again.name or first.name,
        phone=again.phone or first.phone,
        recipient=again.recipient or first.recipient,
    )
