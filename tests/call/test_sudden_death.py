"""`kill -9`, and what a caller notices of it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local.proc import Identity, send
from tests.call.dialler import BAYVIEW, Dialler, Heard
from tests.call.evening import NOBODYS
from tests.call.stack import SEATS_EACH, WORKERS, CallStack, wait_until
from tests.call.wishes import BAYVIEW_ZONE, Day, open_thursday

UNSEEN, INTERRUPTED, AFTERWARDS = "+15550126001", "+15550126002", "+15550126003"
FORGOTTEN = "+15550126004"
SEATS = SEATS_EACH * WORKERS


@pytest.fixture
def halted_runner(stack: CallStack) -> Iterator[None]:
    """Nobody starts again what dies."""
    runner = Identity(**stack.record()["runner"])
    send(runner, signal.SIGSTOP)
    yield
    send(runner, signal.SIGCONT)


@pytest.mark.usefixtures("halted_runner")
def test_when_the_leading_keeper_is_killed_its_standby_refuses_a_wrong_number(stack: CallStack, dial: Dialler) -> None:
    leader = _leader(stack)
    stack.signal(leader, signal.SIGKILL)
    heard = dial.begin("refused-in-time", UNSEEN, to=NOBODYS, ear=False).heard()
    assert heard.failures == []
    assert heard.status == 486
    assert _leader(stack) != leader


@dataclass(frozen=True, slots=True)
class Survivors:
    """Two callers in whose calls something died."""

    day: Day
    of_a_killed_worker: Heard
    of_killed_speech_and_storage: Heard


@pytest.fixture(scope="module")
def survivors(stack: CallStack, dial: Dialler) -> Survivors:
    """One caller's worker dies with a hold; while LiveKit takes its time to notice, so do a second caller's
    recogniser, voice and database."""
    wait_until(lambda: stack.free_seats() == SEATS, "every seat is free", within_s=30)
    day = open_thursday(2)
    first = dial.begin("booking", INTERRUPTED, to=BAYVIEW, day=day.spoken, time="10 AM", patience_s="60")
    wait_until(lambda: stack.appointments(INTERRUPTED), "an opening is held for the first caller", within_s=60)
    (call,) = stack.calls(INTERRUPTED)
    stack.signal(call["worker_id"], signal.SIGKILL)
    second = dial.begin("booking", FORGOTTEN, to=BAYVIEW, day=day.spoken, time="2 PM", patience_s="30")
    wait_until(lambda: stack.appointments(FORGOTTEN), "an opening is held for the second caller", within_s=60)
    for part in ("inference", "postgres"):
        stack.signal(part, signal.SIGKILL)
    return Survivors(day, first.heard(), second.heard())


def test_a_caller_whose_worker_is_killed_hears_the_agent_again_and_books(
    stack: CallStack, survivors: Survivors
) -> None:
    heard = survivors.of_a_killed_worker
    assert heard.failures == []
    (row,) = stack.bookings(INTERRUPTED)
    assert row["start_at"] == survivors.day.at("10:00", BAYVIEW_ZONE)
    assert "10 am" in heard.turn_with("is that right")
    assert stack.ended_call(INTERRUPTED)["disposition"] == "booked"


def test_a_caller_books_although_speech_and_storage_die_in_the_middle_of_it(
    stack: CallStack, survivors: Survivors
) -> None:
    heard = survivors.of_killed_speech_and_storage
    assert heard.failures == []
    (row,) = stack.bookings(FORGOTTEN)
    assert row["start_at"] == survivors.day.at("14:00", BAYVIEW_ZONE)
    assert stack.ended_call(FORGOTTEN)["disposition"] == "booked"


@pytest.mark.parametrize("part", ["keeper-1", "worker-2"])
def test_after_one_sudden_death_make_up_is_healthy_again(stack: CallStack, part: str) -> None:
    dead = stack.signal(part, signal.SIGKILL)
    mended = stack.infra("up")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert stack.pid(part) not in (0, dead)


@pytest.mark.parametrize("parts", [("inference", "livekit-sip", "redis", "postgres")], ids=" ".join)
def test_after_sudden_deaths_make_up_mends_the_stack_and_a_call_is_answered(
    stack: CallStack, dial: Dialler, parts: tuple[str, ...]
) -> None:
    dead = {part: stack.signal(part, signal.SIGKILL) for part in parts}
    mended = stack.infra("up")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert {part: stack.pid(part) for part in parts}.items().isdisjoint(dead.items())
    wait_until(lambda: stack.free_seats() == SEATS, "every seat is free", within_s=30)
    heard = dial.begin("hangup-mid-word", AFTERWARDS).heard()
    assert heard.failures == []
    assert "how can i help" in heard.agent_said
    assert stack.ended_call(AFTERWARDS)["disposition"] == "abandoned"


def _leader(stack: CallStack) -> str:
    """The keeper that was elected last."""
    elected = [
        (json.loads(line)["timestamp"], keeper)
        for keeper in ("keeper-1", "keeper-2")
        for line in stack.log_of(keeper).splitlines()
        if '"leader.elected"' in line
    ]
    return max(elected)[1]
