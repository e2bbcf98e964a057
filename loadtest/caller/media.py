"""A call's sound: the sockets with kernel receive stamps, the paced sender and the two-channel recording."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import wave
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from loadtest.caller import rtp, ulaw
from loadtest.caller.errors import CallerError
from loadtest.caller.onset import NS_PER_SAMPLE

_SO_TIMESTAMPNS = 35
_SO_RXQ_OVFL = 40
_TIMESPEC = struct.Struct("qq")
_ANCILLARY_BYTES = 128
_RECEIVE_BUFFER_BYTES = 1 << 20
_SILENCE = bytes([ulaw.SILENCE]) * rtp.FRAME_SAMPLES
_FRAME_NS = rtp.FRAME_SAMPLES * NS_PER_SAMPLE
_KEY_FRAMES = 6
_KEY_GAP_FRAMES = 4
_MOST_LATE_FRAMES = 5
_REANCHOR_SAMPLES = 800


def open_socket(host: str, *, port: int = 0, even_port: bool = False) -> socket.socket:
    """Bind a UDP socket whose datagrams carry the kernel's receive time and drop count.

    Raises: CallerError: the address is not this machine's, or no port is free.
    """
    for _ in range(64):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        try:
            sock.bind((host, port))
        except OSError as fault:
            sock.close()
            raise CallerError(f"cannot bind UDP port {port or 'of any number'} on {host}: {fault.strerror}") from None
        if not even_port or sock.getsockname()[1] % 2 == 0:
            return sock
        sock.close()
    raise CallerError(f"no even UDP port to be had on {host}")


@dataclass(frozen=True)
class Datagram:
    """What arrived, from whom, and when the kernel saw it (CLOCK_REALTIME)."""

    data: bytes
    source: tuple[str, int]
    arrival_ns: int
    drops: int  # datagrams this socket has lost so far because its buffer was full


def receive_all(sock: socket.socket, now_ns: int) -> list[Datagram]:
    """Empty a socket; ``now_ns`` stands in should the kernel give no stamp."""
    datagrams = []
    with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
        while True:
            data, ancillary, _, source = sock.recvmsg(2048, _ANCILLARY_BYTES)
            arrival_ns, drops = now_ns, 0
            for level, kind, value in ancillary:
                if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                    seconds, nanoseconds = _TIMESPEC.unpack_from(value)
                    arrival_ns = seconds * 1_000_000_000 + nanoseconds
                elif level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                    drops = int.from_bytes(value[:4], "little")
            datagrams.append(Datagram(data, source, arrival_ns, drops))
    return datagrams


@dataclass
class Channel:
    """One side of the recording; sample 0 is the recording's start."""

    start_ns: int
    _samples: ulaw.Pcm = field(default_factory=lambda: np.zeros(8000 * 60, dtype=np.int16))
    _used: int = 0
    _anchor: tuple[int, int] | None = None  # RTP timestamp ↔ sample position

    def place(self, samples: ulaw.Pcm, timestamp: int, at_ns: int) -> None:
        """Put a frame where its RTP timestamp says, and re-anchor when that strays 100 ms from the clock."""
        by_clock = (at_ns - self.start_ns) // NS_PER_SAMPLE
        if self._anchor is None:
            self._anchor = (timestamp, by_clock)
        step = (timestamp - self._anchor[0] + 0x80000000) % 0x100000000 - 0x80000000
        position = self._anchor[1] + step
        if abs(position - by_clock) > _REANCHOR_SAMPLES:
            self._anchor, position = (timestamp, by_clock), by_clock
        if position < 0:
            return
        end = position + len(samples)
        if end > len(self._samples):
            self._samples = np.concatenate([self._samples, np.zeros(max(end, 8000 * 60), dtype=np.int16)])
        self._samples[position:end] = samples
        self._used = max(self._used, end)

    def cut(self, from_ns: int, to_ns: int) -> ulaw.Pcm:
        """Copy what was heard between two instants."""
        first = max(0, (from_ns - self.start_ns) // NS_PER_SAMPLE)
        return self._samples[first : max(first, (to_ns - self.start_ns) // NS_PER_SAMPLE)].copy()

    @property
    def samples(self) -> ulaw.Pcm:
        """Everything so far."""
        return self._samples[: self._used]


def write_stereo(path: Path, left: Channel, right: Channel) -> None:
    """Write the caller left and the agent right, on one clock."""
    length = max(len(left.samples), len(right.samples))
    both = np.zeros((length, 2), dtype="<i2")
    both[: len(left.samples), 0] = left.samples
    both[: len(right.samples), 1] = right.samples
    with wave.open(str(path), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(8000)
        target.writeframes(both.tobytes())


@dataclass(frozen=True)
class _Frame:
    """20 ms to send: audio (``audible`` samples of it are the clip's), or one packet of a held key."""

    payload: bytes = _SILENCE
    audible: int = 0
    key: str = ""
    starts: bool = False
    ends: bool = False


@dataclass
class Sender:
    """Sends a frame every 20 ms without a pause, silence when there is nothing to say.

    ``began_ns`` and ``ended_ns`` are set as the first and last sample of the latest clip leave; sample *i* of
    a packet sent at T left the mouth at T - 20 ms + i/8 ms.
    """

    sock: socket.socket
    channel: Channel
    began_ns: int = 0
    ended_ns: int = 0
    dtmf_payload_type: int | None = 101
    _to: tuple[str, int] | None = None
    _packets: rtp.Packetiser = field(
        default_factory=lambda: rtp.Packetiser(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
    )
    _queue: deque[_Frame] = field(default_factory=deque)
    next_ns: int = 0

    def connect(self, host: str, port: int, now_ns: int) -> None:
        """Begin, or go on, sending to an address."""
        self._to = (host, port)
        self.next_ns = self.next_ns or now_ns

    def say(self, clip: ulaw.Pcm) -> None:
        """Queue a clip."""
        self.began_ns = self.ended_ns = 0
        count = -(-len(clip) // rtp.FRAME_SAMPLES)
        padded = np.zeros(count * rtp.FRAME_SAMPLES, dtype=np.int16)
        padded[: len(clip)] = clip
        for index in range(count):
            first = index * rtp.FRAME_SAMPLES
            payload = ulaw.encode(padded[first : first + rtp.FRAME_SAMPLES])
            audible = min(rtp.FRAME_SAMPLES, len(clip) - first)
            self._queue.append(_Frame(payload, audible, starts=index == 0, ends=index == count - 1))

    def press(self, keys: str) -> None:
        """Queue keys, 120 ms each with 80 ms between them."""
        self.began_ns = self.ended_ns = 0
        for number, key in enumerate(keys):
            self._queue.extend(
                _Frame(key=key, starts=step == 0, ends=step == _KEY_FRAMES - 1) for step in range(_KEY_FRAMES)
            )
            if number < len(keys) - 1:
                self._queue.extend([_Frame()] * _KEY_GAP_FRAMES)

    def stop(self) -> None:
        """Send nothing more."""
        self._to = None
        self._queue.clear()

    @property
    def active(self) -> bool:
        """Whether there is an address to send to."""
        return self._to is not None

    @property
    def busy(self) -> bool:
        """Whether words or keys are still to go."""
        return bool(self._queue)

    def send_due(self, now_ns: int, clock_ns: Callable[[], int]) -> list[float]:
        """Send what is due; frames more than 100 ms late are skipped, as a real telephone would.

        Args:
            clock_ns: a callable giving the time now; read right before each packet leaves.
        Returns: how late each tick was, in ms.
        """
        lateness = []
        while self._to and self.next_ns <= now_ns:
            behind = (now_ns - self.next_ns) // _FRAME_NS
            lateness.append((now_ns - self.next_ns) / 1e6)
            if behind > _MOST_LATE_FRAMES:
                self._packets.skip(int(behind))
                self.next_ns += behind * _FRAME_NS
            self._send(self._queue.popleft() if self._queue else _Frame(), clock_ns)
            self.next_ns += _FRAME_NS
        return lateness

    def _send(self, frame: _Frame, clock_ns: Callable[[], int]) -> None:
        assert self._to is not None
        timestamp = self._packets.timestamp
        if frame.key:
            packets = self._packets.event(frame.key, self.dtmf_payload_type or 101, first=frame.starts, last=frame.ends)
        else:
            packets = [self._packets.audio(frame.payload)]
        at_ns = clock_ns()
        for packet in packets:
            with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                self.sock.sendto(packet, self._to)
        left_ns = at_ns - _FRAME_NS
        if not frame.key:
            self.channel.place(ulaw.decode(frame.payload), timestamp, left_ns)
        if frame.starts and not self.began_ns:
            self.began_ns = left_ns
        if frame.ends and not self._queue:
            self.ended_ns = left_ns + (frame.audible or rtp.FRAME_SAMPLES) * NS_PER_SAMPLE
