"""What callers of the benchmark say, and the sounds they make."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from loadtest.caller.onset import SpeechTracker
from loadtest.caller.record import Record
from loadtest.latency.conversation import NoisyConversation, scenario
from loadtest.latency.noises import cough
from loadtest.latency.script import Noise, Wish, draw, steps
from loadtest.soak.opening_hours import ZONE

TODAY = date(2026, 11, 30)
WISH = Wish(datetime(2026, 12, 3, 9, 30, tzinfo=ZONE), "Linda Baker")
MS = 1_000_000


def test_two_calls_never_want_the_same_time_and_none_wants_one_that_is_taken() -> None:
    busy = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
    wishes = draw(40, seed=1, today=TODAY, busy=[busy])
    assert len({wish.at for wish in wishes}) == 40
    assert all(abs(wish.at - busy) >= timedelta(minutes=90) and wish.at.weekday() < 5 for wish in wishes)
    assert wishes == draw(40, seed=1, today=TODAY, busy=[busy])


def test_more_calls_than_free_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="find a free hour"):
        draw(500, seed=1, today=TODAY)


def test_eighteen_calls_are_enough_turns_barge_ins_and_noises() -> None:
    plan = steps(WISH)
    barges = sum(step.barges_after_s is not None for step in plan)
    assert 18 * (len(plan) - barges) >= 200
    assert 18 * barges >= 50
    assert min(Counter(step.noise for step in plan if step.noise).values()) * 18 * 4 >= 60


def test_times_are_said_as_people_say_them() -> None:
    said = [step.says for step in steps(WISH)]
    assert {"On Thursday.", "At 9:30 AM.", "Linda Baker."} <= set(said)
    noon = Wish(datetime(2026, 12, 3, 12, 0, tzinfo=ZONE), "Linda Baker")
    assert "At 12 PM." in [step.says for step in steps(noon)]


def test_no_noise_meets_a_reply_that_is_cut_off() -> None:
    plan = steps(WISH)
    for this, following in pairwise(plan):
        assert this.noise is None or following.barges_after_s is None


def test_a_cough_is_loud_short_and_never_quite_the_same() -> None:
    one, other = cough(1), cough(2)
    tracker = SpeechTracker()
    for begin in range(0, len(one), 160):
        tracker.feed(begin * 125_000, one[begin : begin + 160])
    assert len(tracker.spurts) == 1
    assert 0.3 < len(one) / 8000 < 1.0
    assert np.array_equal(one, cough(1))
    assert not np.array_equal(one[:500], other[:500])


class Agent:
    """The agent as the caller hears it: 20 ms of sound or of quiet at a time."""

    def __init__(self) -> None:
        self.tracker, record = SpeechTracker(), Record()
        plan = steps(WISH)
        self.caller = NoisyConversation(scenario("+15550000001", plan), self.tracker, record, plan)
        self.now_ns = 1_000 * MS
        record.answered_ns = self.now_ns
        self.caller.answered(self.now_ns)
        self.done: list[str] = []

    def passes(self, seconds: float, *, loud: bool) -> None:
        for _ in range(round(seconds * 50)):
            self.now_ns += 20 * MS
            self.tracker.feed(self.now_ns, np.full(160, 6000 if loud else 0, dtype=np.int16))
            self.caller.tick(self.now_ns)
            for effect in self.caller.take_actions():
                self.done.append(getattr(effect, "text", type(effect).__name__))

    def is_told(self) -> None:
        self.caller.sending_began(self.now_ns)
        self.passes(1.0, loud=False)
        self.caller.sending_ended(self.now_ns)


def test_a_noise_is_made_into_the_reply_and_the_next_line_waits_for_its_end() -> None:
    agent = Agent()
    agent.passes(2.0, loud=True)
    agent.passes(1.0, loud=False)
    assert agent.done == ["Where can I park?"]
    agent.is_told()
    agent.passes(1.0, loud=True)
    assert agent.done == ["Where can I park?"]
    agent.passes(1.0, loud=True)
    assert agent.done == ["Where can I park?", Noise.MM_HM.value]
    agent.passes(1.3, loud=False)  # longer than what ends a turn that nothing disturbed
    agent.passes(1.0, loud=True)
    assert len(agent.done) == 2
    agent.passes(2.7, loud=False)
    assert agent.done[2:] == ["How much is a cleaning?"]
    assert [(made.line, made.noise) for made in agent.caller.made] == [(0, Noise.MM_HM)]
