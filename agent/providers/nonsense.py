"""Audio that cannot be what was asked for: bytes that are no sound, another sample rate, no end.

What speech is like leaves room; each bound here is one that no voice came near (ADR 45).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agent.providers.edges import SAMPLE_RATE_HZ

#: Of random bytes half the samples cross zero, as in an "s", and they are four times as loud as the loudest "s".
_NOISE_RMS, _NOISE_CROSSINGS = 9000.0, 0.3
#: Text, or numbers of another kind, read as samples lies to one side of zero.
_OFFSET = 0.5
#: Nobody speaks above it; a woman of 200 Hz whose audio is played three times too fast does.
_HIGHEST_HZ = 420.0
_LOWEST_HZ = 60.0
_FRAME = SAMPLE_RATE_HZ * 40 // 1000
#: Self-similarity of a frame at its period, from which on it is a tone and not noise.
_VOICED = 0.6
_AUDIBLE_RMS = 500.0
_VOICED_FRAMES = 2
#: Seconds a character at the voice's own pace; of short texts the pauses count more.
_FASTEST_S, _SLOWEST_S, _PAUSES_S = 0.028, 0.25, 3.0


def fault_of_beginning(pcm: bytes) -> str:
    """What is wrong with the first sound of a clause; empty if nothing is.

    Args:
        pcm: mono int16 at SAMPLE_RATE_HZ, 0.1 s or more, from its first sound.
    """
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
    loudness = float(np.sqrt(np.mean(samples * samples)))
    crossings = float(np.mean(np.signbit(samples[1:]) != np.signbit(samples[:-1])))
    if loudness > _NOISE_RMS and crossings > _NOISE_CROSSINGS:
        return "noise"
    if abs(float(np.mean(samples))) > _OFFSET * loudness > _OFFSET * _AUDIBLE_RMS:
        return "no sound"
    return "another sample rate" if _is_too_high(samples) else ""


def fault_of_length(characters: int, seconds: float, rate: float) -> str:
    """What is wrong with the length of a whole clause; empty if nothing is.

    Args:
        characters: of the text as it is spoken, numbers in words.
        seconds: of its audio.
        rate: it was to be spoken at; 1.0 is the voice's own.
    """
    seconds *= rate
    if seconds < characters * _FASTEST_S:
        return "too short"
    return "too long" if is_too_long(characters, seconds) else ""


def is_too_long(characters: int, seconds: float) -> bool:
    """Whether audio goes on longer than a text can take."""
    return seconds > characters * _SLOWEST_S + _PAUSES_S


def _is_too_high(samples: NDArray[np.float32]) -> bool:
    frames = samples[: samples.size - samples.size % _FRAME].reshape(-1, _FRAME)
    pitches = [pitch for frame in frames if (pitch := _pitch_hz(frame)) is not None]
    return len(pitches) >= _VOICED_FRAMES and min(pitches) > _HIGHEST_HZ


def _pitch_hz(frame: NDArray[np.float32]) -> float | None:
    """Of a frame that has one: the shortest period at which it is nearly as like itself as at any other."""
    if float(np.sqrt(np.mean(frame * frame))) < _AUDIBLE_RMS:
        return None
    spectrum = np.fft.rfft(frame, 2 * frame.size)
    likeness = np.fft.irfft(spectrum * np.conj(spectrum))[: frame.size]
    likeness /= likeness[0] * (1 - np.arange(frame.size) / frame.size)
    shortest, longest = SAMPLE_RATE_HZ // 1500, int(SAMPLE_RATE_HZ / _LOWEST_HZ)
    falling = np.flatnonzero(likeness < 0.5 * _VOICED)
    if falling.size == 0:
        return None
    begin = max(shortest, int(falling[0]))
    best = float(likeness[begin:longest].max(initial=0.0))
    if best < _VOICED:
        return None
    period = begin + int(np.flatnonzero(likeness[begin:longest] >= 0.85 * best)[0])
    return SAMPLE_RATE_HZ / period
