"""The waiting list in memory; keeps to the rules of the waitlist table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from agent.domain.busy import Interval
from agent.domain.openings import Opening
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitEntry, WaitWish, fitting_opening


class MemoryWaitlist:
    """Places of any number of tenants, first come first.

    Args:
        clock: now, aware.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        #: By tenant and the wish's key, of which only the last may still wait.
        self._places: dict[tuple[UUID, str], list[WaitEntry]] = {}

    def join(self, tenant: Tenant, wish: WaitWish, *, waiting_key: str, name: str, phone: str) -> UUID:
        """Put somebody on the list, once while they wait."""
        places = self._places.setdefault((tenant.id, waiting_key), [])
        if places and places[-1].freed_at is None:
            places[-1] = replace(places[-1], name=name, phone=phone)
        else:
            places.append(WaitEntry(uuid4(), wish, name, phone, self._clock()))
        return places[-1].id

    def entries(self, tenant: Tenant, *, now: datetime) -> tuple[WaitEntry, ...]:
        """Everybody on a tenant's list whose window is not past, first come first."""
        found = [
            entry
            for (tenant_id, _), places in self._places.items()
            if tenant_id == tenant.id
            for entry in places
            if entry.wish.window.latest_at >= now
        ]
        return tuple(sorted(found, key=lambda entry: entry.created_at))

    def match_freed(self, tenant: Tenant, freed: Opening, busy: Sequence[Interval]) -> None:
        """Mark the first who waits for something that now fits."""
        for entry in self.entries(tenant, now=freed.busy_from):
            if entry.freed_at is not None:
                continue
            opening = fitting_opening(entry.wish, freed, busy, now=self._clock(), tenant=tenant)
            if opening is not None:
                self._put(replace(entry, freed_at=self._clock(), matched=opening))
                return

    def _put(self, entry: WaitEntry) -> None:
        for places in self._places.values():
            places[:] = [entry if place.id == entry.id else place for place in places]
