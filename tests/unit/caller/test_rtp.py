"""Packets out, counts of packets in."""

from __future__ import annotations

import struct

import pytest

from loadtest.caller import rtp

_MS = 1_000_000


def _packet(sequence: int, *, timestamp: int | None = None, ssrc: int = 7) -> rtp.Packet:
    return rtp.Packet(
        0, False, sequence & 0xFFFF, 160 * sequence if timestamp is None else timestamp, ssrc, b"\xff" * 160
    )


def test_audio_packets_count_up_and_wrap() -> None:
    sender = rtp.Packetiser(ssrc=5, sequence=0xFFFF, timestamp=0xFFFFFFFF - 159)
    first, second = rtp.parse(sender.audio(b"a" * 160)), rtp.parse(sender.audio(b"b" * 160))
    assert first is not None
    assert second is not None
    assert (first.sequence, first.timestamp, first.payload) == (0xFFFF, 0xFFFFFFFF - 159, b"a" * 160)
    assert (second.sequence, second.timestamp, second.ssrc) == (0, 0, 5)


def test_a_key_keeps_its_timestamp_and_ends_three_times() -> None:
    sender = rtp.Packetiser(ssrc=5, sequence=10, timestamp=8000)
    raw = [packet for step in range(4) for packet in sender.event("#", 101, first=step == 0, last=step == 3)]
    packets = [packet for packet in map(rtp.parse, raw) if packet]
    assert [packet.sequence for packet in packets] == [10, 11, 12, 13, 14, 15]
    assert {packet.timestamp for packet in packets} == {8000}
    assert [packet.marker for packet in packets] == [True] + [False] * 5
    fields = [struct.unpack("!BBH", packet.payload) for packet in packets]
    assert [(event, flags >> 7, duration) for event, flags, duration in fields] == [
        (11, 0, 160), (11, 0, 320), (11, 0, 480), (11, 1, 640), (11, 1, 640), (11, 1, 640)
    ]  # fmt: skip
    after = rtp.parse(sender.audio(b""))
    assert after is not None
    assert after.timestamp == 8000 + 4 * 160


@pytest.mark.parametrize(
    "raw", [b"", b"\x80" * 11, b"\x00" * 20, b"\x80\xc8" + b"\x00" * 20, b"\x8f\x00" + b"\x00" * 12]
)
def test_garbage_is_not_rtp(raw: bytes) -> None:
    assert rtp.parse(raw) is None


def test_header_extension_and_padding_are_not_audio() -> None:
    raw = struct.pack("!BBHII", 0xB0, 0, 1, 2, 3) + struct.pack("!HHI", 0xBEDE, 1, 0) + b"abc" + b"\x00\x02"
    packet = rtp.parse(raw)
    assert packet is not None
    assert packet.payload == b"abc"


def test_losses_duplicates_and_reordering_are_told_apart() -> None:
    counts = rtp.StreamStatistics()
    order = [0, 1, 3, 2, 2, 5]  # 3 before 2, 2 twice, 4 never
    fresh = [counts.add(_packet(number), number * 20 * _MS) for number in order]
    assert fresh == [True, True, True, False, False, True]
    assert (counts.received, counts.expected, counts.lost, counts.duplicates) == (5, 6, 1, 1)


def test_sequence_wrap_is_no_loss() -> None:
    counts = rtp.StreamStatistics()
    for number in range(65_500, 65_600):
        counts.add(_packet(number), number * 20 * _MS)
    assert (counts.received, counts.lost) == (100, 0)


def test_a_packet_beyond_the_playout_buffer_is_late() -> None:
    counts = rtp.StreamStatistics()
    for number, delay_ms in enumerate([5, 0, 59, 61, 0]):
        counts.add(_packet(number), (number * 20 + delay_ms) * _MS)
    assert counts.late == 1


def test_a_new_stream_keeps_the_counts_of_the_old_one() -> None:
    counts = rtp.StreamStatistics()
    for number in (0, 1, 3):
        counts.add(_packet(number), number * 20 * _MS)
    for number in (9000, 9001):
        counts.add(_packet(number, ssrc=8), number * 20 * _MS)
    assert (counts.received, counts.expected, counts.lost) == (5, 6, 1)
