"""What a tenant's document says about times takes effect in the openings that are found."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from agent.bootstrap.tenant_document import tenant_from_json
from agent.domain.busy import Interval
from agent.domain.facts import When
from agent.domain.lines import LineKey as K
from agent.domain.openings import Opening, window_for
from agent.domain.search import find_openings
from agent.domain.tenant import Tenant
from tests.unit.domain.desk import NOW, Desk

#: NOW is the Saturday before, 11 AM.
WEDNESDAY = date(2026, 11, 25)
RIVERSIDE = Path("infra/local/tenants/riverside-dental.yaml")


def tenant_with(staff: dict[str, Any] | None = None, service: dict[str, Any] | None = None, **fields: Any) -> Tenant:
    """The practice with Dr. Lee alone, and these fields of hers, of the cleaning and of the whole document."""
    document = yaml.safe_load(RIVERSIDE.read_text(encoding="utf-8"))
    document["staff"] = [document["staff"][0] | (staff or {})]
    document["services"][0] |= service or {}
    return tenant_from_json(document | fields)


def openings(tenant: Tenant, busy: dict[Any, list[Interval]] | None = None, at: time | None = None) -> list[Opening]:
    window = window_for(When(WEDNESDAY, WEDNESDAY, at=at), tenant)
    assert window is not None
    return [offer.opening for offer in find_openings(tenant, "cleaning", window, busy or {}, now=NOW)]


def starts(tenant: Tenant, busy: dict[Any, list[Interval]] | None = None) -> list[str]:
    return [f"{each.start_at.astimezone(tenant.zone):%a %H:%M}" for each in openings(tenant, busy)]


def test_own_hours_of_staff_hold_within_those_of_the_business() -> None:
    assert starts(tenant_with()) == ["Wed 08:00", "Wed 09:00", "Wed 10:00"]
    own = tenant_with({"hours": {"wednesday": ["07:00-08:45", "15:00-16:00"]}})
    assert starts(own) == ["Wed 08:00", "Wed 15:00", "Wed 08:00"], "this Wednesday, and the next one"


def test_a_day_off_has_no_openings_and_one_with_other_hours_has_those() -> None:
    off = {"date": "2026-11-25"}
    assert not [start for start in starts(tenant_with({"time_off": [off]})) if start.startswith("Wed")]
    late = tenant_with({"time_off": [off | {"hours": ["16:00-17:00"]}]})
    assert starts(late)[0] == "Wed 16:00"


def test_buffers_on_both_sides_keep_their_distance_from_what_is_booked() -> None:
    plain = tenant_with()
    (taken,) = openings(plain, at=time(12))
    busy = {taken.staff_id: [(taken.start_at, taken.end_at)]}  # from 12:00 to 12:45
    assert [each.start_at for each in openings(plain, busy, at=time(12, 45))] == [taken.end_at]
    driving = tenant_with(service={"buffer_before_min": 30, "buffer_min": 15})
    assert openings(driving, busy, at=time(12, 45))[0].start_at != taken.end_at
    (after,) = openings(driving, busy, at=time(13, 15))
    assert after.busy_from == taken.end_at
    assert not openings(driving, busy, at=time(11, 15))[0].busy_to > taken.start_at


def test_a_capacity_of_two_takes_two_customers_at_a_time_and_no_third() -> None:
    two = tenant_with({"capacity": 2})
    (first,) = openings(two, at=time(12))
    busy = {first.staff_id: [(first.busy_from, first.busy_to)]}
    (second,) = openings(two, busy, at=time(12))
    assert second.start_at == first.start_at
    assert second.staff_id != first.staff_id
    busy[second.staff_id] = [(second.busy_from, second.busy_to)]
    assert first.start_at not in [each.start_at for each in openings(two, busy, at=time(12))]


def test_nothing_is_found_beyond_the_days_ahead() -> None:
    window = window_for(When(date(2026, 11, 24), date(2026, 12, 24)), tenant_with())
    assert window is not None
    for days, last in ((3, 24), (5, 26)):
        tenant = tenant_with(max_days_ahead=days)
        full = {tenant.staff[0].id: [(window.earliest_at, window.earliest_at + timedelta(days=days - 3, hours=12))]}
        found = find_openings(tenant, "cleaning", window, full, now=NOW)
        assert {each.opening.start_at.astimezone(tenant.zone).day for each in found} == {last}


def test_the_last_of_the_days_ahead_can_be_booked_at_any_hour() -> None:
    desk = Desk(tenant=tenant_with(max_days_ahead=4))
    desk.answer()
    assert desk.hear("A cleaning on Wednesday at 4.") == [K.HELD, K.ASK_NAME]
    assert desk.hear("No, Thursday.") == [K.TIME_IS_TOO_FAR]
