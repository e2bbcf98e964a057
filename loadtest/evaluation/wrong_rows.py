"""Which rows of a diary are wrong: those that stand and that nobody wished, and those that are gone and were to stay.

Every row is given to one reason at most: the second row of one wish is wrong, and so is a stranger's that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from loadtest.evaluation.dialogue import Transcript
from loadtest.evaluation.plans import Booking
from loadtest.evaluation.pursuits import Pursuit

Row = dict[str, Any]


class Wrong(Enum):
    """How a wrong row came to be."""

    DIFFERS = "differs from what was read back"
    AGREED = "the caller said yes to a wrong read-back"
    UNASKED = "no yes was said"
    TWICE = "a wish stands twice"
    LOST = "an appointment is gone that was to stay"


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is wrong, or missing."""

    wrong: Wrong
    row: Row


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at the end, beside what was to stand.

    Attributes:
        fulfilled: pursuits, by their place, whose wish has a new row of its own.
        gone: the caller's own appointments that stand no more.
        faults: rows that are wrong, and those that are missing.
    """

    fulfilled: frozenset[int]
    gone: tuple[Booking, ...]
    faults: tuple[Fault, ...]


def compare(call: Transcript) -> Standing:
    """Give each row that stands to the reason for which it does."""
    confirmed = [row for row in call.rows if row["status"] == "confirmed"]
    old = [row for row in confirmed if not row["is_new"]]
    new = [row for row in confirmed if row["is_new"]]
    pursuits = call.caller.pursuits
    gone = tuple(own for own in call.plan.booked if _take(old, _is_booking(own)) is None)
    strangers = [_lost_stranger(*other) for other in call.plan.others if _take(old, _is_strangers(*other)) is None]
    fulfilled = frozenset(
        place for place, pursuit in enumerate(pursuits) if pursuit.wish and _take(new, _is_booking(pursuit.wish))
    )
    lost = [own for own in gone if _was_to_stay(own, call, fulfilled) and _take(new, _is_booking(own)) is None]
    wrong = [Fault(_how(row, call), row) for row in new]
    # A move that came to a wrong row has lost nothing: that row is its fault.
    misplaced = [row for row in new if not any(_is_booking(p.wish)(row) for p in pursuits if p.wish)]
    moved = [own for own in lost if _is_moving(own, call) and _take(misplaced, _is_service(own)) is not None]
    missing = [Fault(Wrong.LOST, _as_row(own)) for own in lost if own not in moved]
    return Standing(fulfilled, gone, (*wrong, *missing, *strangers))


def _take(rows: list[Row], is_it: Callable[[Row], bool]) -> Row | None:
    """The first such row, which is then nobody else's."""
    found = next((row for row in rows if is_it(row)), None)
    if found is not None:
        rows.remove(found)
    return found


def _was_to_stay(own: Booking, call: Transcript, fulfilled: frozenset[int]) -> bool:
    """Whether the appointment was not called off, and was not moved to where it was wished."""
    return not any(
        pursuit.goal.own == own and (pursuit.goal.kind == "cancel" or place in fulfilled)
        for place, pursuit in enumerate(call.caller.pursuits)
    )


def _is_moving(own: Booking, call: Transcript) -> bool:
    return any(pursuit.goal.kind == "move" and pursuit.goal.own == own for pursuit in call.caller.pursuits)


def _how(row: Row, call: Transcript) -> Wrong:
    pursuits: list[Pursuit] = call.caller.pursuits
    if any(_is_booking(pursuit.wish)(row) for pursuit in pursuits if pursuit.wish is not None):
        return Wrong.TWICE
    agreements = [each for pursuit in pursuits for each in pursuit.agreements]
    read_back = [each for each in agreements if _was_read_back(row, each.heard.starts[-1:], each.heard.service_id)]
    if not agreements:
        return Wrong.UNASKED
    return Wrong.AGREED if read_back and not read_back[-1].is_right else Wrong.DIFFERS


def _was_read_back(row: Row, starts: tuple[datetime, ...], service_id: str | None) -> bool:
    return bool(starts) and row["start"] == starts[-1].isoformat() and service_id in (None, row["service_id"])


def _is_booking(booking: Booking) -> Callable[[Row], bool]:
    """Whether a row is this appointment whole."""
    return lambda row: (
        row["service_id"] == booking.service_id
        and row["start"] == booking.start.isoformat()
        and row["phone"] == booking.phone
        and (row["name"] or "").casefold() == booking.name.casefold()
    )


def _is_strangers(service_id: str, start: datetime) -> Callable[[Row], bool]:
    return lambda row: row["service_id"] == service_id and row["start"] == start.isoformat()


def _is_service(own: Booking) -> Callable[[Row], bool]:
    return lambda row: row["service_id"] == own.service_id


def _as_row(own: Booking) -> Row:
    return {"service_id": own.service_id, "start": own.start.isoformat(), "name": own.name}


def _lost_stranger(service_id: str, start: datetime) -> Fault:
    return Fault(Wrong.LOST, {"service_id": service_id, "start": start.isoformat(), "name": None})
