"""What is measured of each turn, by LiveKit's clock and ours."""

from __future__ import annotations

from livekit.agents import llm

from agent.dialogue.line_out import LineOut
from agent.dialogue.overlap import Overlap
from agent.dialogue.turn_marks import TurnMarks
from agent.storage.calls import Timing

#: LiveKit's names and ours; docs/glossary.md says what they mean.
_NAMES = {
    "e2e_latency": "e2e_ms",
    "llm_node_ttft": "rules_ms",
    "tts_node_ttfb": "first_audio_ms",
    "playback_latency": "playback_ms",
    "end_of_turn_delay": "end_of_turn_ms",
    "transcription_delay": "transcription_ms",
}


class TurnTimings:
    """Follows one call; a caller's figures go to the turn that answers them.

    Attributes:
        latencies_ms: of every reply that had one.
        marks: when what happened.
    """

    def __init__(self, line: LineOut) -> None:
        self._line = line
        self._overlap = Overlap()
        self.marks = TurnMarks(line)
        self._caller_ms: dict[str, float] = {}
        self._is_cut_in = False
        self._was_cut_in = False
        self.latencies_ms: list[float] = []

    def caller_began(self, at: float) -> None:
        """The caller began to speak, by time.time()."""
        self._overlap.caller_began(at)

    def caller_ended(self, message: llm.ChatMessage) -> None:
        """The caller's turn is over."""
        self._caller_ms = _of(message) | self._stop_ms()
        if self._is_cut_in:
            self._caller_ms.pop("end_of_turn_ms", None)
        self._was_cut_in, self._is_cut_in = self._is_cut_in, False

    def cutting_in(self) -> None:
        """We speak over the caller: what they stopped is counted now, and how late the turn's reply is not at all."""
        self._caller_ms = self._stop_ms()
        self._is_cut_in = True
        self.marks.begun_by("cut_in")

    def pressed(self) -> None:
        """Of speech that a key ended, and of tones taken for speech, nothing is counted."""
        self._stop_ms()
        self.marks.begun_by("keys")

    def silent(self) -> None:
        """Nobody has spoken for a while, so we do."""
        self.marks.begun_by("silence")

    def answered(self, message: llm.ChatMessage) -> dict[str, Timing]:
        """What belongs to our turn: milliseconds by name, and facts that tell which turns may be compared."""
        timings: dict[str, Timing] = {**self._caller_ms, **_of(message)}
        self._caller_ms = {}
        if self._was_cut_in:
            timings.pop("e2e_ms", None)
        self._was_cut_in = False
        if isinstance(latency_ms := timings.get("e2e_ms"), float):
            self.latencies_ms.append(latency_ms)
        return timings | self.marks.answered(is_whole=not message.interrupted)

    def _stop_ms(self) -> dict[str, float]:
        stop_ms = self._overlap.turn_over(began_at=self._line.began_at, stopped_at=self._line.stopped_at)
        return {} if stop_ms is None else {"barge_in_stop_ms": stop_ms}


def _of(message: llm.ChatMessage) -> dict[str, float]:
    return {
        ours: round(float(value) * 1000, 1)
        for theirs, ours in _NAMES.items()
        if isinstance(value := message.metrics.get(theirs), float)
    }
