"""The ear's turns beside the rows that the fleet stored of them: one measured turn each, and what a noise came to.

Both sides take time from the machine's one clock (CLOCK_REALTIME), so their instants may be subtracted. What the way
in and out takes is measured on other instants than the ones a turn is judged by: in, where the caller's last stretch of
speech began; out, where the agent's reply ended. A turn's delay runs from the end of the one to the beginning of the
other. So a mark that is taken early or late at the worker shows, and is not absorbed by the transport.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.record import NO_REPLY, AgentTurn, Turn
from loadtest.caller.rtp import FRAME_SAMPLES, PLAYOUT_MS
from loadtest.caller.ulaw import Pcm
from loadtest.latency.conversation import Made
from loadtest.latency.path import waits
from loadtest.latency.stored import StoredTurn

#: The worker hears the caller's last sample so much later than it left; a busy machine takes its time.
_EARLIEST_S, _LATEST_S = -0.05, 0.8
#: What is heard of a reply's end, and what left, are the same end within this.
_SAME_END_MS = 300.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn.

    Attributes:
        heard: the words stored; None when no row answers this turn.
        ear_ms: NO_REPLY is kept, at the limit of the caller's patience; None of a barge-in, which is answered into
            the caller's own speech.
        waits: by stage, see `path.waits`; empty when the worker told no marks.
        in_ms, out_ms: what the transport took on this turn's other instants; None when there were none.
        facts: begun_by, is_plain, is_cached, …, as stored.
        at_s: when the caller's last sample left; Unix time.
    """

    call: int
    line: int
    said: str
    heard: str | None
    ear_ms: float | None
    is_answered: bool
    waits: Mapping[str, float] = field(default_factory=dict)
    in_ms: float | None = None
    out_ms: float | None = None
    facts: Mapping[str, str | bool] = field(default_factory=dict)
    at_s: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether what was said was heard."""
        return self.heard is not None and _plain(self.heard) == _plain(self.said)

    @property
    def worker_ms(self) -> float | None:
        """From the caller's last sound to the reply's first, at the worker."""
        return sum(self.waits.values()) if self.waits else None


@dataclass(frozen=True, slots=True)
class Disturbed:
    """What a noise did to the reply it met.

    Attributes:
        is_lost: the reply was not heard to its end.
        paused_ms: the longest gap in it after the noise; 0.0 when there was none of 300 ms.
    """

    call: int
    line: int
    noise: str
    is_lost: bool
    paused_ms: float


def measured(call: int, turns: Sequence[Turn], stored: Sequence[StoredTurn], clips: Mapping[str, Pcm],
             patience_ms: float) -> list[Measured]:  # fmt: skip
    """The turns of one call.

    Args:
        turns: the ear's, in order; each is a line of the script.
        clips: what was played of each text.
        patience_ms: the ear's limit for a reply.
    """
    found = []
    for line, turn in enumerate(turns):
        if turn.end_ns:
            found.append(_one(call, line, turn, stored, clips, patience_ms))
    return found


def _one(
    call: int, line: int, turn: Turn, stored: Sequence[StoredTurn], clips: Mapping[str, Pcm], patience_ms: float
) -> Measured:
    place = answer_to(turn, stored)
    ear_ms = None if turn.barged_in else turn.response_ear_ms
    if turn.reply == NO_REPLY and not turn.barged_in:
        ear_ms = patience_ms + PLAYOUT_MS
    if place is None:
        return Measured(call, line, turn.caller_text, None, ear_ms, turn.reply != NO_REPLY, at_s=turn.end_ns / 1e9)
    row = stored[place]
    heard = next((before.text for before in reversed(stored[:place]) if before.role == "caller"), None)
    marks = {name: float(value) for name, value in row.timings.items() if name.endswith("_ms")}
    facts = {name: value for name, value in row.timings.items() if not name.endswith(("_ms", "_at"))}
    return Measured(
        call, line, turn.caller_text, heard, ear_ms, turn.reply != NO_REPLY,
        waits(marks), _in_ms(turn, row, clips[turn.caller_text]), _out_ms(turn.answer, row), facts,
        turn.end_ns / 1e9,
    )  # fmt: skip


def answer_to(turn: Turn, stored: Sequence[StoredTurn]) -> int | None:
    """The place of the row that answers this turn: the one that counts from where the caller's words ended."""
    end_s = turn.end_ns / 1e9
    late = {
        place: row.caller_ended_at - end_s
        for place, row in enumerate(stored)
        if row.caller_ended_at is not None and _EARLIEST_S <= row.caller_ended_at - end_s <= _LATEST_S
    }
    return min(late, key=lambda place: abs(late[place])) if late else None


def _in_ms(turn: Turn, row: StoredTurn, clip: Pcm) -> float | None:
    """Caller's mouth to worker, where the last stretch of his speech began."""
    began_ms = row.timings.get("caller_began_ms")
    if began_ms is None or row.caller_ended_at is None:
        return None
    left_ns = turn.onset_ns + last_stretch(clip).onset_ns
    return row.caller_ended_at * 1000 + float(began_ms) - left_ns / 1e6


def last_stretch(clip: Pcm) -> Spurt:
    """Where a clip's last stretch of speech begins and ends, in ns from its first sample."""
    tracker = SpeechTracker()
    for begin in range(0, len(clip), FRAME_SAMPLES):
        tracker.feed(begin * 125_000, clip[begin : begin + FRAME_SAMPLES])
    return tracker.spurts[-1] if tracker.spurts else Spurt(0, len(clip) * 125_000)


def _out_ms(reply: AgentTurn | None, row: StoredTurn) -> float | None:
    """Worker to ear, where a reply that was heard out ended."""
    silent_ms = row.timings.get("silent_ms")
    if reply is None or reply.cut_off or silent_ms is None or row.caller_ended_at is None:
        return None
    return reply.offset_ns / 1e6 - (row.caller_ended_at * 1000 + float(silent_ms))


def disturbed(
    call: int, made: Sequence[Made], turns: Sequence[Turn], stored: Sequence[StoredTurn], spurts: Sequence[Spurt]
) -> list[Disturbed]:
    """What each noise of a call came to, by the ear and by the record both."""
    found = []
    for each in made:
        turn = turns[each.line]
        if turn.answer is None:
            continue
        place = answer_to(turn, stored)
        out_ms = _out_ms(turn.answer, stored[place]) if place is not None else None
        is_heard = out_ms is not None and abs(out_ms) <= _SAME_END_MS
        is_kept = place is not None and not stored[place].is_interrupted
        after = [s for s in spurts if s.offset_ns >= each.at_ns and s.onset_ns <= turn.answer.offset_ns]
        gaps = [(later.onset_ns - before.offset_ns) / 1e6 for before, later in pairwise(after)]
        found.append(Disturbed(call, each.line, each.noise.value, not (is_kept and is_heard), max(gaps, default=0.0)))
    return found


def _plain(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
