"""Sounds that are no words: coughs, made of shaped noise, and a hum of assent, said by the callers' voice."""

from __future__ import annotations

import numpy as np

from loadtest.caller.ulaw import Pcm
from loadtest.caller.voices import RATE_HZ

MM_HM = "Mm-hm."
#: What recognisers are to write of it.
MM_HM_WORDS = "mm-hm"
#: A burst as the glottis opens, and what follows while it closes again; the voiced end, which many coughs lack, is
#: left out. Lengths and levels are made up to sound like one.
_BURST_S, _REST_S = 0.06, 0.18
_BETWEEN_S = 0.12
_ATTACK_S = 0.004
_BURST_DBOV, _REST_DBOV = -14.0, -28.0
#: Most of a cough's energy lies between them.
_BAND_HZ = (350.0, 3000.0)


def cough(seed: int, bursts: int = 2) -> Pcm:
    """One cough of several bursts: mono int16 at RATE_HZ; another seed, another cough."""
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(bursts):
        length = rng.uniform(0.85, 1.15)
        parts += [_burst(rng, length), np.zeros(int(_BETWEEN_S * RATE_HZ) if number < bursts - 1 else 0)]
    return np.clip(np.concatenate(parts) * 32768, -32767, 32767).astype(np.int16)


def _burst(rng: np.random.Generator, length: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    count = int((_BURST_S + _REST_S) * length * RATE_HZ)
    at_s = np.arange(count) / RATE_HZ
    loud, soft = 10 ** (_BURST_DBOV / 20), 10 ** (_REST_DBOV / 20)
    fall = np.clip((at_s - _BURST_S * length) / (_REST_S * length), 0.0, 1.0)
    envelope = np.minimum(at_s / _ATTACK_S, 1.0) * np.where(at_s < _BURST_S * length, loud, soft * (1.0 - fall))
    noise = _in_band(rng.standard_normal(count))
    shaped: np.ndarray[tuple[int], np.dtype[np.float64]] = envelope * noise / np.sqrt(np.mean(noise * noise))
    return shaped


def _in_band(noise: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(noise.size, 1 / RATE_HZ)
    spectrum[(frequency < _BAND_HZ[0]) | (frequency > _BAND_HZ[1])] = 0.0
    return np.fft.irfft(spectrum, noise.size)
