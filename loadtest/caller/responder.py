"""A telephone that answers after delays it knows: the ground truth the ear is judged by.

Each call's truths go to a file, one JSON object a line:

    {"call_id": …, "kind": "reply", "turn": 1, "delay_ms": 312.4}
    {"call_id": …, "kind": "barge", "turn": 2, "delay_ms": 204.1}
    {"call_id": …, "kind": "keys", "turn": 3, "keys": "5550123456#"}
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from loadtest.caller import digest, sdp
from loadtest.caller.callee import Address, Callee, Manners
from loadtest.caller.media import open_socket, receive_all
from loadtest.caller.sip_message import MalformedMessage, Message, address_uri, parse, parse_uri
from loadtest.caller.voices import clips

_NONCE = "b1a5c0de"


class Responder:
    """A UAS for any number of calls on one signalling port."""

    def __init__(self, host: str, manners: Manners, truths: TextIO) -> None:
        self.host, self.manners, self.truths = host, manners, truths
        self.sip = open_socket(host)
        self.port = int(self.sip.getsockname()[1])
        self.calls: dict[str, Callee] = {}
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
        call = Callee(call_id, message, source, self.host, self.manners, self.truths)
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

    def _hang_up(self, call: Callee) -> None:
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

    def _drop(self, call: Callee) -> None:
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
