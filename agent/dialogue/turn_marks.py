"""When what happened between the caller's last sound and our first one, turn by turn.

Marks are taken where things happen. Stages overlap, because a reply is worked out and spoken on speculation: a mark
says when something was there, not how long it took. `docs/latency.md` tells how a budget is made of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from livekit.agents import stt

from agent.dialogue.line_out import LineOut
from agent.dialogue.playback import Playback
from agent.dialogue.proposal import Proposal
from agent.dialogue.sound_edges import SoundEdges
from agent.domain.facts import Facts
from agent.providers.chain_stream import HEARD_BY
from agent.providers.pause import PauseDetector

Cause = Literal["words", "keys", "silence", "cut_in", "event"]
#: Of the caller's audio, as the session asks LiveKit for it.
RATE_HZ = 16_000
_TOLD = (stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, stt.SpeechEventType.FINAL_TRANSCRIPT)


@dataclass(slots=True)
class _Turn:
    """The caller's turn that waits for its answer. Times by time.time(), 0 before it happened."""

    began_at: float
    ended_at: float
    words_at: float
    heard_by: str
    is_plain: bool
    understood_at: float = 0.0
    committed_at: float = 0.0
    understood_by: str = ""
    asked_model: bool = False
    answer: Playback | None = None


class TurnMarks:
    """Follows one call.

    Args:
        line: where our speech leaves.
        clock: Unix time in seconds.

    Attributes:
        model_requests: how often a language model has been asked in this call.
    """

    def __init__(self, line: LineOut, clock: Callable[[], float] = time.time) -> None:
        self._line = line
        self._clock = clock
        self._caller = SoundEdges(RATE_HZ, PauseDetector(RATE_HZ))
        self._finals = ""
        self._words: list[str] = []
        self._words_at = 0.0
        self._heard_by = ""
        self._judged: tuple[list[str], bool] = ([], False)
        self._cause: Cause = "event"
        self._is_cut_in = False
        self._turn: _Turn | None = None
        self._requests = 0
        self._answered_at = 0.0
        self.model_requests: Callable[[], int] = lambda: 0

    def sound(self, pcm: bytes) -> None:
        """The caller's audio as it comes, mono int16 at RATE_HZ: its last sample sounds now."""
        self._caller.push(pcm, self._clock() - len(pcm) / 2 / RATE_HZ)

    @property
    def silent_since(self) -> float | None:
        """The turn's last sound, Unix time in seconds; None where it had none that is loud enough to be told."""
        turn = self._turn
        return turn.ended_at if turn is not None and turn.ended_at > self._answered_at else None

    def words(self, event: stt.SpeechEvent) -> None:
        """What the recogniser tells: words are settled when nothing that is told later changes them."""
        if event.type not in _TOLD or not event.alternatives:
            return
        text = f"{self._finals} {event.alternatives[0].text}"
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            self._finals = text
        if (words := _plain(text)) != self._words:
            self._words, self._words_at = words, self._clock()
        self._heard_by = (event.alternatives[0].metadata or {}).get(HEARD_BY, self._heard_by)

    def judged(self, text: str, is_over: bool) -> bool:
        """Whether these words plainly finish the turn; the same is returned."""
        self._judged = (_plain(text), is_over)
        return is_over

    def turn_over(self, text: str) -> None:
        """The caller's turn has ended with these words; what follows from them is worked out or was."""
        judged, is_over = self._judged
        is_plain = is_over and judged == _plain(text)
        caller, words_at = self._caller, self._words_at
        self._finals, self._words, self._words_at = "", [], 0.0
        self._cause = "cut_in" if self._is_cut_in else "words"
        self._turn = None if self._is_cut_in else _Turn(
            caller.began_at, caller.ended_at, words_at, self._heard_by, is_plain
        )  # fmt: skip
        self._is_cut_in = False

    def adopted(self, proposal: Proposal) -> None:
        """Its reply counts."""
        if (turn := self._turn) is None:
            return
        turn.committed_at = self._clock()
        turn.understood_at = proposal.ready_at
        turn.understood_by = _step(proposal.facts)
        asked = self.model_requests()
        turn.asked_model, self._requests = asked > self._requests, asked

    def begun_by(self, cause: Cause) -> None:
        """We are about to speak for another reason than the caller's words; who is cut in on is answered late."""
        self._turn, self._cause = None, cause
        self._is_cut_in = self._is_cut_in or cause == "cut_in"

    def sounds(self) -> None:
        """Our speech has begun to leave."""
        if self._turn is not None and self._turn.answer is None:
            self._turn.answer = self._line.playback
            self._answered_at = self._clock()

    def answered(self, *, is_whole: bool) -> dict[str, float | str]:
        """The marks of the reply that has ended: milliseconds from the caller's last sound, and facts.

        Args:
            is_whole: nobody cut it off, so that its end is what was heard last.
        """
        turn, cause = self._turn, self._cause
        self._turn, self._cause = None, "event"
        if turn is None or turn.answer is None:
            return {"begun_by": cause}
        return {"begun_by": cause} | _facts(turn) | _marks(turn, self._line.playback if is_whole else None)


def _facts(turn: _Turn) -> dict[str, float | str]:
    assert turn.answer is not None
    making = turn.answer.making
    named = {
        "heard_by": turn.heard_by,
        "understood_by": turn.understood_by,
        "spoken_by": "" if making is None else making.spoken_by,
        "not_spoken_by": "" if making is None else ", ".join(making.failed),
    }
    facts: dict[str, float | str] = {name: value for name, value in named.items() if value}
    facts |= {"is_plain": turn.is_plain, "asked_model": turn.asked_model}
    if turn.committed_at == 0.0 or turn.answer.began_at < turn.committed_at:
        facts["is_patience"] = True  # what was heard first was a word of patience, not yet the reply
    if making is not None and making.is_cached is not None:
        facts["is_cached"] = making.is_cached
    return facts


def _marks(turn: _Turn, last: Playback | None) -> dict[str, float | str]:
    """In milliseconds from `caller_ended_at`, which is Unix time in seconds; what did not happen is left out."""
    assert turn.answer is not None
    making = turn.answer.making
    at = {
        "caller_began_ms": turn.began_at,
        "words_ms": turn.words_at,
        "understood_ms": turn.understood_at,
        "committed_ms": turn.committed_at,
        "text_ms": 0.0 if making is None else making.text_at,
        "audio_ms": 0.0 if making is None else making.audio_at,
        "captured_ms": turn.answer.began_at,
        "sounded_ms": turn.answer.sound.first_at,
        "silent_ms": 0.0 if last is None else last.sound.ended_at,
    }
    if turn.ended_at == 0.0:  # words without a sound loud enough: there is nothing to count from
        return {}
    marks: dict[str, float | str] = {"caller_ended_at": round(turn.ended_at, 4)}
    return marks | {name: round((when - turn.ended_at) * 1000, 1) for name, when in at.items() if when}


def _step(facts: Facts | None) -> str:
    return facts.step.value if facts is not None and facts.is_understood else ""


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
