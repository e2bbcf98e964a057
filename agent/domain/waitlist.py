"""The waiting list: what somebody waits for, and whether a time that has become free is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agent.domain.busy import Interval
from agent.domain.openings import Opening, Window
from agent.domain.search import Diary
from agent.domain.staffing import StaffWish, wished_staff
from agent.domain.tenant import Tenant


@dataclass(frozen=True, slots=True)
class WaitWish:
    """What is waited for: a service within a window, with somebody in particular or not."""

    service_id: str
    window: Window
    staff: StaffWish | None = None


@dataclass(frozen=True, slots=True)
class WaitEntry:
    """One place on the list.

    Attributes:
        phone: E.164.
        freed_at: when a time that fits became free; None while it waits.
        matched: that time; nobody holds it, and it may be taken by the time the caller is told.
    """

    id: UUID
    wish: WaitWish
    name: str
    phone: str
    created_at: datetime
    freed_at: datetime | None = None
    matched: Opening | None = None


def can_come_free(wish: WaitWish, *, now: datetime, tenant: Tenant) -> bool:
    """Whether any time meets the wish once nobody is booked: the business is open then, and somebody wished is in."""
    people = wished_staff(tenant, wish.service_id, wish.staff)
    diary = Diary.of(tenant, tenant.service(wish.service_id), people, {}, now)
    first, last = (at.astimezone(tenant.zone).date() for at in (wish.window.earliest_at, wish.window.latest_at))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return any(wish.window.admits(opening.start_at, tenant) for day in days for opening in diary.openings_on(day))


def fitting_opening(
    wish: WaitWish, freed: Opening, busy: Sequence[Interval], *, now: datetime, tenant: Tenant
) -> Opening | None:
    """The opening that meets the wish and is nearest to what has become free, at least partly in it; or None.

    Args:
        busy: what the freed person is occupied for on that day, without the freed time.
        now: aware; what can no longer be booked is of no use.
    """
    if not tenant.has_service(wish.service_id):
        return None
    able = wished_staff(tenant, wish.service_id, wish.staff)
    people = tuple(person for person in able if person.id == freed.staff_id)
    diary = Diary.of(tenant, tenant.service(wish.service_id), people, {freed.staff_id: busy}, now)
    fitting = [
        opening
        for opening in diary.openings_on(freed.start_at.astimezone(tenant.zone).date())
        if opening.busy_from < freed.busy_to
        and freed.busy_from < opening.busy_to
        and wish.window.admits(opening.start_at, tenant)
    ]
    return min(fitting, key=lambda opening: abs(opening.start_at - freed.start_at), default=None)
