"""What a stretch of audio looks like, so that the same recording is known again after a telephone line.

Every 40 ms a window of 64 ms becomes a vector of length 1: the power of 64 bands, 50 Hz wide, from 250 to 3400 Hz, less
the line's noise, compressed, each less the mean of those around it. What is left are the harmonics of a voice, which
differ from one saying of the same words to the next; gain and a line's frequency response do not change them. Bands are
cut out of the spectrum at whatever rate the audio has: nothing is resampled.

How often a recording is missed, or other speech mistaken for one, is measured by `fingerprint_evaluation`; the figures,
and what was tried before, are in ADR 42.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Vectors = NDArray[np.float32]
Vector = NDArray[np.float32]

WINDOW_S = 0.064
#: Between a stream's vectors, and between a reference's: a stream may start anywhere, so references lie twice as close.
STEP_S = 0.04
REFERENCE_STEP_S = STEP_S / 2
#: Narrow enough that the harmonics of a voice stand apart: the same words said again have another melody.
DIMENSIONS = 64
_LOWEST_HZ, _HIGHEST_HZ = 250.0, 3400.0
#: Amplitudes are compressed so that loud vowels do not drown the rest, and not so far that a line's noise counts.
_COMPRESSION = 0.3
#: Bands on either side whose mean is taken away: what is left is the harmonics, not the line's or the room's colour.
_AROUND = 5
_QUIET = 1e-12
#: How fast a line's noise is learned, and how much of it is taken away: it varies, and too little leaves a hiss.
_LEARNING, _SUBTRACTED = 0.1, 1.5


class Vectoriser:
    """One stream's audio, as the power of its bands.

    Args:
        rate_hz: of the audio.
        step_s: between vectors.
    """

    def __init__(self, rate_hz: int, step_s: float = STEP_S) -> None:
        self._window = round(WINDOW_S * rate_hz)
        self._step = round(step_s * rate_hz)
        self._shape: Vector = (np.hanning(self._window) / (32768.0 * self._window)).astype(np.float32)
        self._bands = _band_weights(rate_hz, self._window)
        self._kept = np.zeros(0, dtype=np.int16)

    def push(self, samples: Samples) -> Vectors:
        """The windows that are complete now, shape (n, DIMENSIONS); n may be 0."""
        audio = np.concatenate([self._kept, samples])
        count = max(0, (len(audio) - self._window) // self._step + 1)
        self._kept = audio[count * self._step :]
        if not count:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        starts = range(0, count * self._step, self._step)
        windows = np.stack([audio[start : start + self._window] for start in starts])
        spectrum = np.fft.rfft(windows * self._shape, axis=1)[:, : len(self._bands)]
        power = (spectrum.real**2 + spectrum.imag**2) @ self._bands
        return power.astype(np.float32, copy=False)


class Noise:
    """A line's, by band: the mean of what is heard while nobody speaks."""

    def __init__(self) -> None:
        self.power: Vector = np.zeros(DIMENSIONS, dtype=np.float32)

    def hear(self, power: Vector) -> None:
        """A window without speech."""
        self.power += np.float32(_LEARNING) * (power - self.power)


def unit_vectors(power: Vectors, noise: Vector | None = None) -> Vectors:
    """Of length 1, shape as given; how loud the audio was does not matter."""
    if noise is not None:
        power = np.maximum(power - np.float32(_SUBTRACTED) * noise, 0.0)
    shape = ((power + np.float32(_QUIET)) ** np.float32(_COMPRESSION)) @ _WITHOUT_SURROUNDINGS
    length = np.sqrt(np.einsum("ij,ij->i", shape, shape))[:, None]
    unit: Vectors = shape / (length + np.float32(1e-9))
    return unit


def _without_surroundings() -> Vectors:
    """The matrix that takes from each band the mean of those around it."""
    places = np.arange(DIMENSIONS)
    around = np.abs(places[:, None] - places) <= _AROUND
    matrix: Vectors = (np.eye(DIMENSIONS) - around / around.sum(axis=0)).astype(np.float32)
    return matrix


_WITHOUT_SURROUNDINGS = _without_surroundings()


@functools.cache
def _band_weights(rate_hz: int, window: int) -> Vectors:
    """Overlapping triangles, evenly spaced; shape (bins up to the highest, DIMENSIONS)."""
    frequencies = np.arange(int(_HIGHEST_HZ * window / rate_hz) + 1) * (rate_hz / window)
    edges = np.linspace(_LOWEST_HZ, _HIGHEST_HZ, DIMENSIONS + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (frequencies[:, None] - low) / (middle - low)
    falling = (high - frequencies[:, None]) / (high - middle)
    weights: Vectors = np.clip(np.minimum(rising, falling), 0.0, None).astype(np.float32)
    return weights
