"""Where one side's sound begins and ends, to the sample.

The ear's own definition (docs/glossary.md), so that both can be compared: a 10 ms frame is loud above -45 dBov;
sound begins once three frames in 100 ms are, with the first sample that reaches the level, and ends with the last
one that 300 ms of quiet follow.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from agent.providers.pause import PauseDetector

_THRESHOLD_DBOV = -45.0
_FRAMES_PER_S = 100
_GAP_S = 0.3
_LOUD_FRAMES = 3
_WITHIN_S = 0.1


class SoundEdges:
    """Follows a stream of mono int16 audio.

    Args:
        rate_hz: of the audio.
        noise: of a line that may be noisy: sound is then also what stands out of its noise.

    Attributes:
        first_at: when the first stretch of sound began; 0 before it.
        began_at: when the latest one did.
        ended_at: when it ended, as far as it is known.
    """

    def __init__(self, rate_hz: int, noise: PauseDetector | None = None) -> None:
        self._rate_hz = rate_hz
        self._noise = noise
        self._candidates: deque[float] = deque(maxlen=_LOUD_FRAMES)
        self.first_at = 0.0
        self.began_at = 0.0
        self.ended_at = 0.0

    def push(self, pcm: bytes, at: float) -> None:
        """Take the next audio.

        Args:
            pcm: whole 10 ms frames; what is over is not looked at.
            at: when its first sample sounds, in seconds of any clock.
        """
        size = self._rate_hz // _FRAMES_PER_S
        samples = np.abs(np.frombuffer(pcm, dtype=np.int16).astype(np.float32))
        frames = samples[: samples.size - samples.size % size].reshape(-1, size)
        level = self._level(pcm, at)
        for index in np.flatnonzero(np.einsum("ij,ij->i", frames, frames) > size * level * level):
            reached = np.flatnonzero(frames[index] >= level)
            begin_s = at + int(index) / _FRAMES_PER_S
            self._loud(begin_s + int(reached[0]) / self._rate_hz, begin_s + (int(reached[-1]) + 1) / self._rate_hz)

    def _level(self, pcm: bytes, at: float) -> float:
        """The amplitude of a sample that is loud."""
        threshold_dbov = _THRESHOLD_DBOV
        if self._noise is not None:
            self._noise.push(pcm, in_speech=at - self.ended_at < _GAP_S)
            threshold_dbov = max(threshold_dbov, self._noise.threshold_dbov)
        return float(32768.0 * 10 ** (threshold_dbov / 20))

    def _loud(self, first_at: float, last_at: float) -> None:
        if self.ended_at and first_at - self.ended_at < _GAP_S:
            self.ended_at = last_at
            return
        self._candidates.append(first_at)
        if len(self._candidates) == _LOUD_FRAMES and first_at - self._candidates[0] <= _WITHIN_S:
            self.began_at, self.ended_at = self._candidates[0], last_at
            self.first_at = self.first_at or self.began_at
            self._candidates.clear()
