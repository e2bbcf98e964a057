"""What one end of a SIP dialog keeps (RFC 3261 §12), and the messages that follow from it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from loadtest.caller import sdp
from loadtest.caller.sip_message import Message, Uri, address_uri, is_uri, parse_uri
from loadtest.caller.transaction import Address

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REFER"
_USER_AGENT = "voicefleet-ear"
_SDP = ("Content-Type", "application/sdp")

Headers = tuple[tuple[str, str], ...]


@dataclass
class DialogState:
    """Both ends' names, the route between them and our sequence number, from which every message is made.

    Args (fields): ``to`` the called URI; ``caller`` the calling number; ``local`` our signalling address;
    ``media_port`` where our RTP listens; ``remote_to``, ``remote_target`` and ``routes`` as the 200 told them.
    """

    to: Uri
    caller: str
    local: Address
    media_port: int
    call_id: str

    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    remote_to: str = ""
    remote_target: str = ""
    routes: list[str] = field(default_factory=list)
    _session: int = field(default_factory=lambda: secrets.randbelow(2**31))
    _sequence: int = 0

    def establish(self, ok: Message) -> None:
        """Take the far end's name, its target and the route from its 200."""
        self.remote_to = ok.get("To")
        contact = address_uri(ok.get("Contact"))
        self.remote_target = contact if is_uri(contact) else self.to.text
        routes = reversed(ok.hops("Record-Route"))
        self.routes = [route for route in routes if is_uri(address_uri(route))]

    @property
    def contact(self) -> tuple[str, str]:
        """The header that says where this end is reached."""
        return "Contact", f"<sip:{self.caller}@{self.local[0]}:{self.local[1]}>"

    @property
    def next_hop(self) -> Address:
        """Where a request inside the dialog goes."""
        target = parse_uri(address_uri(self.routes[0]) if self.routes else self.remote_target)
        return target.host, target.port

    def invite(self, answer: Headers) -> Message:
        """The INVITE under the next number; `answer` is to a challenge, or empty."""
        own = (self.contact, ("Allow", ALLOW), _SDP)
        return self.request("INVITE", self.to.text, headers=(*answer, *own), body=self._description())

    def request(self, method: str, uri: str = "", *, headers: Headers = (), body: bytes = b"") -> Message:
        """A request under the next number; without `uri` to the far end of the dialog."""
        self._sequence += 1
        return self._numbered(method, uri or self.remote_target, headers, body)

    def acknowledgement(self, invite: Message) -> Message:
        """The ACK of a 200: a request of its own under the INVITE's number."""
        return self._numbered("ACK", self.remote_target, (), b"").with_cseq(invite.cseq[0], "ACK")

    def _numbered(self, method: str, uri: str, headers: Headers, body: bytes) -> Message:
        via = f"SIP/2.0/UDP {self.local[0]}:{self.local[1]};branch=z9hG4bK{secrets.token_hex(8)};rport"
        common = (
            ("Via", via),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in self.routes),
            ("From", f"<sip:{self.caller}@{self.local[0]}>;tag={self.tag}"),
            ("To", self.remote_to or f"<{self.to.text}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._sequence} {method}"),
            ("User-Agent", _USER_AGENT),
        )
        return Message(method=method, uri=uri, headers=(*common, *headers), body=body)

    def agreement(self, reinvite: Message) -> Message:
        """The 200 to a re-INVITE, with our media as it is."""
        return respond(reinvite, 200, "OK", (self.contact, _SDP), self._description())

    def _description(self) -> bytes:
        return sdp.describe(self.local[0], self.media_port, session=self._session)


def same_transaction(method: str, invite: Message, to: str = "") -> Message:
    """Build the CANCEL, or the ACK of a refusal: the INVITE's own Via, From, Call-ID and number."""
    kept = {"via", "max-forwards", "route", "from", "to", "call-id", "user-agent"}
    headers = [(name, value) for name, value in invite.headers if name.lower() in kept]
    headers = [(name, to if to and name == "To" else value) for name, value in headers]
    headers.append(("CSeq", f"{invite.cseq[0]} {method}"))
    return Message(method=method, uri=invite.uri, headers=tuple(headers))


def respond(request: Message, status: int, reason: str, extra: Headers = (), body: bytes = b"") -> Message:
    """Build the answer to a request of theirs."""
    echoed = ("via", "record-route", "from", "to", "call-id", "cseq")
    headers = tuple(item for item in request.headers if item[0].lower() in echoed)
    return Message(status=status, reason=reason, headers=(*headers, *extra), body=body)
