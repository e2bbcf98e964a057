"""Which openings are best for a wish, and why each is worth saying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum

from agent.domain.openings import Opening, Window
from agent.domain.tenant import Tenant

#: Two offers closer than this are no choice.
OFFER_SPACING_MIN = 60
#: Most openings a caller is ever offered at once.
MAX_OFFERS = 3
#: Of the wished day at most so many openings beside the wish, of another day one: more say nothing new.
MOST_BESIDE_A_DAY = 2


class OfferReason(Enum):
    """Why an opening is offered."""

    #: It is what was wished.
    EXACT = "exact"
    #: The first one after the time that was named ("after three").
    FIRST_AFTER = "first_after"
    #: The earliest of several days.
    EARLIEST = "earliest"
    #: One more that meets the wish.
    INSIDE = "inside"
    #: On the wished day, as near to the wished time as can be.
    NEAREST = "nearest"
    #: On the wished day, beside the wished hours.
    BESIDE = "beside"
    #: The wished time of day on another day.
    SAME_TIME = "same_time"
    #: On another day.
    OTHER_DAY = "other_day"
    #: As wished, but with somebody who was not asked for.
    OTHER_STAFF = "other_staff"

    @property
    def is_wished(self) -> bool:
        """Whether the opening is within what was asked for."""
        return self in (OfferReason.EXACT, OfferReason.FIRST_AFTER, OfferReason.EARLIEST, OfferReason.INSIDE)


@dataclass(frozen=True, slots=True)
class Offer:
    """An opening and why it is offered."""

    opening: Opening
    reason: OfferReason


def distance(start: datetime, window: Window, tenant: Tenant) -> tuple[bool, timedelta, datetime]:
    """Rank of a start within its day, least first: inside the wish, then by how far from the wished hours."""
    off = _off_hours(start, window, tenant)
    return (off > timedelta(0), off, start)


def is_choice(start: datetime, reason: OfferReason, chosen: list[Offer], tenant: Tenant) -> bool:
    """Whether a start adds something to what is offered already."""
    if any(abs(start - other.opening.start_at) < timedelta(minutes=OFFER_SPACING_MIN) for other in chosen):
        return False
    day = start.astimezone(tenant.zone).date()
    beside = [
        other
        for other in chosen
        if not other.reason.is_wished and other.opening.start_at.astimezone(tenant.zone).date() == day
    ]
    most = MOST_BESIDE_A_DAY if reason in (OfferReason.NEAREST, OfferReason.BESIDE) else 1
    return reason.is_wished or len(beside) < most


def reason_for(start: datetime, window: Window, chosen: list[Offer], tenant: Tenant) -> OfferReason:
    """Why a start would be offered after those chosen already."""
    if window.admits(start, tenant):
        return _reason_inside(start, window, chosen, tenant)
    day = start.astimezone(tenant.zone).date()
    first, last = (at.astimezone(tenant.zone).date() for at in (window.earliest_at, window.latest_at))
    if first <= day <= last:
        return OfferReason.NEAREST if window.is_exact else OfferReason.BESIDE
    is_same_time = window.is_exact and not _off_hours(start, window, tenant)
    return OfferReason.SAME_TIME if is_same_time else OfferReason.OTHER_DAY


def _reason_inside(start: datetime, window: Window, chosen: list[Offer], tenant: Tenant) -> OfferReason:
    if window.is_exact:
        return OfferReason.EXACT
    if any(other.reason.is_wished for other in chosen):
        return OfferReason.INSIDE
    local = start.astimezone(tenant.zone)
    if window.earliest_at.astimezone(tenant.zone).date() < window.latest_at.astimezone(tenant.zone).date():
        return OfferReason.EARLIEST
    is_after = window.not_before is not None and window.not_after is None and local.time() > window.not_before
    return OfferReason.FIRST_AFTER if is_after else OfferReason.INSIDE


def _off_hours(start: datetime, window: Window, tenant: Tenant) -> timedelta:
    """How far a start's local time of day lies outside the wished hours."""
    if window.is_exact:
        wished = window.earliest_at.astimezone(tenant.zone).time()
        low, high = _minutes(wished), _minutes(wished)
    else:
        low, high = _minutes(window.not_before or time(0)), _minutes(window.not_after or time(23, 59))
    at = _minutes(start.astimezone(tenant.zone).time())
    return timedelta(minutes=max(0, low - at, at - high))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
