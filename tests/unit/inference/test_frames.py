"""Frames between the inference process and its peers."""

from __future__ import annotations

import asyncio
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inference import frames

HEADERS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20) | st.booleans(), max_size=4)


def reader_of(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@settings(deadline=None)
@given(st.lists(st.tuples(HEADERS, st.binary(max_size=200)), max_size=5))
def test_what_is_written_is_read_and_then_the_end(messages: list[tuple[dict[str, object], bytes]]) -> None:
    data = b"".join(frames.encode(header, payload) for header, payload in messages)

    async def read_all() -> list[frames.Frame]:
        reader, found = reader_of(data), []
        while (frame := await frames.read(reader)) is not None:
            found.append(frame)
        return found

    expected = [frames.Frame(header, payload) for header, payload in messages]
    assert asyncio.run(read_all()) == expected
    stream = io.BytesIO(data)
    assert list(iter(lambda: frames.read_blocking(stream), None)) == expected


@pytest.mark.parametrize("cut", [1, 7, 8, 12, -1])
async def test_a_frame_cut_off_is_an_error_and_not_an_end(cut: int) -> None:
    whole = frames.encode({"id": 1}, b"audio")
    with pytest.raises(frames.FrameError, match="cut off"):
        await frames.read(reader_of(whole[:cut]))


async def test_sizes_beyond_the_bounds_are_refused_before_anything_is_read() -> None:
    with pytest.raises(frames.FrameError, match="too large"):
        await frames.read(reader_of(b"\xff" * 8))


def test_an_answer_beyond_the_bounds_is_not_sent() -> None:
    with pytest.raises(frames.FrameError, match="too large"):
        frames.encode({}, bytes(frames.MAX_PAYLOAD_BYTES + 1))


@pytest.mark.parametrize("header", [b"[]", b"nonsense", b"\xff\xfe", b"1"])
async def test_a_header_that_is_no_object_is_refused(header: bytes) -> None:
    sizes = len(header).to_bytes(4, "big") + bytes(4)
    with pytest.raises(frames.FrameError):
        await frames.read(reader_of(sizes + header))
