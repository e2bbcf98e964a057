"""A call whose words are decided as it goes: the scripted caller's conversation with a simulated caller's mind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from loadtest.caller.conversation import Conversation
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.prompter import Cue
from loadtest.caller.record import Record
from loadtest.caller.script import Action, Scenario
from loadtest.evaluation.caller import Act
from loadtest.voice_evaluation.mind import Mind
from loadtest.voice_evaluation.spelling import speakable

_MS = 1_000_000
#: After words that ask for nothing ("one moment") the agent may go on; so long nobody answers them.
_UNCLEAR_NS = 3500 * _MS
#: He cuts in into speech: the agent was heard this recently.
_SPEAKING_NS = 80 * _MS
_READ_BACK = r"^(?:\w+ ){0,3}so that's .*\d (?:am|pm)\b"


@dataclass(frozen=True, slots=True)
class _Decision:
    """What he is about to do.

    Attributes:
        until_ns: end of the words it answers; None when he cuts in.
        words: as the voice is to say them; None when he hangs up.
    """

    act: Act
    until_ns: int | None
    words: str | None


class Speaking(Protocol):
    """Makes speech of words while the call goes on; see `loadtest.voice_evaluation.mouth`."""

    def prepare(self, text: str) -> None:
        """Begin."""
        ...

    def is_ready(self, text: str) -> bool:
        """Whether it can be said now."""
        ...


class LiveConversation(Conversation):
    """One call.

    Args:
        scenario: of its limits; it has no lines.
        mouth: its clips are those the call plays.
    """

    def __init__(self, scenario: Scenario, tracker: SpeechTracker, record: Record, mind: Mind, mouth: Speaking) -> None:
        super().__init__(scenario, tracker, record)
        self._mind = mind
        self._mouth = mouth
        self._decision: _Decision | None = None
        self._turns = 0

    def _tick_listening(self, now_ns: int) -> None:
        spurts = self._spurts()
        until_ns, quiet_ns = spurts[-1].offset_ns, now_ns - spurts[-1].offset_ns
        if self._decision is not None and self._decision.until_ns not in (None, until_ns):
            self._mind.unsay()
            self._decision = None
        if self._decision is None:
            self._listening.pause(spurts, quiet_ns, closely=True)
            self._decision = self._cutting_in(spurts, quiet_ns, now_ns) or self._answering(spurts, quiet_ns, now_ns)
        if self._decision is not None:
            self._carry_out(self._decision, spurts, quiet_ns)

    def _answering(self, spurts: list[Spurt], quiet_ns: int, now_ns: int) -> _Decision | None:
        """What he makes of words that have ended."""
        if quiet_ns < self.scenario.limits.silence_ms * _MS or not self._listening.knows(spurts):
            return None
        readings = self._listening.readings
        if quiet_ns < _UNCLEAR_NS and not self._mind.is_clear(readings):
            return None
        return self._decided(self._mind.hear(readings, now_ns), spurts[-1].offset_ns)

    def _cutting_in(self, spurts: list[Spurt], quiet_ns: int, now_ns: int) -> _Decision | None:
        """What he says into a read-back that he knows for one."""
        if not self._mind.may_cut_in or quiet_ns > _SPEAKING_NS:
            return None
        if self._listening.glance([_READ_BACK], spurts, now_ns) is None:
            return None
        act = self._mind.cut_in(self._listening.readings[0])
        return self._decided(act, None) if act is not None else None

    def _decided(self, act: Act, until_ns: int | None) -> _Decision:
        words = speakable(act.utterance.text) if act.utterance is not None else None
        if words is not None:
            self._mouth.prepare(words)
        return _Decision(act, until_ns, words)

    def _carry_out(self, decision: _Decision, spurts: list[Spurt], quiet_ns: int) -> None:
        if decision.words is None:
            self._listening.close(spurts, matched=None)
            self._leave()
        elif self._mouth.is_ready(decision.words):
            self._turns += 1
            is_barge = decision.until_ns is None and quiet_ns <= _SPEAKING_NS
            cue = Cue(Action(say=decision.words), f"turn {self._turns}", None)
            self._act(cue, spurts, barged_in=is_barge)
            self._decision = None
