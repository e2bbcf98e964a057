"""What is said in the recordings that a recogniser is to know: registered beforehand, with when each word ends."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loadtest.emulators.fingerprint import DIMENSIONS, REFERENCE_STEP_S, Samples, Vectoriser, Vectors, unit_vectors

_BLOCK_S = 0.01
#: Below the loudest block; a clip's own pauses and edges are quieter.
_PAUSE_DB = 35.0
_PAUSE_S = 0.15
#: Of a word, before its letters are counted.
_WORD_WEIGHT = 2.0
_LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One word of a recording: as it is written, and its place in seconds from the recording's first sample."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording.

    Attributes:
        key: of its samples: the same recording is registered once.
        vectors: every REFERENCE_STEP_S of it.
    """

    key: str
    text: str
    words: tuple[SpokenWord, ...]
    vectors: Vectors
    duration_s: float


class GroundTruth:
    """All that is registered.

    Attributes:
        utterances: in the order they came; `starts` are the rows of `vectors` where each begins.
    """

    def __init__(self) -> None:
        self.utterances: list[Utterance] = []
        self._keys: dict[str, Utterance] = {}
        self._vectors: Vectors | None = None
        self._starts: NDArray[np.int64] | None = None

    def register(
        self, text: str, samples: Samples, rate_hz: int, word_ends_s: Sequence[float] | None = None
    ) -> Utterance:
        """Know a recording from now on; streams that are open know it with their next words.

        Args:
            word_ends_s: one for each word of the text; None places them by their letters in what is not pause.
        Raises: ValueError: no words, no sound, too long, or another number of ends than of words.
        """
        spoken = text.split()
        if not spoken:
            raise ValueError("text: expected words")
        if not 0 < len(samples) <= _LONGEST_S * rate_hz:
            raise ValueError(f"samples: expected up to {_LONGEST_S:.0f} s")
        if word_ends_s is not None and len(word_ends_s) != len(spoken):
            raise ValueError(f"word_ends_s: expected {len(spoken)}")
        key = hashlib.blake2b(samples.tobytes() + f"{rate_hz} {text}".encode(), digest_size=16).hexdigest()
        known = self._keys.get(key)
        if known is not None:
            return known
        words = (
            _places(spoken, samples, rate_hz) if word_ends_s is None else _given(spoken, samples, rate_hz, word_ends_s)
        )
        padded = np.concatenate([samples, np.zeros(round(0.1 * rate_hz), dtype=np.int16)])
        vectors = unit_vectors(Vectoriser(rate_hz, REFERENCE_STEP_S).push(padded))
        utterance = Utterance(key, text, tuple(words), vectors, len(samples) / rate_hz)
        self._keys[key] = utterance
        self.utterances.append(utterance)
        self._vectors = self._starts = None
        return utterance

    def clear(self) -> None:
        """Forget everything."""
        self.utterances = []
        self._keys = {}
        self._vectors = self._starts = None

    @property
    def vectors(self) -> Vectors:
        """Of all utterances, one below the other, shape (rows, DIMENSIONS)."""
        if self._vectors is None:
            none = np.zeros((0, DIMENSIONS), dtype=np.float32)
            self._vectors = np.concatenate([none, *(utterance.vectors for utterance in self.utterances)])
        return self._vectors

    @property
    def starts(self) -> NDArray[np.int64]:
        """The row of each utterance's first vector, and one more: how many rows there are."""
        if self._starts is None:
            lengths = [0, *(len(utterance.vectors) for utterance in self.utterances)]
            self._starts = np.cumsum(lengths, dtype=np.int64)
        return self._starts


def _sounding(samples: Samples, rate_hz: int) -> NDArray[np.bool_]:
    """Which blocks of _BLOCK_S are not pause; at least one is not where anything is to be heard.

    Raises: ValueError: silence.
    """
    block = round(_BLOCK_S * rate_hz)
    padded = np.pad(samples.astype(np.float32), (0, -len(samples) % block))
    power = np.mean(padded.reshape(-1, block) ** 2, axis=1)
    loudest = float(power.max())
    if loudest < 1.0:
        raise ValueError("samples: expected a sound")
    sounding: NDArray[np.bool_] = power > loudest * 10.0 ** (-_PAUSE_DB / 10.0)
    return sounding


def _places(words: list[str], samples: Samples, rate_hz: int) -> list[SpokenWord]:
    """Share the sounding time out by letters, between pauses; a pause lies between two words, not in one."""
    blocks = np.flatnonzero(_sounding(samples, rate_hz))
    lengths = np.cumsum([_WORD_WEIGHT + len(word) for word in words])
    ends = _between_pauses(words, lengths * (len(blocks) / lengths[-1]), np.diff(blocks))
    places, first = [], 0
    for word, end in zip(words, ends, strict=True):
        last = min(max(first + 1, end), len(blocks)) - 1
        places.append(SpokenWord(word, float(blocks[first]) * _BLOCK_S, float(blocks[last] + 1) * _BLOCK_S))
        first = min(last + 1, len(blocks) - 1)
    return places


def _between_pauses(words: list[str], ends: NDArray[np.float64], gaps: NDArray[np.int64]) -> list[int]:
    """Ends of words, in sounding blocks, with every pause at one of them: after punctuation rather than elsewhere."""
    anchors = {0: 0.0, len(words): float(ends[-1])}
    pauses = [place for place in np.argsort(-gaps).tolist() if gaps[place] * _BLOCK_S >= _PAUSE_S]
    for pause in pauses[: len(words) - 1]:
        cost = {
            number: abs(float(ends[number - 1]) - (pause + 1)) * (1.0 if words[number - 1][-1].isalnum() else 0.3)
            for number in range(1, len(words))
            if number not in anchors and all((number < other) == (pause + 1 < at) for other, at in anchors.items())
        }
        if cost:
            anchors[min(cost, key=cost.__getitem__)] = pause + 1.0
    numbers = sorted(anchors)
    expected = [0.0, *ends.tolist()]
    moved = np.interp(expected, [expected[number] for number in numbers], [anchors[number] for number in numbers])
    return [round(float(end)) for end in moved[1:]]


def _given(words: list[str], samples: Samples, rate_hz: int, ends_s: Sequence[float]) -> list[SpokenWord]:
    before_s = float(np.flatnonzero(_sounding(samples, rate_hz))[0]) * _BLOCK_S
    longest_s = len(samples) / rate_hz
    places = []
    for word, end_s in zip(words, ends_s, strict=True):
        if not before_s <= end_s <= longest_s + _BLOCK_S:
            raise ValueError("word_ends_s: expected rising seconds within the recording")
        places.append(SpokenWord(word, before_s, float(end_s)))
        before_s = float(end_s)
    return places
