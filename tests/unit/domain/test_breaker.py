"""A breaker opens on a share of failures, a burst or a refusal, and only a probe closes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from agent.domain.breaker import (
    BURST,
    BURST_S,
    FIRST_OPEN_S,
    LEAST_ATTEMPTS,
    LONGEST_OPEN_S,
    OF_CALLERS,
    OF_PROBES,
    PROBE_LEASE_S,
    TABLE,
    WINDOW_S,
    Breaker,
    Cause,
    Happening,
    Standing,
    after,
    is_due,
    recent,
)
from agent.domain.errors import Blame

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CLOSED, HALF_OPEN, OPEN = Standing.CLOSED, Standing.HALF_OPEN, Standing.OPEN

#: Where each happening leads when it comes alone, from each standing.
LEADS_TO = {
    Happening.SUCCEEDED: {CLOSED: CLOSED, HALF_OPEN: HALF_OPEN, OPEN: OPEN},
    Happening.FAILED: {CLOSED: CLOSED, HALF_OPEN: HALF_OPEN, OPEN: OPEN},
    Happening.REFUSED: {CLOSED: CLOSED, HALF_OPEN: HALF_OPEN, OPEN: OPEN},
    Happening.PROBE_CLAIMED: {CLOSED: CLOSED, HALF_OPEN: HALF_OPEN, OPEN: HALF_OPEN},
    Happening.PROBE_SUCCEEDED: {CLOSED: CLOSED, HALF_OPEN: CLOSED, OPEN: CLOSED},
    Happening.PROBE_FAILED: {CLOSED: CLOSED, HALF_OPEN: OPEN, OPEN: OPEN},
    Happening.PROBE_REFUSED: {CLOSED: OPEN, HALF_OPEN: OPEN, OPEN: OPEN},
    Happening.RESET: {CLOSED: CLOSED, HALF_OPEN: CLOSED, OPEN: CLOSED},
}


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(*happenings: tuple[Happening, float], breaker: Breaker | None = None) -> Breaker:
    breaker = breaker or Breaker()
    for happening, seconds in happenings:
        breaker = after(breaker, happening, at(seconds), "reason")
    return breaker


def opened() -> Breaker:
    return told((Happening.PROBE_REFUSED, 0))


def standing_in(standing: Standing) -> Breaker:
    return {
        CLOSED: Breaker(),
        OPEN: opened(),
        HALF_OPEN: told((Happening.PROBE_CLAIMED, FIRST_OPEN_S), breaker=opened()),
    }[standing]


def test_every_happening_is_provided_for_in_every_standing() -> None:
    assert set(TABLE) == set(product(Standing, Happening))
    assert set(LEADS_TO) == set(Happening)


@pytest.mark.parametrize(("standing", "happening"), list(product(Standing, Happening)))
def test_each_happening_leads_where_it_should(standing: Standing, happening: Happening) -> None:
    now = told((happening, 20), breaker=standing_in(standing))
    assert now.standing is LEADS_TO[happening][standing]
    assert now.is_left_alone is (now.standing is not CLOSED)


def test_every_blame_is_told_to_a_breaker_and_only_the_clients_is_a_refusal() -> None:
    assert set(OF_CALLERS) == set(OF_PROBES) == set(Blame)
    assert [blame for blame, what in OF_CALLERS.items() if what is Happening.REFUSED] == [Blame.CLIENT]
    assert [blame for blame, what in OF_PROBES.items() if what is Happening.PROBE_REFUSED] == [Blame.CLIENT]
    assert [blame for blame, what in OF_CALLERS.items() if what is Happening.SUCCEEDED] == [Blame.SUCCESS]


def test_a_burst_of_failures_in_a_row_opens() -> None:
    early = told(*[(Happening.FAILED, each) for each in range(BURST - 1)])
    assert early.standing is CLOSED
    now = told((Happening.FAILED, BURST_S), breaker=early)
    assert (now.standing, now.cause, now.reason, now.since_at) == (OPEN, Cause.BURST, "reason", at(BURST_S))


def test_failures_further_apart_are_no_burst() -> None:
    assert told(*[(Happening.FAILED, each * BURST_S) for each in range(BURST)]).standing is CLOSED


def test_a_success_between_failures_ends_their_row_even_when_it_is_told_late() -> None:
    assert (
        told((Happening.FAILED, 1), (Happening.FAILED, 2), (Happening.SUCCEEDED, 3), (Happening.FAILED, 4)).standing
        is CLOSED
    )
    late = told((Happening.FAILED, 1), (Happening.FAILED, 3), (Happening.SUCCEEDED, 2), (Happening.FAILED, 4))
    assert (late.standing, len(late.in_a_row)) == (CLOSED, 2)
    before = told((Happening.FAILED, 2), (Happening.FAILED, 3), (Happening.SUCCEEDED, 1), (Happening.FAILED, 4))
    assert before.standing is OPEN


def alternating(failures: int, successes: int) -> list[tuple[Happening, float]]:
    """Never a burst: far apart, and spread over less than the window."""
    kinds = [Happening.FAILED] * failures + [Happening.SUCCEEDED] * successes
    return [(kind, place * 25.0) for place, kind in enumerate(kinds)]


def test_more_than_half_of_enough_attempts_failing_opens() -> None:
    half = told(*reversed_in_time(alternating(5, 5)))
    assert (half.standing, recent(half, at(250))) == (CLOSED, (10, 5))
    more = told(*reversed_in_time(alternating(6, 4)))
    assert (more.standing, more.cause) == (OPEN, Cause.RATE)
    assert told(*reversed_in_time(alternating(LEAST_ATTEMPTS - 1, 0))).standing is CLOSED


def reversed_in_time(happenings: list[tuple[Happening, float]]) -> list[tuple[Happening, float]]:
    """The successes first, so that the last to be told is a failure."""
    times = [seconds for _, seconds in happenings]
    return list(zip([kind for kind, _ in reversed(happenings)], times, strict=True))


def test_attempts_are_forgotten_after_the_window() -> None:
    now = told(*[(Happening.FAILED, place * 25.0) for place in range(9)])
    assert recent(now, at(225)) == (9, 9)
    assert recent(now, at(WINDOW_S + 250)) == (0, 0)
    later = told((Happening.FAILED, WINDOW_S + 250), breaker=now)
    assert (later.standing, len(later.buckets)) == (CLOSED, 1)


def test_it_is_probed_when_its_time_has_come_and_by_one_at_a_time() -> None:
    now = opened()
    assert not is_due(now, at(FIRST_OPEN_S - 1))
    assert is_due(now, at(FIRST_OPEN_S))
    probed = told((Happening.PROBE_CLAIMED, FIRST_OPEN_S), breaker=now)
    assert not is_due(probed, at(FIRST_OPEN_S + PROBE_LEASE_S - 1))
    assert is_due(probed, at(FIRST_OPEN_S + PROBE_LEASE_S))


def test_each_failed_probe_doubles_the_wait_up_to_five_minutes() -> None:
    now, waits, seconds = opened(), [], 0.0
    for _ in range(7):
        waits.append(now.open_s)
        seconds += now.open_s
        now = told((Happening.PROBE_CLAIMED, seconds), (Happening.PROBE_FAILED, seconds + 1), breaker=now)
        seconds += 1
        assert now.due_at == at(seconds + now.open_s)
    assert waits == [15, 30, 60, 120, 240, LONGEST_OPEN_S, LONGEST_OPEN_S]
    assert (now.since_at, now.cause) == (at(0), Cause.PROBE)


def test_a_probe_that_came_back_after_its_lease_changes_nothing_for_the_worse() -> None:
    decided = told(
        (Happening.PROBE_CLAIMED, 15), (Happening.PROBE_CLAIMED, 30), (Happening.PROBE_FAILED, 31), breaker=opened()
    )
    assert told((Happening.PROBE_FAILED, 32), breaker=decided).due_at == decided.due_at


def test_once_closed_it_starts_from_nothing_but_soon_again_it_stays_open_longer() -> None:
    closed = told((Happening.PROBE_CLAIMED, 15), (Happening.PROBE_SUCCEEDED, 16), breaker=opened())
    assert (closed.buckets, closed.in_a_row, closed.due_at) == ((), (), None)
    assert told((Happening.PROBE_REFUSED, 60), breaker=closed).open_s == 2 * FIRST_OPEN_S
    assert told((Happening.PROBE_REFUSED, 16 + WINDOW_S), breaker=closed).open_s == FIRST_OPEN_S
    by_hand = told((Happening.RESET, 17), breaker=opened())
    assert told((Happening.PROBE_REFUSED, 18), breaker=by_hand).open_s == FIRST_OPEN_S


def test_a_closed_one_is_probed_only_when_asked_for_and_nothing_was_heard_of_it() -> None:
    heard = told((Happening.SUCCEEDED, 0))
    assert not is_due(heard, at(10_000))
    assert not is_due(heard, at(59), idle_s=60)
    assert is_due(heard, at(60), idle_s=60)
    assert is_due(Breaker(), at(0), idle_s=60)
    claimed = told((Happening.PROBE_CLAIMED, 60), breaker=heard)
    assert not is_due(claimed, at(61), idle_s=60)
    assert is_due(claimed, at(60 + PROBE_LEASE_S), idle_s=60)


def test_what_a_provider_said_is_kept_short() -> None:
    assert len(after(Breaker(), Happening.PROBE_REFUSED, NOON, "x" * 5000).reason) == 200
