"""Calls that must not be taken, and how the caller learns of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.call.dialler import Dialler, PendingCall
from tests.call.stack import SEATS_EACH, WORKERS, CallStack, wait_until

NOBODYS = "+15550109999"
UNKNOWN, STRANGER, UNSERVED, TALKING, LATE = (f"+1555012400{n}" for n in (1, 2, 3, 4, 9))
SEATS = SEATS_EACH * WORKERS
_WORKERS = [f"worker-{n + 1}" for n in range(WORKERS)]


def _requests(stack: CallStack) -> int:
    return sum(stack.log_of(worker).count("received job request") for worker in _WORKERS)


def _rooms(stack: CallStack) -> int:
    return stack.log_of("livekit-server").count('"starting RTC session"')


def test_a_number_nobody_owns_is_refused_at_once_and_no_agent_is_asked(stack: CallStack, dial: Dialler) -> None:
    before = _requests(stack)
    heard = dial.begin("refused-busy", UNKNOWN, to=NOBODYS).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert _requests(stack) == before
    assert stack.calls(UNKNOWN) == []


def test_a_stranger_gets_no_answer_of_any_kind_and_no_room(stack: CallStack, dial: Dialler) -> None:
    requests, rooms = _requests(stack), _rooms(stack)
    heard = dial.begin("refused-silently", STRANGER, local_ip="10.77.0.1").heard()
    assert heard.failures == []
    assert heard.status == 0
    assert heard.report["setup"]["pdd_ms"] is None
    assert (_requests(stack), _rooms(stack)) == (requests, rooms)


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
    wait_until(lambda: stack.free_seats() == SEATS, "every seat is free again", within_s=20.0)


@pytest.mark.usefixtures("hung_workers")
def test_without_workers_a_caller_is_refused_at_once(stack: CallStack, dial: Dialler) -> None:
    heard = dial.begin("refused-busy", UNSERVED).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert stack.calls(UNSERVED) == []


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
    wait_until(lambda: stack.free_seats() == SEATS, "every seat is free again", within_s=20.0)


def test_a_caller_too_many_is_refused_at_once_and_the_others_talk_on(
    stack: CallStack, dial: Dialler, talkers: PendingCall
) -> None:
    heard = dial.begin("refused-busy", LATE).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert stack.calls(LATE) == []
    assert _answered(stack) == SEATS
    talkers.hang_up()
    assert [other.status for other in talkers.all()] == [200] * SEATS


def _answered(stack: CallStack) -> int:
    rows = stack.rows("SELECT 1 FROM calls WHERE status = 'active' AND caller_e164 LIKE $1", TALKING[:-1] + "%")
    return len(rows)
