"""When the agent speaks and when it stops, from packets and their arrival times.

Definitions. Sample *i* of a packet received at T plays at T + i/8 ms (playout buffer 0). A 10 ms frame is loud
when its energy is above -45 dBov. Speech begins with the first loud frame once three loud frames fall within
100 ms (a click does not count), and its instant is the first sample in that frame to reach the threshold;
it ends with the last such sample once 300 ms of quiet have followed. Shorter pauses belong to the speech.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from loadtest.caller.ulaw import Pcm

FRAME_SAMPLES = 80
FRAME_NS = 10_000_000
NS_PER_SAMPLE = 125_000
THRESHOLD_DBOV = -45.0
#: Amplitude whose square is the threshold's energy; 0 dBov is a full-scale square wave.
THRESHOLD = 32768.0 * 10 ** (THRESHOLD_DBOV / 20)
SPURT_GAP_NS = 300_000_000
_CONFIRM_FRAMES = 3
_CONFIRM_WITHIN_NS = 100_000_000


@dataclass
class Spurt:
    """One stretch of speech; pauses shorter than 300 ms are inside it."""

    onset_ns: int
    offset_ns: int  # end of the last loud sample so far

    def is_over(self, now_ns: int) -> bool:
        """Whether 300 ms of quiet have followed."""
        return now_ns - self.offset_ns >= SPURT_GAP_NS


@dataclass(frozen=True)
class _LoudFrame:
    first_ns: int
    last_ns: int


@dataclass
class SpeechTracker:
    """Turns packets into spurts, as they arrive; the same code serves a live call and a recorded log."""

    spurts: list[Spurt] = field(default_factory=list)
    _candidates: deque[_LoudFrame] = field(default_factory=deque)

    def feed(self, arrival_ns: int, samples: Pcm) -> None:
        """Take the samples of one packet, in order of arrival."""
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        frames = samples[:whole].reshape(-1, FRAME_SAMPLES).astype(np.float32)
        loud = np.einsum("ij,ij->i", frames, frames) > FRAME_SAMPLES * THRESHOLD * THRESHOLD
        for index in np.flatnonzero(loud):
            reached = np.flatnonzero(np.abs(frames[index]) >= THRESHOLD)
            start_ns = arrival_ns + int(index) * FRAME_NS
            self._add(
                _LoudFrame(
                    start_ns + int(reached[0]) * NS_PER_SAMPLE,
                    start_ns + (int(reached[-1]) + 1) * NS_PER_SAMPLE,
                )
            )

    def _add(self, frame: _LoudFrame) -> None:
        current = self.spurts[-1] if self.spurts else None
        if current and frame.first_ns - current.offset_ns < SPURT_GAP_NS:
            current.offset_ns = max(current.offset_ns, frame.last_ns)
            return
        self._candidates.append(frame)
        while frame.first_ns - self._candidates[0].first_ns > _CONFIRM_WITHIN_NS:
            self._candidates.popleft()
        if len(self._candidates) >= _CONFIRM_FRAMES:
            self.spurts.append(Spurt(self._candidates[0].first_ns, frame.last_ns))
            self._candidates.clear()

    def quiet_for_ns(self, now_ns: int) -> int:
        """How long the agent has been quiet; counts from the beginning of time if it never spoke."""
        return now_ns - (self.spurts[-1].offset_ns if self.spurts else 0)

    def first_onset_after(self, instant_ns: int) -> int | None:
        """When speech first began at or after an instant; None if it has not."""
        return next((s.onset_ns for s in self.spurts if s.onset_ns >= instant_ns), None)

    def stop_after(self, instant_ns: int, now_ns: int) -> int | None:
        """When the speech under way at an instant ended.

        Returns: the end of its last loud sample, once 300 ms of quiet have followed; None while it goes on, or
        if nothing was being said.
        """
        for spurt in self.spurts:
            if spurt.onset_ns <= instant_ns and spurt.offset_ns + SPURT_GAP_NS > instant_ns:
                return spurt.offset_ns if spurt.is_over(now_ns) else None
        return None


def trim_to_hard_edges(samples: Pcm) -> Pcm:
    """Cut a clip where the tracker would hear it begin and end: then the instants of its edges are exact.

    Returns: an empty array if no 10 ms of it are loud enough.
    """
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    windows = energy[FRAME_SAMPLES:] - energy[:-FRAME_SAMPLES]  # one at each starting sample
    loud = np.flatnonzero(windows > FRAME_SAMPLES * THRESHOLD * THRESHOLD)
    if not len(loud):
        return samples[:0]
    reached = np.flatnonzero(np.abs(samples.astype(np.float32)) >= THRESHOLD)
    first = reached[np.searchsorted(reached, loud[0])]
    last = reached[np.searchsorted(reached, loud[-1] + FRAME_SAMPLES) - 1]
    return samples[first : last + 1]
