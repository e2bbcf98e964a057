"""Calls that must not be taken, and how the caller learns of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.call.dialler import Dialler, PendingCall
from tests.call.evening import STRANGER, UNKNOWN, Evening
from tests.call.stack import SEATS_EACH, WORKERS, CallStack, wait_until

UNSERVED, TALKING, LATE = "+15550124003", "+15550124201", "+15550124099"
SEATS = SEATS_EACH * WORKERS
_WORKERS = [f"worker-{n + 1}" for n in range(WORKERS)]


def test_a_number_nobody_owns_is_refused_at_once_and_no_agent_is_asked(stack: CallStack, evening: Evening) -> None:
    heard = evening.unknown.heard()
    assert heard.failures == []
    assert heard.status == 486
    assert UNKNOWN in stack.log_of("livekit-server"), "the log no longer names rooms by their callers"
    assert [worker for worker in _WORKERS if f"***{UNKNOWN[-2:]}" in stack.log_of(worker)] == []
    assert stack.calls(UNKNOWN) == []


def test_a_stranger_gets_no_answer_of_any_kind_and_no_room(stack: CallStack, evening: Evening) -> None:
    heard = evening.stranger.heard()
    assert heard.failures == []
    assert heard.status == 0
    assert heard.report["setup"]["pdd_ms"] is None
    assert [part for part in ("livekit-server", "livekit-sip", *_WORKERS) if STRANGER in stack.log_of(part)] == []


@pytest.fixture
def talkers(stack: CallStack, dial: Dialler) -> Iterator[PendingCall]:
    """A caller on every seat."""
    wait_until(lambda: stack.free_seats() == SEATS, "every seat is free", within_s=20.0)
    pending = dial.begin("quiet", TALKING, calls=SEATS, ear=False)
    try:
        wait_until(lambda: _answered(stack) == SEATS, "every seat has an answered call", within_s=30.0)
        wait_until(lambda: stack.free_seats() == 0, "the keeper counts no free seat", within_s=10.0)
        yield pending
    finally:
        pending.hang_up()


def test_a_caller_too_many_is_refused_at_once_and_the_others_talk_on(
    stack: CallStack, dial: Dialler, talkers: PendingCall
) -> None:
    heard = dial.begin("refused-busy", LATE, ear=False).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert stack.calls(LATE) == []
    assert _answered(stack) == SEATS
    talkers.hang_up()
    assert [other.status for other in talkers.all()] == [200] * SEATS


@pytest.fixture
def hung_workers(stack: CallStack) -> Iterator[None]:
    """Every worker stopped in its tracks, which keeps its connections open: the worst way to be gone."""
    try:
        for worker in _WORKERS:
            stack.signal(worker, signal.SIGSTOP)
        wait_until(lambda: stack.free_seats() == 0, "the keeper counts no seats", within_s=20.0)
        yield
    finally:
        for worker in _WORKERS:
            stack.signal(worker, signal.SIGCONT)


@pytest.mark.usefixtures("hung_workers")
def test_without_workers_a_caller_is_refused_at_once(stack: CallStack, dial: Dialler) -> None:
    heard = dial.begin("refused-busy", UNSERVED, ear=False).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert stack.calls(UNSERVED) == []


def _answered(stack: CallStack) -> int:
    rows = stack.rows("SELECT 1 FROM calls WHERE status = 'active' AND caller_e164 LIKE $1", TALKING[:-2] + "%")
    return len(rows)
