"""G.711 µ-law, both ways, by table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]

#: The code word a sender transmits when it has nothing to say.
SILENCE = 0xFF
_BIAS = 0x84
_CLIP = 32635


def _decode_table() -> Pcm:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)
    value = np.where(code & 0x80, _BIAS - magnitude, magnitude - _BIAS)
    return value.astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    sample = np.arange(-32768, 32768, dtype=np.int32)
    sign = np.where(sample < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


_DECODE = _decode_table()
_ENCODE = _encode_table()


def decode(payload: bytes) -> Pcm:
    """Turn µ-law code words into 16-bit samples."""
    return _DECODE[np.frombuffer(payload, dtype=np.uint8)]


def encode(samples: Pcm) -> bytes:
    """Turn 16-bit samples into µ-law code words; digital silence becomes 0xFF."""
    return _ENCODE[samples.astype(np.int32) + 32768].tobytes()
