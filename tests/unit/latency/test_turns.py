"""The ear's turns find the rows that answer them, and the transport is measured on other instants than the delay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from loadtest.caller.onset import Spurt
from loadtest.caller.record import NO_REPLY, AgentTurn, Turn
from loadtest.latency.conversation import Made
from loadtest.latency.script import Noise
from loadtest.latency.stored import StoredTurn
from loadtest.latency.turns import disturbed, last_stretch, measured

SAID = "How much is a cleaning?"
#: 1 s of sound, half a second of quiet, 0.4 s of sound.
CLIP = np.concatenate([np.full(8000, 6000), np.zeros(4000), np.full(3200, 6000)]).astype(np.int16)
CLIPS = {SAID: CLIP}
IN_MS, OUT_MS, WORKER_MS, REPLY_MS = 60.0, 110.0, 250.0, 4000.0
SPOKE_S = 5000.0
ENDED_S = SPOKE_S + 1.9


def ear_turn(end_s: float = ENDED_S, *, reply: str = "answered", barged_in: bool = False) -> Turn:
    begins_s = end_s + (IN_MS + WORKER_MS + OUT_MS) / 1000
    answer = AgentTurn(round(begins_s * 1e9), round((begins_s + REPLY_MS / 1000) * 1e9))
    turn = Turn("line 1", "say", SAID, round((end_s - 1.9) * 1e9), round(end_s * 1e9), reply=reply, barged_in=barged_in)
    if reply == "answered":
        turn.reply_onset_ns, turn.answer = answer.onset_ns, answer
    return turn


def rows(end_s: float = ENDED_S, *, late_ms: float = 0.0, **more: Any) -> list[StoredTurn]:
    """As a worker stores them whose mark of the caller's end comes `late_ms` after the truth."""
    ended_at = end_s + (IN_MS + late_ms) / 1000
    timings = {
        "begun_by": "words",
        "caller_ended_at": ended_at,
        "caller_began_ms": -400.0 - late_ms,
        "committed_ms": 200.0 - late_ms,
        "sounded_ms": WORKER_MS - late_ms,
        "silent_ms": WORKER_MS + REPLY_MS - late_ms,
        "e2e_ms": 280.0,
        **more,
    }
    return [StoredTurn("caller", SAID.lower()), StoredTurn("agent", "It is $120.", timings=timings)]


def test_a_turn_is_joined_with_the_row_that_counts_from_the_end_of_its_words() -> None:
    stored = [*rows(ENDED_S - 9.0), *rows(), *rows(ENDED_S + 9.0), StoredTurn("agent", "Hello?")]
    (turn,) = measured(3, [ear_turn()], stored, CLIPS, 5000.0)
    assert turn.is_right
    assert turn.worker_ms == pytest.approx(WORKER_MS)
    assert turn.ear_ms == pytest.approx(IN_MS + WORKER_MS + OUT_MS + 60.0, abs=0.01)
    assert turn.facts == {"begun_by": "words"}


def test_the_transport_is_what_lies_between_the_two_clocks() -> None:
    (turn,) = measured(3, [ear_turn()], rows(), CLIPS, 5000.0)
    assert turn.in_ms == pytest.approx(IN_MS, abs=0.3)
    assert turn.out_ms == pytest.approx(OUT_MS, abs=0.3)


def test_a_mark_that_is_taken_late_leaves_a_residual_and_is_not_taken_for_transport() -> None:
    (turn,) = measured(3, [ear_turn()], rows(late_ms=70.0), CLIPS, 5000.0)
    assert turn.ear_ms is not None
    assert turn.worker_ms is not None
    assert turn.in_ms is not None
    assert turn.out_ms is not None
    residual_ms = turn.ear_ms - (turn.in_ms + turn.worker_ms + turn.out_ms + 60.0)
    assert residual_ms == pytest.approx(70.0, abs=0.5)


def test_a_turn_without_a_reply_is_kept_at_the_limit_and_a_barge_in_has_no_delay() -> None:
    turns = [ear_turn(reply=NO_REPLY), ear_turn(ENDED_S + 20, barged_in=True)]
    silent, barged = measured(3, turns, [], CLIPS, 5000.0)
    assert (silent.ear_ms, silent.is_answered, silent.heard) == (5060.0, False, None)
    assert barged.ear_ms is None


def test_words_that_were_heard_wrong_are_told() -> None:
    stored = [StoredTurn("caller", "how much is a ceiling"), rows()[1]]
    (turn,) = measured(3, [ear_turn()], stored, CLIPS, 5000.0)
    assert not turn.is_right


def test_the_last_stretch_of_a_clip_begins_after_its_pause() -> None:
    assert last_stretch(CLIP).onset_ns == pytest.approx(1.5e9, abs=1e6)


MADE = [Made(0, Noise.COUGH, round((ENDED_S + 1.6) * 1e9))]


def whole(turn: Turn) -> list[Spurt]:
    assert turn.answer is not None
    return [Spurt(turn.answer.onset_ns, turn.answer.offset_ns)]


def test_a_reply_that_was_heard_to_its_end_was_not_lost() -> None:
    turn = ear_turn()
    (met,) = disturbed(3, MADE, [turn], rows(), whole(turn))
    assert (met.is_lost, met.paused_ms) == (False, 0.0)


def test_a_reply_that_went_on_after_a_pause_was_not_lost() -> None:
    turn = ear_turn()
    assert turn.answer is not None
    middle = round((ENDED_S + 1.7) * 1e9)
    halves = [Spurt(turn.answer.onset_ns, middle), Spurt(middle + 1_100_000_000, turn.answer.offset_ns)]
    (met,) = disturbed(3, MADE, [turn], rows(), halves)
    assert not met.is_lost
    assert met.paused_ms == pytest.approx(1100.0)


@pytest.mark.parametrize("how", ["the record says so", "its end was not heard", "nothing is stored of it"])
def test_a_reply_that_was_not_heard_to_its_end_was_lost(how: str) -> None:
    turn, stored = ear_turn(), rows()
    if how == "the record says so":
        stored[1] = StoredTurn("agent", stored[1].text, True, stored[1].timings)
    elif how == "its end was not heard":
        assert turn.answer is not None
        turn.answer.offset_ns -= 600_000_000
    else:
        stored = []
    (met,) = disturbed(3, MADE, [turn], stored, whole(turn))
    assert met.is_lost
