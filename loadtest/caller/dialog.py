"""One outgoing SIP call as a state machine: bytes and times in, datagrams and events out, no sockets.

Theory of operation. ``receive`` and ``poll`` are the only ways in; ``outbox`` and ``events`` the only ways out.
Requests of ours live in ``Transaction`` until a final response or 32 s (64·T1) have passed; the INVITE stops
retransmitting at the first provisional answer (RFC 3261 §17.1.1). A CANCEL waits for that answer (§9.1), and
a 200 that crosses it on the wire is acknowledged and hung up. Requests of the far end are answered at once
and their answers kept, so that a retransmission gets the same bytes again (§17.2).

    dialing ──18x──▶ ringing ──200──▶ up ──BYE either way──▶ over
       └───────┴── 401/407 (once) ⟲   └── CANCEL, 3xx-6xx, no answer ──▶ over

Times are float seconds on one monotonic clock; received messages carry the time of their arrival.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import Enum

from loadtest.caller import sdp
from loadtest.caller.challenge import authorization
from loadtest.caller.dialog_events import Answered, Event, MediaMoved, Over, Referred, Ringing
from loadtest.caller.dialog_state import ALLOW, DialogState, respond, same_transaction
from loadtest.caller.referral import AGREE, HANG_UP, Referral, ReferScript
from loadtest.caller.sip_message import (
    MalformedMessage,
    Message,
    Uri,
    address_uri,
    parameters,
    parse,
)
from loadtest.caller.transaction import GIVE_UP_S, T1_S, Address, Pending, Transaction


class Phase(Enum):
    """Where the call stands."""

    DIALING = "dialing"
    RINGING = "ringing"
    UP = "up"
    OVER = "over"


@dataclass
class Dialog:
    """A UAC for one call over UDP.

    Args (fields): ``to`` the called URI; ``caller`` the calling number; ``local`` our signalling address;
    ``media_port`` where our RTP listens; ``credentials`` user and password for a digest challenge; ``refer`` what
    becomes of a REFER, None: it is not allowed.
    """

    to: Uri
    caller: str
    local: Address
    media_port: int
    credentials: tuple[str, str] | None = None
    refer: ReferScript | None = None
    call_id: str = field(default_factory=lambda: f"{secrets.token_hex(12)}@caller")

    phase: Phase = Phase.DIALING
    status: int = 0  # the last status of the INVITE; 0 while nothing came back
    status_reason: str = ""
    retransmissions: int = 0
    outbox: list[tuple[Address, bytes]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    state: DialogState = field(init=False)

    _invite: Transaction | None = None
    _invite_request: Message | None = None
    _others: Pending = field(default_factory=Pending)
    _ack: Message | None = None
    _cancelled: bool = False
    _cancel_sent: bool = False
    _challenged: set[str] = field(default_factory=set)
    _answers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _reinvite_oks: Pending = field(default_factory=Pending)
    _referral: Referral | None = None

    def __post_init__(self) -> None:
        self.state = DialogState(self.to, self.caller, self.local, self.media_port, self.call_id)

    # ------------------------------------------------------------------ what the call wants

    def start(self, now_s: float) -> None:
        """Send the INVITE."""
        self._send_invite(self.state.invite(()), now_s)

    def hang_up(self, now_s: float) -> None:
        """End the call in the way its phase asks for: CANCEL while it rings, BYE once it is up."""
        if self.phase is Phase.UP:
            self._bye(now_s, by="caller")
        elif self.phase is not Phase.OVER and not self._cancelled:
            self._cancelled = True
            if self._invite and self._invite.provisional:
                self._send_cancel(now_s)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to send or wait for."""
        return self.phase is Phase.OVER and not self._others and not self._invite

    def next_deadline_s(self) -> float:
        """When ``poll`` must be called again; infinity if nothing is pending."""
        waiting = (self._invite, self._referral)
        single_s = (item.next_at_s for item in waiting if item)
        return min(*single_s, self._others.next_at_s, self._reinvite_oks.next_at_s)

    def poll(self, now_s: float) -> None:
        """Retransmit what is due and give up what is too old."""
        invite = self._invite
        if invite and now_s >= invite.next_at_s:
            self._poll_invite(invite, now_s)
        self.outbox += self._others.due(now_s) + self._reinvite_oks.due(now_s)
        while self._referral and now_s >= self._referral.next_at_s and self.phase is Phase.UP:
            self._pursue(self._referral, now_s)

    def receive(self, datagram: bytes, source: Address, at_s: float) -> None:
        """Take one datagram; what is not SIP, or not of this call, is dropped."""
        try:
            message = parse(datagram)
        except MalformedMessage:
            return
        if message.is_request:
            self._on_request(message, source, at_s)
        elif message.get("Call-ID") == self.call_id:
            self._on_response(message, at_s)

    # ------------------------------------------------------------------ our requests

    def _poll_invite(self, invite: Transaction, now_s: float) -> None:
        if self._cancel_sent or now_s - invite.started_at_s >= GIVE_UP_S:
            # Either nothing ever came back, or a CANCEL was taken and the 487 got lost.
            self._invite = None
            self._finish(now_s, "caller" if self._cancelled else "nobody")
        elif self._cancelled and not invite.provisional and now_s - invite.started_at_s >= 2 * T1_S:
            # Nobody is there to cancel with: a far end that was silent for two tries never heard us.
            self._invite = None
            self._finish(now_s, "caller")
        else:
            self.retransmissions += 1
            self.outbox.append(invite.again(now_s, GIVE_UP_S))

    def _send_invite(self, request: Message, now_s: float) -> None:
        self._invite = Transaction(request, (self.to.host, self.to.port), now_s, now_s + T1_S)
        self._invite_request = request
        self.outbox.append((self._invite.to, request.to_bytes()))

    def _bye(self, now_s: float, *, by: str) -> None:
        self._send_in_dialog(self.state.request("BYE"), now_s)
        self._finish(now_s, by)

    def _send_in_dialog(self, request: Message, now_s: float) -> None:
        self._others[request.branch] = Transaction(request, self.state.next_hop, now_s, now_s + T1_S)
        self.outbox.append((self.state.next_hop, request.to_bytes()))

    def _send_cancel(self, now_s: float) -> None:
        assert self._invite is not None
        cancel = same_transaction("CANCEL", self._invite.request)
        self._others[f"cancel {cancel.branch}"] = Transaction(cancel, self._invite.to, now_s, now_s + T1_S)
        self.outbox.append((self._invite.to, cancel.to_bytes()))
        self._cancel_sent = True
        self._invite.next_at_s = now_s + GIVE_UP_S

    # ------------------------------------------------------------------ their responses

    def _on_response(self, message: Message, at_s: float) -> None:
        number, method = message.cseq
        if method == "INVITE":
            if self._invite_request and number == self._invite_request.cseq[0]:
                self._on_invite_response(message, at_s)
            return
        branch = f"cancel {message.branch}" if method == "CANCEL" else message.branch
        pending = self._others.get(branch)
        if not pending or message.status < 200:
            return
        del self._others[branch]
        if message.status in (401, 407) and method == "BYE":
            self._authorised_bye(message, at_s)

    def _on_invite_response(self, message: Message, at_s: float) -> None:
        if message.status < 200:
            self._on_provisional(message, at_s)
        elif message.status < 300:
            self._on_ok(message, at_s)
        else:
            self._on_refusal(message, at_s)

    def _on_provisional(self, message: Message, at_s: float) -> None:
        if not self._invite:
            return
        if not self._invite.provisional:
            self._invite.provisional = True
            # From here the far end decides how long it rings; the caller's own patience is the script's.
            self._invite.next_at_s = float("inf")
        self.status, self.status_reason = message.status, message.reason
        if message.status > 100 and self.phase is Phase.DIALING:
            self.phase = Phase.RINGING
            self.events.append(Ringing(at_s))
        if self._cancelled and not self._cancel_sent:
            self._send_cancel(at_s)

    def _on_ok(self, message: Message, at_s: float) -> None:
        if self._ack is not None:
            self.outbox.append((self.state.next_hop, self._ack.to_bytes()))  # our first ACK was lost
            return
        if self._invite is None:
            return
        invite, self._invite = self._invite.request, None
        self.status, self.status_reason = message.status, message.reason
        self.state.establish(message)
        self._ack = self.state.acknowledgement(invite)
        self.outbox.append((self.state.next_hop, self._ack.to_bytes()))
        try:
            media = sdp.read(message.body)
        except sdp.UnusableAnswer as fault:
            self.status_reason = f"answered, but {fault}"
            self._bye(at_s, by="refused")
            return
        self.phase = Phase.UP
        if self._cancelled:
            self._bye(at_s, by="caller")
        else:
            self.events.append(Answered(at_s, media))

    def _on_refusal(self, message: Message, at_s: float) -> None:
        request = self._invite_request
        assert request is not None
        ack = same_transaction("ACK", request, to=message.get("To"))
        self.outbox.append(((self.to.host, self.to.port), ack.to_bytes()))
        if self._invite is None:
            return  # a retransmitted refusal: acknowledged again, nothing new
        self._invite = None
        self.status, self.status_reason = message.status, message.reason
        if message.status in (401, 407) and not self._cancelled:
            answer = self._authorization(message, "INVITE", request.uri)
            if answer:
                self._send_invite(self.state.invite((answer,)), at_s)
                return
        self._finish(at_s, "caller" if self._cancelled else "refused")

    def _authorised_bye(self, message: Message, at_s: float) -> None:
        answer = self._authorization(message, "BYE", self.state.remote_target)
        if answer:
            self._send_in_dialog(self.state.request("BYE", headers=(answer,)), at_s)

    def _authorization(self, message: Message, method: str, uri: str) -> tuple[str, str] | None:
        """Answer a challenge once per method; a second one means the password is wrong."""
        if not self.credentials or method in self._challenged:
            return None
        self._challenged.add(method)
        return authorization(message, method, uri, self.credentials)

    # ------------------------------------------------------------------ their requests

    def _on_request(self, message: Message, source: Address, at_s: float) -> None:
        if message.method == "ACK":
            self._reinvite_oks.clear()
            return
        key = (message.branch, message.method)
        if key in self._answers:
            self.outbox.append((source, self._answers[key]))
            return
        ours = message.get("Call-ID") == self.call_id and self.state.tag == parameters(message.get("To")).get("tag")
        if message.method == "OPTIONS":
            answer = respond(message, 200, "OK", (("Allow", ALLOW), ("Accept", "application/sdp")))
        elif not ours or self.phase is not Phase.UP:
            answer = respond(message, 481, "Call/Transaction Does Not Exist")
        elif message.method == "BYE":
            answer = respond(message, 200, "OK")
            self._finish(at_s, "agent")
        elif message.method == "INVITE":
            answer = self._on_reinvite(message, source, at_s)
        elif message.method == "REFER" and self.refer is not None and message.get("Refer-To"):
            self._on_refer(message, self.refer, source, at_s)
            return
        else:
            answer = respond(message, 405, "Method Not Allowed", (("Allow", ALLOW),))
        self._answers[key] = answer.to_bytes()
        self.outbox.append((source, self._answers[key]))

    def _on_refer(self, message: Message, script: ReferScript, source: Address, at_s: float) -> None:
        if self._referral and self._referral.cseq == message.cseq[0]:
            self.outbox.append(self._referral.agreement)  # ours was lost
            return
        self.events.append(Referred(at_s, address_uri(message.get("Refer-To"))))
        answer = respond(message, 202, "Accepted", (self.state.contact,))
        self._referral = Referral(script, message.cseq[0], at_s, (source, answer.to_bytes()))

    def _pursue(self, referral: Referral, now_s: float) -> None:
        """Tell how it stands (RFC 3515 §2.4.4); a carrier that has the caller then hangs up here."""
        status = referral.step()
        if status == AGREE:
            self.outbox.append(referral.agreement)
            return
        if status == HANG_UP:
            self._bye(now_s, by="carrier")
            return
        headers, body = referral.notification(status)
        request = self.state.request("NOTIFY", headers=(self.state.contact, *headers), body=body)
        self._send_in_dialog(request, now_s)

    def _on_reinvite(self, message: Message, source: Address, at_s: float) -> Message:
        if message.body:
            try:
                self.events.append(MediaMoved(sdp.read(message.body)))
            except sdp.UnusableAnswer:
                return respond(message, 488, "Not Acceptable Here")
        answer = self.state.agreement(message)
        self._reinvite_oks["newest"] = Transaction(answer, source, at_s, at_s + T1_S)
        return answer

    def _finish(self, at_s: float, by: str) -> None:
        if self.phase is not Phase.OVER:
            self.phase = Phase.OVER
            self.events.append(Over(at_s, by))
