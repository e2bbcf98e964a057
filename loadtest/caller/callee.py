"""The responder's end of one call's sound: replies after known delays, stops a known time after a barge-in.

It shares only the codec and the packet formats with the caller, not its analysis: it knows its own first
sample because it made it, and the caller's last because it is the last one above the threshold in the last
packet that has one.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import TextIO

import numpy as np

from loadtest.caller import rtp, sdp, ulaw
from loadtest.caller.media import open_socket, receive_all
from loadtest.caller.sip_message import Message

_FRAME_NS = 20_000_000
_NS_PER_SAMPLE = 125_000
_AUDIBLE = 185
_SETTLE_NS = 60_000_000
_GREETING_AFTER_NS = 300_000_000
_BARGE_AFTER_NS = 200_000_000

Address = tuple[str, int]


@dataclass(frozen=True)
class Manners:
    """How the responder behaves. Delays are drawn uniformly between the two bounds, in ms."""

    delays_ms: tuple[float, float] = (150.0, 450.0)
    settle_ns: int = _SETTLE_NS  # quiet that makes the caller's words complete
    prompts: tuple[ulaw.Pcm, ...] = ()  # said in order, then BYE; empty: bursts for ever
    refuse: int = 0
    ring_ns: int = 0
    credentials: tuple[str, str] | None = None
    seed: int = 1


def burst(seed: int, length_ms: int) -> ulaw.Pcm:
    """Make speech-like noise with hard edges: syllables of 40 ms, first and last sample loud."""
    noise = np.random.default_rng(seed).normal(0, 2500, length_ms * 8)
    syllables = 1 + 0.8 * np.sin(2 * np.pi * np.arange(len(noise)) / 320)
    samples = np.clip(noise * syllables, -20000, 20000)
    samples[0] = samples[-1] = 6000
    return samples.astype(np.int16)


@dataclass
class Callee:
    """One answered call's media; ``tick`` at ``next_ns``, ``done`` when everything is said."""

    call_id: str
    invite: Message
    source: Address
    host: str
    manners: Manners
    truths: TextIO
    tag: str = field(default_factory=lambda: secrets.token_hex(4))

    def __post_init__(self) -> None:
        self.sock = open_socket(self.host, even_port=True)
        media = sdp.read(self.invite.body)
        self.to = (media.host, media.port)
        self.random = random.Random(f"{self.manners.seed} {self.invite.get('From').partition(';')[0]}")
        self.packets = rtp.Packetiser(secrets.randbits(32), 0, 0)
        self.next_ns = time.time_ns()
        self.start_at_ns: int | None = self.next_ns + _GREETING_AFTER_NS
        self.heard_end_ns = 0
        self.barge_onset_ns = 0
        self.playing: ulaw.Pcm | None = None
        self.position = 0
        self.turn = 0
        self.done = False
        self.keys = ""
        self._key_at = -1

    def on_rtp(self) -> None:
        """Note when the caller was last loud."""
        for datagram in receive_all(self.sock, time.time_ns()):
            packet = rtp.parse(datagram.data)
            if packet is None:
                continue
            if packet.payload_type == sdp.TELEPHONE_EVENT:
                self._on_key(packet, datagram.arrival_ns)
                continue
            loud = np.flatnonzero(np.abs(ulaw.decode(packet.payload).astype(np.int32)) >= _AUDIBLE)
            if len(loud):
                left_ns = datagram.arrival_ns - _FRAME_NS
                self._on_loud(left_ns + int(loud[0]) * _NS_PER_SAMPLE, left_ns + (int(loud[-1]) + 1) * _NS_PER_SAMPLE)

    def _on_key(self, packet: rtp.Packet, arrival_ns: int) -> None:
        if packet.timestamp != self._key_at:
            self._key_at = packet.timestamp
            self.keys += rtp.DTMF_KEYS[packet.payload[0] & 0x0F]
        self._on_loud(arrival_ns - _FRAME_NS, arrival_ns)

    def _on_loud(self, first_ns: int, end_ns: int) -> None:
        if self.playing is not None and not self.barge_onset_ns:
            self.barge_onset_ns = first_ns
        self.heard_end_ns = end_ns

    def tick(self, now_ns: int) -> None:
        """Send every frame that is due."""
        while self.next_ns <= now_ns:
            self._plan(self.next_ns)
            samples, onset_at, stop_at = self._frame(self.next_ns)
            payload = self.packets.audio(ulaw.encode(samples))
            sent_ns = time.time_ns()
            self.sock.sendto(payload, self.to)
            if onset_at is not None and self.heard_end_ns:
                self._tell("reply", sent_ns + onset_at * _NS_PER_SAMPLE - self.heard_end_ns)
            if stop_at is not None:
                self._tell("barge", sent_ns + stop_at * _NS_PER_SAMPLE - self.barge_onset_ns)
            if onset_at is not None:
                self.heard_end_ns = 0
            if stop_at is not None:
                self.barge_onset_ns = 0
            self.next_ns += _FRAME_NS

    def _plan(self, frame_ns: int) -> None:
        """Decide when the reply begins, once the caller has been quiet long enough."""
        waiting = self.playing is None and self.start_at_ns is None and self.heard_end_ns
        if waiting and frame_ns - self.heard_end_ns >= self.manners.settle_ns:
            delay_ns = int(self.random.uniform(*self.manners.delays_ms) * 1e6)
            self.start_at_ns = self.heard_end_ns + delay_ns

    def _frame(self, frame_ns: int) -> tuple[ulaw.Pcm, int | None, int | None]:
        """Build a frame; the second and third say at which sample a reply began or was cut off."""
        samples = np.zeros(rtp.FRAME_SAMPLES, dtype=np.int16)
        onset_at: int | None = None
        start = 0
        if self.playing is None and self.start_at_ns is not None and self.start_at_ns < frame_ns + _FRAME_NS:
            start = max(0, (self.start_at_ns - frame_ns) // _NS_PER_SAMPLE)
            self.start_at_ns, onset_at = None, start
            self.playing, self.position = self._next_clip(), 0
        if self.playing is None:
            return samples, onset_at, None
        stop = rtp.FRAME_SAMPLES
        if self.barge_onset_ns:
            stop_ns = self.barge_onset_ns + _BARGE_AFTER_NS - frame_ns
            stop = min(stop, max(start + 1, stop_ns // _NS_PER_SAMPLE))
        chunk = self.playing[self.position : self.position + stop - start]
        samples[start : start + len(chunk)] = chunk
        self.position += len(chunk)
        if stop < rtp.FRAME_SAMPLES:
            samples[stop - 1] = 6000  # a loud last sample, so that the instant is exact
            self.playing = None
            return samples, onset_at, stop
        if self.position >= len(self.playing):
            self.playing = None
            self.barge_onset_ns = 0
            self.done = bool(self.manners.prompts) and self.turn > len(self.manners.prompts)
        return samples, onset_at, None

    def _next_clip(self) -> ulaw.Pcm:
        self.turn += 1
        prompts = self.manners.prompts
        if not prompts:
            return burst(self.turn, 200)
        clip = prompts[min(self.turn, len(prompts)) - 1]
        if self.turn == len(prompts):
            self.turn += 1  # said everything: hang up behind it
        return clip

    def close(self) -> None:
        """Write down the keys that came and close the socket."""
        if self.keys:
            truth = {"call_id": self.call_id, "kind": "keys", "turn": self.turn, "keys": self.keys}
            self.truths.write(json.dumps(truth) + "\n")
            self.truths.flush()
        self.sock.close()

    def _tell(self, kind: str, delay_ns: int) -> None:
        truth = {"call_id": self.call_id, "kind": kind, "turn": self.turn, "delay_ms": delay_ns / 1e6}
        self.truths.write(json.dumps(truth) + "\n")
        self.truths.flush()
