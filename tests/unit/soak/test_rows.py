"""The soak's judgement of what was stored, and of what grew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from loadtest.soak.draw import Wish
from loadtest.soak.leaks import Footprint, grown
from loadtest.soak.opening_hours import ZONE
from loadtest.soak.rows import differences

_WISH = Wish(
    index=0,
    service_id="cleaning",
    start_at=datetime(2026, 12, 3, 15, 30, tzinfo=ZONE),
    name="James Wilson",
    number="5550123456",
    from_number="+15550100001",
    voice="hibari",
)


def _row(**changes: Any) -> dict[str, Any]:
    start = datetime(2026, 12, 3, 20, 30, tzinfo=UTC)
    return {"service_id": "cleaning", "start_at": start, "name": "James wilson", "phone": "+15550123456"} | changes


def test_the_row_that_was_wished_has_no_differences() -> None:
    assert differences(_WISH, [_row()]) == []


def test_every_wrong_fact_is_named() -> None:
    wrong = _row(service_id="checkup", start_at=datetime(2026, 12, 3, 20, tzinfo=UTC), name="Jim", phone="+1555")
    found = differences(_WISH, [wrong])
    assert [sentence.split()[0] for sentence in found] == ["service", "start", "name", "number"]
    assert "2026-12-03T15:00:00-05:00" in found[1]


def test_no_row_and_two_rows_are_both_wrong() -> None:
    assert differences(_WISH, []) == ["0 confirmed bookings instead of 1"]
    assert differences(_WISH, [_row(), _row()]) == ["2 confirmed bookings instead of 1"]


def test_growth_is_named_and_what_shrank_is_not() -> None:
    before = Footprint({"python": 9, "postgres": 8}, {"python": 100, "postgres": 20}, udp_ports=3)
    after = Footprint({"python": 10, "postgres": 7}, {"python": 104, "postgres": 25}, udp_ports=4)
    assert grown(before, before) == []
    assert grown(before, after) == [
        "python: 10 processes, 9 before",
        "postgres: 25 open files, 20 before",
        "4 UDP ports bound, 3 before",
    ]
