"""What a telephone line leaves of a voice: 8 kHz, eight bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LINE_RATE_HZ = 8_000
_MU = 255.0


def over_the_line(pcm: bytes, sample_rate_hz: int) -> bytes:
    """Mono int16 at any rate as mono int16 at LINE_RATE_HZ after µ-law coding."""
    audio = np.frombuffer(pcm, "<i2").astype(np.float64) / 32768.0
    narrow = _resample(audio, sample_rate_hz)
    narrow *= 0.4 / max(1e-6, float(np.abs(narrow).max()))
    coded = np.sign(narrow) * np.log1p(_MU * np.abs(narrow)) / np.log1p(_MU)
    stepped = np.round(coded * 127.0) / 127.0
    decoded = np.sign(stepped) * np.expm1(np.abs(stepped) * np.log1p(_MU)) / _MU
    return (decoded * 32767.0).astype("<i2").tobytes()


def _resample(audio: npt.NDArray[np.float64], rate_hz: int) -> npt.NDArray[np.float64]:
    wanted = len(audio) * LINE_RATE_HZ // rate_hz
    spectrum = np.fft.rfft(audio)[: wanted // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, wanted) * (wanted / len(audio)), np.float64)
