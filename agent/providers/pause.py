"""When did the caller fall silent? Energy against the line's own noise floor.

A neural detector knows speech from noise but notices its end some 80 ms late; energy notices at once
but cannot tell a door from a word. So the detector opens an utterance and energy finds its pauses.
"""

from __future__ import annotations

import math

import numpy as np

#: Speech is this far above the floor; below it even a quiet voice is inaudible on a phone line.
_ABOVE_FLOOR_DB = 12.0
_QUIETEST_SPEECH_DBOV = -50.0
#: During speech a floor that rises faster would learn a long vowel; between utterances it may follow a car.
_RISE_IN_SPEECH_DB_PER_S = 3.0
_RISE_BETWEEN_DB_PER_S = 40.0
_LOWEST_DBOV = -96.0


class PauseDetector:
    """Follows a stream of mono int16 audio.

    Args:
        sample_rate_hz: of the audio pushed.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate = sample_rate_hz
        self._floor_db = -70.0
        self._silent_s = 0.0

    def push(self, pcm: bytes, *, in_speech: bool) -> float:
        """Take the next audio.

        Args:
            pcm: mono int16.
            in_speech: whether an utterance is open; between utterances the noise floor is learnt faster.
        Returns: seconds of silence up to now; 0.0 while there is sound.
        """
        samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
        if samples.size == 0:
            return self._silent_s
        duration_s = samples.size / self._rate
        level = _dbov(samples)
        rise = _RISE_IN_SPEECH_DB_PER_S if in_speech else _RISE_BETWEEN_DB_PER_S
        self._floor_db = min(level, self._floor_db + rise * duration_s)
        self._silent_s = 0.0 if level > self.threshold_dbov else self._silent_s + duration_s
        return self._silent_s

    @property
    def threshold_dbov(self) -> float:
        """What is louder is taken for speech now."""
        return max(self._floor_db + _ABOVE_FLOOR_DB, _QUIETEST_SPEECH_DBOV)


def _dbov(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    power = float(np.dot(samples, samples)) / samples.size / 32768.0**2
    return 10.0 * math.log10(power) if power > 10 ** (_LOWEST_DBOV / 10) else _LOWEST_DBOV
