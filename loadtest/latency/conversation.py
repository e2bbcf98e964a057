"""The benchmark's caller: a script followed by energy alone, with a cough or a "mm-hm" into some of the replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.caller.conversation import Conversation
from loadtest.caller.effects import Say
from loadtest.caller.onset import SpeechTracker
from loadtest.caller.record import Record
from loadtest.caller.script import BargeIn, Caller, End, Limits, Line, Scenario
from loadtest.latency.script import NOISE_AFTER_S, Noise, Step

_MS = 1_000_000
#: A noise must meet speech: the agent was heard this recently.
_SPEAKING_NS = 80 * _MS
#: An agent that fell silent at a noise may go on; so long the caller waits for it.
_GOES_ON_NS = 2500 * _MS
_CALL_S = 300.0


@dataclass(frozen=True, slots=True)
class Made:
    """A noise of the caller's.

    Attributes:
        line: the place of the line whose reply it met, from 0.
        at_ns: when it was begun.
    """

    line: int
    noise: Noise
    at_ns: int


def scenario(number: str, steps: Sequence[Step]) -> Scenario:
    """The steps as the test caller has lines.

    Args:
        number: calling number.
    """
    lines = [
        Line(say=step.says, barge_in=BargeIn(after_s=step.barges_after_s) if step.barges_after_s else None)
        for step in steps
    ]
    caller = Caller.model_validate({"from": number})
    return Scenario(name="latency", caller=caller, limits=Limits(call_s=_CALL_S), lines=lines, end=End(expect_bye=True))


class NoisyConversation(Conversation):
    """One call.

    Args:
        steps: the scenario's lines, with the noises between them.

    Attributes:
        made: the noises so far.
    """

    def __init__(self, scenario: Scenario, tracker: SpeechTracker, record: Record, steps: Sequence[Step]) -> None:
        super().__init__(scenario, tracker, record, has_ear=False)
        self._due = {line: step.noise for line, step in enumerate(steps) if step.noise is not None}
        self.made: list[Made] = []

    def _tick_listening(self, now_ns: int) -> None:
        spurts = self._spurts()
        line = len(self.scenario.lines) - self._prompter.lines_left - 1
        quiet_ns = now_ns - spurts[-1].offset_ns
        if line in self._due and quiet_ns <= _SPEAKING_NS and now_ns - spurts[0].onset_ns >= NOISE_AFTER_S * 1e9:
            noise = self._due.pop(line)
            self.made.append(Made(line, noise, now_ns))
            self._effects.append(Say(noise.value))
        is_disturbed = any(made.line == line for made in self.made)
        if not (is_disturbed and quiet_ns < _GOES_ON_NS):
            super()._tick_listening(now_ns)
