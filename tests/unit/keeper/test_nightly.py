"""Which tenant's questions are run tonight."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from agent.keeping.nightly import is_due, last_night_at, next_night_at, zone_of
from agent.storage.kb_evaluations import SetStanding, Standing

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
STOOD = Standing(3, "a model", "a set")
#: Run on Tuesday evening, nothing changed since; in New York, where two o'clock is seven in UTC.
LAST_AT = datetime(2026, 1, 13, 23, 0, tzinfo=UTC)
UNCHANGED = SetStanding(
    tenant_id=uuid4(), slug="shop", timezone="America/New_York", now=STOOD,
    changed_at=datetime(2026, 1, 10, tzinfo=UTC), last=STOOD, last_run=7, last_at=LAST_AT, last_figures={},
)  # fmt: skip
EVENING = datetime(2026, 1, 14, 1, 0, tzinfo=UTC)
CHANGED = replace(UNCHANGED, now=replace(STOOD, version=4), changed_at=EVENING)
TWO = datetime(2026, 1, 14, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_what_changed_since_the_last_run_is_run_at_two_and_not_a_second_before() -> None:
    assert not is_due(CHANGED, TWO - SECOND)
    assert is_due(CHANGED, TWO)


@pytest.mark.parametrize(
    "now", [replace(STOOD, version=4), replace(STOOD, model="another"), replace(STOOD, set_sha256="another")]
)
def test_the_base_its_model_and_the_set_are_each_a_reason(now: Standing) -> None:
    assert is_due(replace(CHANGED, now=now), TWO)
    assert not is_due(replace(CHANGED, now=STOOD), TWO)


def test_it_is_run_once_a_night_whoever_ran_it() -> None:
    for last_at in (TWO, TWO + SECOND, TWO + timedelta(hours=20)):
        assert not is_due(replace(CHANGED, last_at=last_at), max(last_at, TWO) + SECOND)
    assert is_due(replace(CHANGED, last_at=TWO), TWO + timedelta(days=1))


def test_what_changes_by_day_waits_for_the_night() -> None:
    noon = TWO + timedelta(hours=10)
    changed = replace(CHANGED, changed_at=noon)
    assert not is_due(changed, noon + timedelta(hours=1))
    assert is_due(changed, TWO + timedelta(days=1))


def test_a_night_without_a_keeper_is_made_up_for_by_day() -> None:
    assert is_due(CHANGED, TWO + timedelta(hours=9))


def test_a_set_that_was_never_run_is_run_in_its_first_night() -> None:
    stored = replace(CHANGED, last=None, last_run=None, last_at=None, last_figures=None)
    assert not is_due(stored, TWO - SECOND)
    assert is_due(stored, TWO)


def test_what_nobody_touches_is_run_in_the_seventh_night() -> None:
    nights = [is_due(UNCHANGED, TWO + timedelta(days=number)) for number in range(8)]
    assert nights == [False] * 6 + [True] * 2
    assert not is_due(UNCHANGED, TWO + timedelta(days=6) - SECOND)


def test_a_base_that_is_changed_all_the_time_is_run_once_a_week_all_the_same() -> None:
    busy = [replace(CHANGED, changed_at=TWO + timedelta(days=number)) for number in range(8)]
    assert [is_due(each, each.changed_at + SECOND) for each in busy] == [True] * 8
    working = [replace(each, changed_at=each.changed_at + SECOND) for each in busy]
    assert [is_due(each, each.changed_at + SECOND) for each in working] == [False] * 6 + [True] * 2


def test_each_tenant_has_its_own_night() -> None:
    berlin = replace(CHANGED, timezone="Europe/Berlin", changed_at=LAST_AT)
    assert is_due(berlin, datetime(2026, 1, 14, 1, 0, tzinfo=UTC))
    assert not is_due(replace(CHANGED, changed_at=LAST_AT), datetime(2026, 1, 14, 1, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "night", "two_at"),
    [
        # the clock jumps from two to three: the moment of the jump
        (NEW_YORK, datetime(2026, 3, 8), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        (BERLIN, datetime(2026, 3, 29), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        # it goes back from two to one, and from three to two: the only two, and the first
        (NEW_YORK, datetime(2026, 11, 1), datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),
        (BERLIN, datetime(2026, 10, 25), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_nights_in_which_the_clock_is_changed_have_one_two_oclock(
    zone: ZoneInfo, night: datetime, two_at: datetime
) -> None:
    before_at = night.replace(tzinfo=zone).astimezone(UTC)
    minutes = [before_at + timedelta(minutes=number) for number in range(12 * 60)]
    assert {last_night_at(at, zone) for at in minutes if at >= two_at} == {two_at}
    earlier = {last_night_at(at, zone) for at in minutes if at < two_at}
    assert earlier == {last_night_at(before_at, zone)}
    assert two_at - timedelta(hours=25) <= earlier.pop() <= two_at - timedelta(hours=23)
    assert {next_night_at(at, zone) for at in minutes if at < two_at} == {two_at}
    following = next_night_at(two_at, zone)
    assert two_at + timedelta(hours=23) <= following <= two_at + timedelta(hours=25)
    assert last_night_at(following, zone) == following


@pytest.mark.parametrize(("timezone", "night"), [("America/New_York", 1), ("Europe/Berlin", 25)])
def test_a_night_of_two_two_oclocks_has_one_run(timezone: str, night: int) -> None:
    month = 11 if night == 1 else 10
    standing = replace(CHANGED, timezone=timezone)
    runs = []
    at = datetime(2026, month, night, tzinfo=UTC) - timedelta(hours=6)
    standing = replace(standing, last_at=at, changed_at=at)
    for _ in range(24 * 60):
        at += timedelta(minutes=1)
        if is_due(standing, at):
            runs.append(at)
            standing = replace(standing, last_at=at)
    assert len(runs) == 1


def test_a_document_without_a_zone_has_its_night_in_utc() -> None:
    for name in (None, "", "Mars/Phobos", "../etc/passwd"):
        assert zone_of(name) == ZoneInfo("UTC")
    assert zone_of("Europe/Berlin") == BERLIN
