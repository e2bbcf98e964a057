"""A turn's marks are those of the words that counted and of the reply that was heard."""

from __future__ import annotations

from typing import Any

import numpy as np
from livekit.agents import stt
from livekit.agents.language import LanguageCode

from agent.dialogue.line_out import LineOut
from agent.dialogue.playback import Making, Playback
from agent.dialogue.proposal import Proposal
from agent.dialogue.turn_marks import RATE_HZ, TurnMarks
from agent.domain.call import new_call
from agent.domain.events import Said
from agent.domain.facts import Facts, Step, Wish
from agent.providers.chain_stream import HEARD_BY

RATE_OUT_HZ = 24_000
VOICE = (np.ones(RATE_HZ // 50) * 6000).astype(np.int16).tobytes()
QUIET = bytes(len(VOICE))
SPOKEN = (np.ones(RATE_OUT_HZ // 50) * 6000).astype(np.int16).tobytes()


class Call:
    """A clock, a line whose playback is set by hand, and what follows them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.line = LineOut()
        self.marks = TurnMarks(self.line, lambda: self.now)

    def caller_speaks(self, seconds: float = 1.0) -> None:
        for frame in [VOICE] * int(seconds * 50) + [QUIET]:
            self.now += 0.02
            self.marks.sound(frame)

    def told(self, text: str, kind: stt.SpeechEventType, **metadata: str) -> None:
        data = stt.SpeechData(LanguageCode("en"), text, metadata=dict(metadata))
        self.marks.words(stt.SpeechEvent(kind, alternatives=[data]))

    def adopt(self, text: str, *, ready_at: float, step: Step = Step.GRAMMAR) -> None:
        self.marks.turn_over(text)
        said = Said(Facts(wishes=frozenset({Wish.BOOK}), step=step))
        self.marks.adopted(Proposal(text, 0, said, new_call(None), (), (), ready_at=ready_at))

    def play(self, making: Making | None = None) -> None:
        self.line.playback = Playback(RATE_OUT_HZ, self.now, making)
        self.marks.sounds()
        for index in range(10):
            self.line.playback.sound.push(SPOKEN, self.now + index * 0.02)


PREFLIGHT = stt.SpeechEventType.PREFLIGHT_TRANSCRIPT
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT


async def answered_turn(call: Call) -> dict[str, Any]:
    call.caller_speaks()
    spoke_until = call.now - 0.02
    call.now = spoke_until + 0.1
    call.told("Book a cleaning.", PREFLIGHT, **{HEARD_BY: "deepgram/flux"})
    call.now = spoke_until + 0.2
    call.told("book a cleaning", FINAL)
    call.marks.judged("Book a cleaning.", True)
    call.adopt("book a cleaning", ready_at=spoke_until + 0.11)
    call.now = spoke_until + 0.25
    call.play(Making(spoke_until + 0.12, spoke_until + 0.18, "local", True))
    return call.marks.answered(is_whole=True)


async def test_marks_count_from_the_callers_last_sound() -> None:
    timings = await answered_turn(Call())
    assert timings["caller_ended_at"] == 1001.0
    assert timings["caller_began_ms"] == -1000.0
    stages = ("words_ms", "understood_ms", "committed_ms", "text_ms", "audio_ms", "captured_ms", "sounded_ms")
    assert [timings[stage] for stage in stages] == [100.0, 110.0, 200.0, 120.0, 180.0, 250.0, 250.0]
    assert timings["silent_ms"] == 450.0


async def test_facts_of_the_turn_are_kept_with_its_marks() -> None:
    timings = await answered_turn(Call())
    facts = {name: value for name, value in timings.items() if not name.endswith(("_ms", "_at"))}
    assert facts == {
        "begun_by": "words",
        "heard_by": "deepgram/flux",
        "understood_by": "grammar",
        "spoken_by": "local",
        "is_plain": True,
        "asked_model": False,
        "is_cached": True,
    }


async def test_voices_that_failed_before_one_spoke_are_named() -> None:
    call = Call()
    call.caller_speaks()
    call.adopt("book a cleaning", ready_at=call.now)
    call.play(Making(call.now, call.now, "local", False, ("elevenlabs/flash", "deepgram/aura-2")))
    assert call.marks.answered(is_whole=True)["not_spoken_by"] == "elevenlabs/flash, deepgram/aura-2"


async def test_words_are_settled_when_the_last_change_to_them_is_told() -> None:
    call = Call()
    call.caller_speaks()
    call.told("Book", FINAL)
    call.now += 0.3
    call.told("a cleaning", PREFLIGHT)
    settled_at = call.now
    call.now += 0.1
    call.told("a cleaning", FINAL)
    call.adopt("Book a cleaning", ready_at=call.now)
    call.play()
    timings = call.marks.answered(is_whole=True)
    assert timings["words_ms"] == round((settled_at - 1001.0) * 1000, 1)


async def test_words_that_were_judged_before_they_changed_are_not_plainly_complete() -> None:
    call = Call()
    call.caller_speaks()
    call.marks.judged("book", True)
    call.adopt("book a cleaning", ready_at=call.now)
    call.play()
    assert call.marks.answered(is_whole=True)["is_plain"] is False


async def test_speech_that_no_words_began_says_what_did_and_has_no_marks() -> None:
    call = Call()
    for cause in ("keys", "silence", "cut_in"):
        call.marks.begun_by(cause)  # type: ignore[arg-type]
        call.play()
        assert call.marks.answered(is_whole=True) == {"begun_by": cause}
    fresh = Call()
    fresh.play()
    assert fresh.marks.answered(is_whole=True) == {"begun_by": "event"}


async def test_who_was_cut_in_on_is_answered_late_and_not_counted_once() -> None:
    call = Call()
    call.caller_speaks()
    call.marks.begun_by("cut_in")
    call.play()
    assert call.marks.answered(is_whole=True) == {"begun_by": "cut_in"}
    call.adopt("I cannot breathe", ready_at=call.now)
    call.play()
    assert call.marks.answered(is_whole=True) == {"begun_by": "cut_in"}
    assert (await answered_turn(call))["begun_by"] == "words"


async def test_a_word_of_patience_is_what_the_caller_hears_first() -> None:
    call = Call()
    call.caller_speaks()
    call.told("do you take insurance", FINAL)
    call.marks.turn_over("do you take insurance")
    call.now += 0.7
    call.play()
    heard_at = call.now
    call.now += 2.0
    proposal = Proposal("", 0, Said(Facts(step=Step.MODEL)), new_call(None), (), (), ready_at=call.now)
    call.marks.adopted(proposal)
    call.play()
    timings = call.marks.answered(is_whole=True)
    assert timings["is_patience"] is True
    assert timings["sounded_ms"] == round((heard_at - 1001.0) * 1000, 1)


async def test_a_reply_that_was_cut_off_does_not_say_when_it_ended() -> None:
    call = Call()
    call.caller_speaks()
    call.adopt("book", ready_at=call.now)
    call.play()
    assert "silent_ms" not in call.marks.answered(is_whole=False)


async def test_a_model_that_was_asked_is_told_of_the_turn_that_asked_it_alone() -> None:
    call = Call()
    requests = 1
    call.marks.model_requests = lambda: requests
    assert (await answered_turn(call))["asked_model"] is True
    call.now += 5.0
    call.caller_speaks()
    call.adopt("yes", ready_at=call.now)
    call.play()
    assert call.marks.answered(is_whole=True)["asked_model"] is False
