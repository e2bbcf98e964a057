"""Speaking louder without clipping: what a factor lifts above the line is bent below it."""

from __future__ import annotations

import numpy as np

#: Share of full scale up to which a factor is plain multiplication.
_KNEE = 0.6
_FULL = 32767.0


def amplified(pcm: bytes, factor: float) -> bytes:
    """Mono int16 audio, louder.

    Args:
        factor: of amplitude, 1 or more; 1 changes nothing.
    Returns: as many samples, none beyond full scale, and louder where there was room.
    """
    if factor <= 1.0:
        return pcm
    wished = np.frombuffer(pcm, dtype="<i2").astype(np.float32) * np.float32(factor / _FULL)
    size = np.abs(wished)
    bent = _KNEE + (1.0 - _KNEE) * np.tanh((size - _KNEE) / (1.0 - _KNEE))
    kept = np.sign(wished) * np.where(size > _KNEE, bent, size)
    return bytes((kept * _FULL).astype("<i2").tobytes())
