"""RTP: what we send (PCMU, telephone events) and what we count of what arrives (RFC 3550, RFC 4733)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

FRAME_MS = 20
FRAME_SAMPLES = 160
SAMPLES_PER_MS = 8
#: Nominal playout buffer of the listener; a packet later than this is as good as lost.
PLAYOUT_MS = 60
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_EVENT_VOLUME_DBM0 = 10
DTMF_KEYS = "0123456789*#ABCD"


@dataclass(frozen=True)
class Packet:
    """One received RTP packet."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(datagram: bytes) -> Packet | None:
    """Read an RTP packet; None for anything that is not one (RTCP, STUN, garbage)."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2 or 200 <= datagram[1] <= 207:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(datagram) < start + 4:
            return None
        start += 4 + 4 * struct.unpack_from("!H", datagram, start + 2)[0]
    end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    if start > end:
        return None
    return Packet(second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, datagram[start:end])


@dataclass
class Packetiser:
    """Numbers the packets of one outgoing stream; audio and DTMF share its sequence and clock."""

    ssrc: int
    sequence: int
    timestamp: int
    _event_started_at: int = 0
    _event_samples: int = 0

    def audio(self, payload: bytes) -> bytes:
        """Pack one 20 ms PCMU frame and move the clock on."""
        packet = self._pack(0, self.timestamp, payload, marker=False)
        self.timestamp = (self.timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        return packet

    def event(self, key: str, payload_type: int, *, first: bool, last: bool) -> list[bytes]:
        """Pack 20 ms of a held key.

        The RTP timestamp stays that of the key's start (receivers tell keys apart by it); the last packet
        goes out three times, because losing it would hold the key down.
        """
        if first:
            self._event_started_at, self._event_samples = self.timestamp, 0
        self._event_samples += FRAME_SAMPLES
        flags = (0x80 if last else 0) | _EVENT_VOLUME_DBM0
        payload = _EVENT.pack(DTMF_KEYS.index(key), flags, self._event_samples)
        packets = [
            self._pack(payload_type, self._event_started_at, payload, marker=first) for _ in range(3 if last else 1)
        ]
        self.timestamp = (self.timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        return packets

    def skip(self, frames: int) -> None:
        """Leave a hole of that many frames in the clock, as a sender that was asleep must."""
        self.timestamp = (self.timestamp + frames * FRAME_SAMPLES) & 0xFFFFFFFF

    def _pack(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> bytes:
        head = _HEADER.pack(0x80, payload_type | (0x80 if marker else 0), self.sequence, timestamp, self.ssrc)
        self.sequence = (self.sequence + 1) & 0xFFFF
        return head + payload


@dataclass
class StreamStatistics:
    """Counts of one incoming stream, across changes of SSRC."""

    received: int = 0
    duplicates: int = 0
    late: int = 0
    max_gap_ms: float = 0.0
    _expected_before: int = 0
    _ssrc: int | None = None
    _first: int = 0
    _highest: int = 0
    _recent: set[int] = field(default_factory=set)
    _first_timestamp: int = 0
    _first_arrival_ns: int = 0
    _min_transit_ms: float = float("inf")
    _last_arrival_ns: int = 0

    def add(self, packet: Packet, arrival_ns: int) -> bool:
        """Count one packet.

        Returns: whether it is new and in order, and so fit for analysis as it comes.
        """
        if packet.ssrc != self._ssrc:
            self._start_stream(packet, arrival_ns)
        step = (packet.sequence - self._highest + 0x8000) % 0x10000 - 0x8000
        extended = self._highest + step
        if extended in self._recent or extended < self._first:
            self.duplicates += 1
            return False
        self.received += 1
        self._recent.add(extended)
        if len(self._recent) > 1024:
            self._recent = {seen for seen in self._recent if seen > self._highest - 512}
        in_order = step >= 0
        self._highest = max(self._highest, extended)
        self._time(packet, arrival_ns)
        return in_order

    @property
    def expected(self) -> int:
        """Packets the far end numbered, first to highest."""
        return self._expected_before + (self._highest - self._first + 1 if self._ssrc is not None else 0)

    @property
    def lost(self) -> int:
        """Packets numbered but never seen."""
        return max(0, self.expected - self.received)

    def summary(self) -> dict[str, int | float]:
        """The counts, for the report."""
        return {
            "received": self.received,
            "expected": self.expected,
            "lost": self.lost,
            "late": self.late,
            "dup": self.duplicates,
            "max_gap_ms": round(self.max_gap_ms, 1),
        }

    def _start_stream(self, packet: Packet, arrival_ns: int) -> None:
        if self._ssrc is not None:
            self._expected_before = self.expected
        self._ssrc = packet.ssrc
        self._first = self._highest = packet.sequence
        self._recent = set()
        self._first_timestamp, self._first_arrival_ns = packet.timestamp, arrival_ns
        self._min_transit_ms = float("inf")

    def _time(self, packet: Packet, arrival_ns: int) -> None:
        media_samples = (packet.timestamp - self._first_timestamp + 0x80000000) % 0x100000000 - 0x80000000
        transit_ms = (arrival_ns - self._first_arrival_ns) / 1e6 - media_samples / SAMPLES_PER_MS
        self._min_transit_ms = min(self._min_transit_ms, transit_ms)
        if transit_ms > self._min_transit_ms + PLAYOUT_MS:
            self.late += 1
        if self._last_arrival_ns:
            self.max_gap_ms = max(self.max_gap_ms, (arrival_ns - self._last_arrival_ns) / 1e6)
        self._last_arrival_ns = arrival_ns
