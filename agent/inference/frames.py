"""How the inference process, its children and its clients speak: length-prefixed frames.

A frame is two big-endian uint32 (header length, payload length), a JSON object and raw bytes (audio).
A peer that breaks these bounds is not one of ours; its connection is closed.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

_SIZES = struct.Struct("!II")
MAX_HEADER_BYTES = 64 * 1024
#: Nearly three minutes of 24 kHz speech.
MAX_PAYLOAD_BYTES = 8 * 1024 * 1024


class FrameError(Exception):
    """The peer sent something that is not a frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: a JSON object and, for audio, bytes."""

    header: dict[str, Any]
    payload: bytes = b""


def encode(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """The bytes of one frame."""
    head = json.dumps(header, separators=(",", ":")).encode()
    _check(len(head), len(payload))
    return _SIZES.pack(len(head), len(payload)) + head + payload


async def read(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame; None when the peer has closed between frames.

    Raises:
        FrameError: not a frame, or cut off in the middle of one.
    """
    try:
        prefix = await reader.readexactly(_SIZES.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise FrameError("cut off in the middle of a frame") from None
        return None
    except ConnectionError:
        return None
    head_bytes, payload_bytes = _sizes(prefix)
    try:
        head = await reader.readexactly(head_bytes)
        payload = await reader.readexactly(payload_bytes) if payload_bytes else b""
    except (asyncio.IncompleteReadError, ConnectionError):
        raise FrameError("cut off in the middle of a frame") from None
    return Frame(_object(head), payload)


def read_blocking(stream: BinaryIO) -> Frame | None:
    """As `read`, for a child that has a thread to spare.

    Raises:
        FrameError: not a frame.
    """
    prefix = stream.read(_SIZES.size)
    if len(prefix) < _SIZES.size:
        return None
    head_bytes, payload_bytes = _sizes(prefix)
    return Frame(_object(stream.read(head_bytes)), stream.read(payload_bytes))


def _sizes(prefix: bytes) -> tuple[int, int]:
    head_bytes, payload_bytes = _SIZES.unpack(prefix)
    _check(head_bytes, payload_bytes)
    return head_bytes, payload_bytes


def _check(head_bytes: int, payload_bytes: int) -> None:
    if head_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise FrameError(f"frame too large: {head_bytes} + {payload_bytes} bytes")


def _object(head: bytes) -> dict[str, Any]:
    try:
        value = json.loads(head)
    except ValueError:
        raise FrameError("header is not JSON") from None
    if not isinstance(value, dict):
        raise FrameError("header is not an object")
    return value
