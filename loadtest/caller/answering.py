"""One incoming SIP call as a state machine, with the face of ``Dialog``: the person who is called.

    dialing (nobody called yet) ──INVITE──▶ ringing ──ring_s──▶ up ──BYE either way──▶ over
                                               └── refused, CANCEL ──▶ over

The final answer to the INVITE is sent again until its ACK comes (RFC 3261 §13.3.1.4). Times are float seconds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from loadtest.caller import sdp
from loadtest.caller.dialog import Phase
from loadtest.caller.dialog_events import Answered, Event, MediaMoved, Over, Ringing
from loadtest.caller.script import Answer
from loadtest.caller.sip_message import MalformedMessage, Message, address_uri, parse, parse_uri
from loadtest.caller.transaction import T1_S, T2_S, Address, Transaction

_NAMES = {180: "Ringing", 200: "OK", 480: "Temporarily Unavailable", 486: "Busy Here", 487: "Request Terminated",
          603: "Decline"}  # fmt: skip


@dataclass
class Answering:
    """A UAS for one call over UDP; a second call at the same time is busy.

    Args (fields): ``local`` our signalling address; ``media_port`` where our RTP listens; ``manners`` how to answer.
    """

    local: Address
    media_port: int
    manners: Answer

    phase: Phase = Phase.DIALING
    status: int = 0  # our last answer to the INVITE; 0 while nobody called
    status_reason: str = ""
    retransmissions: int = 0
    call_id: str = ""
    outbox: list[tuple[Address, bytes]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    _tag: str = field(default_factory=lambda: secrets.token_hex(6))
    _session: int = field(default_factory=lambda: secrets.randbelow(2**31))
    _invite: Message | None = None
    _source: Address = ("", 0)
    _pick_up_at_s: float = float("inf")
    _final: Transaction | None = None
    _bye: Transaction | None = None

    def start(self, now_s: float) -> None:
        """Wait; there is nothing to send."""

    @property
    def idle(self) -> bool:
        """Whether nothing is left to send or wait for."""
        return self.phase is Phase.OVER and self._final is None and self._bye is None

    def next_deadline_s(self) -> float:
        """When ``poll`` must be called again."""
        pending = [item.next_at_s for item in (self._final, self._bye) if item is not None]
        return min(self._pick_up_at_s, *pending) if pending else self._pick_up_at_s

    def poll(self, now_s: float) -> None:
        """Pick up or refuse when it has rung long enough; repeat what was not acknowledged."""
        if now_s >= self._pick_up_at_s:
            self._pick_up_at_s = float("inf")
            self._decide(now_s)
        self._final = self._repeated(self._final, now_s)
        self._bye = self._repeated(self._bye, now_s)

    def _repeated(self, item: Transaction | None, now_s: float) -> Transaction | None:
        if item is None or now_s < item.next_at_s:
            return item
        if item.is_hopeless(now_s):
            return None
        self.outbox.append(item.again(now_s, T2_S))
        return item

    def hang_up(self, now_s: float) -> None:
        """BYE once the call is up, 480 while it rings."""
        if self.phase is Phase.UP:
            self._send_bye(now_s)
            self._finish(now_s, "caller")
        elif self.phase is Phase.RINGING:
            self._refuse(480, now_s, by="caller")
        else:
            self._finish(now_s, "nobody")

    def receive(self, datagram: bytes, source: Address, at_s: float) -> None:
        """Take one datagram; what is not SIP is dropped."""
        try:
            message = parse(datagram)
        except MalformedMessage:
            return
        if not message.is_request:
            if message.cseq[1] == "BYE" and message.status >= 200:
                self._bye = None
        elif message.method == "INVITE":
            self._on_invite(message, source, at_s)
        elif message.method == "ACK":
            self._final = None
        else:
            self._on_request(message, source, at_s)

    def _on_invite(self, message: Message, source: Address, at_s: float) -> None:
        if self._invite is None:
            self._take(message, source, at_s)
        elif message.get("Call-ID") != self.call_id:
            self._send(message, source, 486)
        elif message.cseq == self._invite.cseq:  # sent again: so is our last answer
            self._send(message, source, self.status)
        elif self.phase is Phase.UP:
            self.events.append(MediaMoved(sdp.read(message.body)))
            self._final = self._send(message, source, 200, at_s=at_s)

    def _take(self, message: Message, source: Address, at_s: float) -> None:
        self._invite, self._source, self.call_id = message, source, message.get("Call-ID")
        self.phase = Phase.RINGING
        self.events.append(Ringing(at_s))
        self.status, self.status_reason = 180, _NAMES[180]
        self._send(message, source, 180)
        if not self.manners.never:
            self._pick_up_at_s = at_s + self.manners.ring_s

    def _decide(self, now_s: float) -> None:
        assert self._invite is not None
        if self.manners.refuse is not None:
            self._refuse(self.manners.refuse, now_s, by="refused")
            return
        self.status, self.status_reason = 200, _NAMES[200]
        self._final = self._send(self._invite, self._source, 200, at_s=now_s)
        self.phase = Phase.UP
        self.events.append(Answered(now_s, sdp.read(self._invite.body)))

    def _refuse(self, status: int, now_s: float, *, by: str) -> None:
        assert self._invite is not None
        self.status, self.status_reason = status, _NAMES.get(status, "Refused")
        self._final = self._send(self._invite, self._source, status, at_s=now_s)
        self._pick_up_at_s = float("inf")
        self._finish(now_s, by)

    def _on_request(self, message: Message, source: Address, at_s: float) -> None:
        is_ours = message.get("Call-ID") == self.call_id
        self._send(message, source, 200 if is_ours or message.method == "OPTIONS" else 481)
        if message.method == "BYE" and is_ours:
            self._finish(at_s, "agent")
        elif message.method == "CANCEL" and is_ours and self.phase is Phase.RINGING:
            self._refuse(487, at_s, by="agent")

    def _send(self, request: Message, to: Address, status: int, *, at_s: float = 0.0) -> Transaction:
        """Answer a request, with our media where a call is taken."""
        kept = [
            item for item in request.headers if item[0].lower() in ("via", "record-route", "from", "call-id", "cseq")
        ]
        party = request.get("To")
        headers = [*kept, ("To", party if "tag=" in party else f"{party};tag={self._tag}")]
        body = b""
        if request.method == "INVITE" and status == 200:
            body = sdp.describe(self.local[0], self.media_port, session=self._session)
            headers += [("Contact", f"<sip:{self.local[0]}:{self.local[1]}>"), ("Content-Type", "application/sdp")]
        answer = Message(status=status, reason=_NAMES.get(status, "Refused"), headers=tuple(headers), body=body)
        self.outbox.append((to, answer.to_bytes()))
        return Transaction(answer, to, at_s, at_s + T1_S)

    def _send_bye(self, now_s: float) -> None:
        assert self._invite is not None
        contact = address_uri(self._invite.get("Contact"))
        target = parse_uri(contact)
        headers = (
            ("Via", f"SIP/2.0/UDP {self.local[0]}:{self.local[1]};branch=z9hG4bK{secrets.token_hex(8)};rport"),
            ("Max-Forwards", "70"),
            ("From", f"{self._invite.get('To')};tag={self._tag}"),
            ("To", self._invite.get("From")),
            ("Call-ID", self.call_id),
            ("CSeq", "1 BYE"),
        )
        request = Message("BYE", contact, headers=headers)
        self._bye = Transaction(request, (target.host, target.port), now_s, now_s + T1_S)
        self.outbox.append((self._bye.to, request.to_bytes()))

    def _finish(self, at_s: float, by: str) -> None:
        if self.phase is not Phase.OVER:
            self.phase = Phase.OVER
            self.events.append(Over(at_s, by))
