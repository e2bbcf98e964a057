"""Somebody who says no words of any language: syllables with a melody, so that no voice need be installed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.ground_truth import GroundTruth, Utterance
from loadtest.emulators.transcript import Transcriber, Word
from loadtest.emulators.word_errors import WordErrors

RATE_HZ = 8000
#: A syllable a word, so that a test knows where each ends.
WORD_S = 0.24
_HARMONICS = np.arange(1, 40)


def babble(words: int, seed: int, rate_hz: int = RATE_HZ) -> Samples:
    """So many syllables of one voice, at about -18 dBov."""
    rng = np.random.default_rng(seed)
    return np.concatenate([_syllable(rng, rate_hz) for _ in range(words)])


def _syllable(rng: np.random.Generator, rate_hz: int) -> Samples:
    at = np.arange(round(WORD_S * rate_hz)) / rate_hz
    melody_hz = np.linspace(*rng.uniform(95, 230, 2), len(at))
    phase = 2 * np.pi * np.cumsum(melody_hz) / rate_hz
    formants_hz = rng.uniform((300, 900, 2000), (800, 1900, 3200))
    pitch_hz = _HARMONICS[:, None] * melody_hz
    loudness = sum(np.exp(-(((pitch_hz - formant) / 160.0) ** 2)) for formant in formants_hz) + 0.02
    voiced = (loudness * (pitch_hz < 3600) * np.sin(_HARMONICS[:, None] * phase)).sum(axis=0)
    swell = np.sin(np.pi * np.linspace(0.06, 0.94, len(at))) ** 0.5
    scaled: NDArray[np.float64] = voiced * swell * (4500.0 / np.sqrt(np.mean(voiced**2)))
    return np.clip(scaled, -32000, 32000).astype(np.int16)


def silence(seconds: float, rate_hz: int = RATE_HZ) -> Samples:
    return np.zeros(round(seconds * rate_hz), dtype=np.int16)


def sentence(words: int, name: str = "w") -> str:
    """As many words, each another: "w1 w2 w3"."""
    return " ".join(f"{name}{number}" for number in range(1, words + 1))


def known(words: int = 8, seed: int = 1, *, others: int = 12) -> tuple[GroundTruth, Utterance, Samples]:
    """A recording that is registered, among others that are."""
    truth = GroundTruth()
    for other in range(others):
        truth.register(sentence(8, f"other{other}-"), babble(8, 1000 + other), RATE_HZ)
    audio = babble(words, seed)
    ends_s = [WORD_S * number for number in range(1, words + 1)]
    return truth, truth.register(sentence(words), audio, RATE_HZ, ends_s), audio


def chunks(audio: Samples, rate_hz: int = RATE_HZ) -> Iterator[Samples]:
    """As a client sends it: 50 ms at a time."""
    size = rate_hz // 20
    for at in range(0, len(audio), size):
        yield audio[at : at + size]


def heard(truth: GroundTruth, audio: Samples, rate_hz: int = RATE_HZ) -> tuple[list[Word], int]:
    """The words of audio with a second of silence around it, and how many stretches were unknown."""
    transcriber = Transcriber(truth, rate_hz, WordErrors())
    for chunk in chunks(np.concatenate([silence(0.5, rate_hz), audio, silence(1.2, rate_hz)]), rate_hz):
        for _ in transcriber.steps(chunk):
            pass
    return transcriber.settle(), transcriber.take_unknown()[0]


def texts(words: list[Word]) -> str:
    return " ".join(word.text for word in words)
