"""When somebody speaks, by loudness alone: blocks of 10 ms above what the line has of noise."""

from __future__ import annotations

import math
from array import array
from collections import deque

import numpy as np

from loadtest.emulators.fingerprint import Samples

BLOCK_S = 0.01
#: Stops inside words are shorter.
GAP_S = 0.12
#: A block that is louder than the noise by this is speech; quieter ones than _SILENT_DB (of full scale) never are.
_MARGIN_DB, _SILENT_DB = 7.0, -55.0
#: The noise is the quietest of the latest blocks, for speech has stops; it is never taken for louder than this.
_NOISE_BLOCKS = 200
_HIGHEST_NOISE_DB = -35.0
#: How fast what was loud is forgotten, a block.
_FALL_DB = 0.05
#: Speech above the noise: from where words are hard to know to where noise does not matter.
_UNCLEAR_DB, _CLEAR_DB = 18.0, 34.0


class SpeechActivity:
    """One stream's.

    Attributes:
        time_s: of audio heard; start_s, end_s: of the latest speech; 0 before any.
        stretch_s: where the latest stretch of speech began that has no gap of GAP_S or more.
        is_speaking: the latest blocks are speech.
    """

    def __init__(self, rate_hz: int) -> None:
        self.time_s = 0.0
        self.start_s = 0.0
        self.end_s = 0.0
        self.stretch_s = 0.0
        self.is_speaking = False
        self._block = round(BLOCK_S * rate_hz)
        self._noise_db = _HIGHEST_NOISE_DB
        #: Blocks that are quieter than all after them, with their numbers.
        self._lows: deque[tuple[int, float]] = deque()
        self._blocks = bytearray()
        self._levels_db = array("f")
        self._peak_db = _SILENT_DB
        self._loud = 0

    @property
    def silence_s(self) -> float:
        """Since the latest speech; the whole stream where there was none."""
        return self.time_s - self.end_s

    @property
    def clarity(self) -> float:
        """How far speech stands out of the noise, 0 to 1."""
        return min(1.0, max(0.0, (self._peak_db - self._noise_db - _UNCLEAR_DB) / (_CLEAR_DB - _UNCLEAR_DB)))

    def levels_db(self, samples: Samples) -> list[float]:
        """Of whole blocks, of full scale."""
        blocks = samples.astype(np.float32).reshape(-1, self._block)
        power = np.einsum("ij,ij->i", blocks, blocks) / (self._block * 32768.0**2)
        return [10.0 * math.log10(each + 1e-12) for each in power.tolist()]

    def hear(self, level_db: float) -> None:
        """The next block. One loud block alone is a click."""
        self._noise_db = self._quietest_db(level_db)
        is_loud = level_db > max(_SILENT_DB, self._noise_db + _MARGIN_DB)
        self._blocks.append(is_loud)
        self._levels_db.append(level_db)
        self._peak_db = max(self._peak_db - _FALL_DB, level_db, _SILENT_DB)
        self.time_s = len(self._blocks) * BLOCK_S
        self._loud = min(self._loud + 1, 3) if is_loud else max(self._loud - 1, 0)
        if self._loud >= 2:
            if not self.is_speaking:
                self.start_s = self.time_s - 2 * BLOCK_S
                if self.start_s - self.end_s >= GAP_S or not self.end_s:
                    self.stretch_s = self.start_s
            self.is_speaking = True
        elif not self._loud:
            self.is_speaking = False
        if is_loud and self.is_speaking:
            self.end_s = self.time_s

    def _quietest_db(self, level_db: float) -> float:
        number = len(self._blocks)
        while self._lows and self._lows[-1][1] >= level_db:
            self._lows.pop()
        self._lows.append((number, level_db))
        if self._lows[0][0] <= number - _NOISE_BLOCKS:
            self._lows.popleft()
        return min(self._lows[0][1], _HIGHEST_NOISE_DB)

    def share(self, from_s: float, to_s: float) -> float:
        """How much of a stretch was speech, 0 to 1; of what is heard of it."""
        first, last = max(0, round(from_s / BLOCK_S)), min(len(self._blocks), round(to_s / BLOCK_S))
        return sum(self._blocks[first:last]) / (last - first) if last > first else 0.0

    def weight(self, from_s: float, to_s: float) -> float:
        """How much a stretch says, 0 to 1: less where it is quieter than the speech around it, nothing in a pause."""
        if self.share(from_s, to_s) < 0.5:
            return 0.0
        first, last = round(from_s / BLOCK_S), round(to_s / BLOCK_S)
        below_db = self._peak_db - max(self._levels_db[first:last])
        return float(10.0 ** (-below_db / 40.0))
