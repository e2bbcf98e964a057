"""What a call shows of a fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from loadtest.caller.onset import Spurt
from loadtest.chaos.calling import Made, Stored
from loadtest.chaos.heard import first_sound_ms, longest_pause_ms
from loadtest.chaos.plan import Kind, Pair, Target, Trial
from loadtest.chaos.telephone import Dialled
from loadtest.chaos.trial import Outcome, judged

PAIR = Pair(Target(Kind.RECOGNISER, "deepgram/nova-3", "listen"), "mute")
TRIAL = Trial(PAIR, 0, "What are your hours?", "monday")
_MS = 1_000_000


def report(*ears_ms: float | None, **more: Any) -> dict[str, Any]:
    turns = [{"response_ear_ms": ear_ms} for ear_ms in ears_ms]
    return {"turns": turns, "void": [], "failures": [], "ended_by": "agent", **more}


def made(
    written: dict[str, Any],
    said: str = "On Monday we open at eight.",
    outcome: str = "success",
    *,
    was_there: bool = True,
    heard_by: str = PAIR.target.name,
) -> Made:
    spurts = (Spurt(1500 * _MS, 2000 * _MS), Spurt(2400 * _MS, 3000 * _MS), Spurt(9000 * _MS, 9500 * _MS))
    call = {"id": "an-id", "outcome": outcome}
    timings = {"begun_by": "words", "heard_by": heard_by}
    stored = Stored(call, [{"role": "agent", "text": said, "timings": timings}])
    dialled = Dialled(written, spurts, (400 * _MS, 1000 * _MS, 8000 * _MS), was_there=was_there)
    return Made(dialled, "+15550000001", stored)


def judge(
    written: dict[str, Any], said: str = "On Monday we open at eight.", *, struck: int = 1, was_there: bool = True
) -> Outcome:
    return judged(TRIAL, made(written, said, was_there=was_there), struck)


def test_a_call_in_which_all_went_well_has_nothing_to_say() -> None:
    outcome = judge(report(600.0, 900.0, 500.0))
    assert (outcome.heard_ms, outcome.has_reply, outcome.ended_well) == (900.0, True, True)
    assert (outcome.void, outcome.sentences) == ((), ())


def test_the_pause_counts_within_the_reply_to_the_faulted_line_alone() -> None:
    assert judge(report(600.0, 900.0, 500.0)).pause_ms == 400.0


def test_an_agent_that_cuts_in_is_heard_at_once_and_a_missing_reply_never() -> None:
    assert first_sound_ms(report(-300.0), 0) == 0.0
    assert first_sound_ms(report(None), 0) is None
    assert first_sound_ms(report(600.0), 1) is None


def test_one_stretch_of_speech_has_no_pause() -> None:
    assert longest_pause_ms([Spurt(5, 9)], 0, 100) == 0.0


def test_a_fault_that_struck_nobody_does_not_count() -> None:
    assert "was not asked for anything" in " ".join(judge(report(600.0, 900.0, 500.0), struck=0).void)


def test_a_call_that_was_late_for_the_fault_does_not_count() -> None:
    assert "were further" in " ".join(judge(report(600.0, 900.0, 500.0), was_there=False).void)


def test_a_call_that_the_fault_spared_does_not_count() -> None:
    spared = judged(TRIAL, made(report(600.0, 900.0, 500.0), heard_by="local"), 4)
    assert "this call did not ask deepgram/nova-3" in " ".join(spared.void)


def test_a_call_that_was_never_stored_counts() -> None:
    outcome = judged(TRIAL, replace(made(report(600.0, None)), stored=None), 1)
    assert (outcome.void, outcome.heard_ms, outcome.has_reply) == ((), None, False)


def test_a_call_that_went_wrong_before_the_fault_does_not_count() -> None:
    outcome = judge(report(None, failures=["no reply within 8 s"]))
    assert "before the fault: no reply within 8 s" in " ".join(outcome.void)


def test_another_reply_than_was_asked_for_is_told() -> None:
    outcome = judge(report(600.0, 900.0, 500.0), "I'm having trouble hearing you.")
    assert not outcome.has_reply
    assert "no reply to 'What are your hours?'" in " ".join(outcome.sentences)


def test_a_call_that_the_caller_had_to_end_did_not_end_well() -> None:
    assert not judge(report(600.0, 900.0, 500.0, ended_by="caller")).ended_well
    assert not made(report(600.0), outcome="server").ended_well
