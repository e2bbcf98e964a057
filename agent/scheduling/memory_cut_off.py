"""What calls that were cut off left behind, in memory: what `agent.storage.cut_off` keeps of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agent.domain.left import REMEMBERED_S, Became, Left
from agent.domain.tenant import Tenant
from agent.scheduling.memory_book import MemoryBook, Status


class MemoryCutOff:
    """The latest of each number, of any number of tenants.

    Args:
        clock: now, aware.
    """

    def __init__(self, clock: Callable[[], datetime], book: MemoryBook) -> None:
        self._clock = clock
        self._book = book
        self._left: dict[tuple[object, str], tuple[Left, datetime]] = {}

    def keep(self, tenant: Tenant, left: Left) -> None:
        """As `agent.storage.cut_off.keep`."""
        until = self._clock() + timedelta(seconds=REMEMBERED_S)
        self._left[tenant.id, left.caller_number] = (left, until)

    def find(self, tenant: Tenant, caller_number: str) -> Left | None:
        """As `agent.storage.cut_off.find`."""
        left, until = self._left.get((tenant.id, caller_number), (None, self._clock()))
        return left if until > self._clock() else None

    def forget(self, tenant: Tenant, caller_number: str) -> bool:
        """As `agent.storage.cut_off.forget`."""
        return self._left.pop((tenant.id, caller_number), None) is not None

    def became(self, tenant: Tenant, left: Left) -> Became:
        """As `agent.storage.cut_off.became`."""
        if left.appointment is None:
            booked = self._book.entries(tenant, Status.CONFIRMED)
            made = next((each for each in booked if left.key is not None and each.intent_key == left.key), None)
            return Became(made=None if made is None else made.appointment(was_known=True))
        entry = self._book.entry(tenant, left.appointment.id)
        if entry is None:
            return Became()
        is_ours = left.key is not None and entry.change_key == left.key and entry.status is Status.CANCELLED
        moved = self._book.entry(tenant, entry.moved_to, Status.CONFIRMED) if is_ours and entry.moved_to else None
        return Became(
            made=None if moved is None else moved.appointment(),
            stands=entry.status is Status.CONFIRMED,
            is_off=is_ours,
        )
