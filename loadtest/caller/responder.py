"""A telephone that answers after delays it knows: the ground truth the ear is judged by.

It shares only the codec and the packet formats with the caller, not its analysis: it knows its own first
sample because it made it, and the caller's last because it is the last one above the threshold in the last
packet that has one. Each call's truths go to a file, one JSON object a line:

    {"call_id": …, "kind": "reply", "turn": 1, "delay_ms": 312.4}
    {"call_id": …, "kind": "barge", "turn": 2, "delay_ms": 204.1}
    {"call_id": …, "kind": "keys", "turn": 3, "keys": "5550123456#"}
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from loadtest.caller import digest, rtp, sdp, ulaw
from loadtest.caller.media import open_socket, receive_all
from loadtest.caller.sip_message import MalformedMessage, Message, address_uri, parse, parse_uri
from loadtest.caller.voices import clips

_FRAME_NS = 20_000_000
_NS_PER_SAMPLE = 125_000
_AUDIBLE = 185
_SETTLE_NS = 60_000_000
_GREETING_AFTER_NS = 300_000_000
_BARGE_AFTER_NS = 200_000_000
_NONCE = "b1a5c0de"

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
class _Callee:
    """One answered call's media."""

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


class Responder:
    """A UAS for any number of calls on one signalling port."""

    def __init__(self, host: str, manners: Manners, truths: TextIO) -> None:
        self.host, self.manners, self.truths = host, manners, truths
        self.sip = open_socket(host)
        self.port = int(self.sip.getsockname()[1])
        self.calls: dict[str, _Callee] = {}
        self.ringing: dict[str, tuple[int, Message, Address]] = {}
        self._poller = select.epoll()
        self._poller.register(self.sip.fileno(), select.EPOLLIN)

    def run(self, until: Callable[[], bool]) -> None:
        """Serve until told to stop."""
        while not until():
            due = [call.next_ns for call in self.calls.values()] + [at for at, _, _ in self.ringing.values()]
            due_ns = min(due, default=time.time_ns() + 200_000_000)
            readable = self._poller.poll(min(0.2, max(0.0, (due_ns - time.time_ns()) / 1e9)))
            for descriptor, _ in readable:
                if descriptor == self.sip.fileno():
                    self._on_sip()
                else:
                    for call in self.calls.values():
                        if call.sock.fileno() == descriptor:
                            call.on_rtp()
            for call_id, (at_ns, _, _) in list(self.ringing.items()):
                if at_ns <= time.time_ns():
                    self._pick_up(call_id)
            for call in list(self.calls.values()):
                call.tick(time.time_ns())
                if call.done:
                    self._hang_up(call)

    def close(self) -> None:
        """Close every socket."""
        for call in list(self.calls.values()):
            self._drop(call)
        self.sip.close()
        self._poller.close()

    def _on_sip(self) -> None:
        for datagram in receive_all(self.sip, time.time_ns()):
            try:
                message = parse(datagram.data)
            except MalformedMessage:
                continue
            if message.is_request:
                self._on_request(message, datagram.source)

    def _on_request(self, message: Message, source: Address) -> None:
        call_id = message.get("Call-ID")
        if message.method == "INVITE":
            self._on_invite(message, source)
        elif message.method == "CANCEL":
            self._answer(message, source, 200, "OK")
            ringing = self.ringing.pop(call_id, None)
            if ringing:
                self._answer(ringing[1], source, 487, "Request Terminated")
        elif message.method == "BYE":
            call = self.calls.get(call_id)
            self._answer(message, source, 200, "OK")
            if call:
                self._drop(call)
        elif message.method != "ACK":
            self._answer(message, source, 200, "OK")

    def _on_invite(self, message: Message, source: Address) -> None:
        call_id = message.get("Call-ID")
        if self.manners.refuse:
            self._answer(message, source, self.manners.refuse, "Refused")
        elif self.manners.credentials and not self._is_authorised(message):
            challenge = (("WWW-Authenticate", f'Digest realm="responder", nonce="{_NONCE}", qop="auth"'),)
            self._answer(message, source, 401, "Unauthorized", extra=challenge)
        elif call_id not in self.calls and call_id not in self.ringing:
            self._answer(message, source, 180, "Ringing")
            self.ringing[call_id] = (time.time_ns() + self.manners.ring_ns, message, source)

    def _is_authorised(self, message: Message) -> bool:
        """Recompute the response from the caller's own nonce count and cnonce."""
        assert self.manners.credentials is not None
        user, password = self.manners.credentials
        given = message.get("Authorization")
        cnonce = given.partition('cnonce="')[2].partition('"')[0]
        challenge = f'Digest realm="responder", nonce="{_NONCE}", qop="auth"'
        return given == digest.answer(
            challenge, method="INVITE", uri=message.uri, user=user, password=password, cnonce=cnonce
        )

    def _pick_up(self, call_id: str) -> None:
        _, message, source = self.ringing.pop(call_id)
        call = _Callee(call_id, message, source, self.host, self.manners, self.truths)
        self.calls[call_id] = call
        self._poller.register(call.sock.fileno(), select.EPOLLIN)
        body = sdp.describe(self.host, call.sock.getsockname()[1], session=1)
        extra = (("Contact", f"<sip:responder@{self.host}:{self.port}>"), ("Content-Type", "application/sdp"))
        self._answer(message, source, 200, "OK", tag=call.tag, extra=extra, body=body)

    def _answer(
        self,
        request: Message,
        source: Address,
        status: int,
        reason: str,
        *,
        tag: str = "refuser",
        extra: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> None:
        headers: list[tuple[str, str]] = []
        for name, value in request.headers:
            if name.lower() in ("via", "from", "call-id", "cseq"):
                headers.append((name, value))
            elif name.lower() == "to":
                headers.append((name, value if "tag=" in value else f"{value};tag={tag}"))
        answer = Message(status=status, reason=reason, headers=(*headers, *extra), body=body)
        self.sip.sendto(answer.to_bytes(), source)

    def _hang_up(self, call: _Callee) -> None:
        contact = address_uri(call.invite.get("Contact"))
        via = f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{secrets.token_hex(6)}"
        headers = (
            ("Via", via),
            ("From", f"{call.invite.get('To')};tag={call.tag}"),
            ("To", call.invite.get("From")),
            ("Call-ID", call.call_id),
            ("CSeq", "1 BYE"),
            ("Max-Forwards", "70"),
        )
        target = parse_uri(contact)
        self.sip.sendto(Message("BYE", contact, headers=headers).to_bytes(), (target.host, target.port))
        self._drop(call)

    def _drop(self, call: _Callee) -> None:
        self._poller.unregister(call.sock.fileno())
        del self.calls[call.call_id]
        call.close()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``respond``."""
    parser.set_defaults(command=respond)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--delays-ms", default="150:450", metavar="LOW:HIGH", help="drawn evenly (150:450)")
    parser.add_argument("--settle-ms", type=float, default=60, help="quiet that completes the caller's words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", type=Path, default=Path(os.devnull), help="where the true delays go")
    parser.add_argument("--say", action="append", default=[], help="say these in turn, then hang up")
    parser.add_argument("--refuse", type=int, default=0, metavar="STATUS", help="refuse every call so")
    parser.add_argument("--ring-s", type=float, default=0, help="ring this long before answering")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="challenge every INVITE")


def respond(options: argparse.Namespace) -> int:
    """Serve until standard input closes; print the port first."""
    low, _, high = options.delays_ms.partition(":")
    user, _, password = (options.auth or "").partition(":")
    spoken = clips("hibari", options.say)
    manners = Manners(
        delays_ms=(float(low), float(high or low)),
        settle_ns=int(options.settle_ms * 1e6),
        prompts=tuple(spoken[text] for text in options.say),
        refuse=options.refuse,
        ring_ns=int(options.ring_s * 1e9),
        credentials=(user, password) if options.auth else None,
        seed=options.seed,
    )
    with options.truth.open("w") as truths:
        responder = Responder(options.host, manners, truths)
        print(responder.port, flush=True)
        stdin = select.poll()
        stdin.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)

        def is_over() -> bool:
            return any(not sys.stdin.read(1) for _ in stdin.poll(0))

        responder.run(is_over)
        responder.close()
    return 0


def read_truths(path: Path) -> list[dict[str, Any]]:
    """Read the truths of a finished run."""
    return [json.loads(line) for line in path.read_text().splitlines() if line]
