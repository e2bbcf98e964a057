"""The smallest SIP caller that can tell how an INVITE was answered: one UDP socket, no media."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

CALLER = "+15551230000"


@dataclass
class Answer:
    """A response as it came in."""

    status: int
    text: str
    after_s: float


@dataclass
class SipCall(asyncio.DatagramProtocol):
    """One INVITE and everything that comes back.

    Attributes:
        source: local address to call from.
        number: the number called.
    """

    source: str
    server: tuple[str, int]
    number: str
    caller: str = CALLER
    answers: list[Answer] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._call_id = uuid.uuid4().hex
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.source, 0))
        self._port = self._transport.get_extra_info("sockname")[1]
        self._sent_at = loop.time()
        self._transport.sendto(self._request("INVITE", 1, _offer(self.source)), self.server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.final is None and self.answers:
            self._transport.sendto(self._request("CANCEL", 1), self.server)
        elif self.final is not None and self.final.status == 200:
            self._transport.sendto(self._request("BYE", 2), self.server)
        self._transport.close()

    @property
    def statuses(self) -> list[int]:
        """Status codes in the order in which they came, repetitions left out."""
        return list(dict.fromkeys(answer.status for answer in self.answers))

    @property
    def final(self) -> Answer | None:
        """The response that ended the transaction."""
        return next((answer for answer in self.answers if answer.status >= 200), None)

    async def wait_final(self, *, timeout_s: float) -> Answer:
        """Wait for a final response.

        Raises: TimeoutError: none came.
        """
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: self.final is not None)
        assert self.final is not None
        return self.final

    async def wait_status(self, status: int, *, timeout_s: float) -> Answer:
        """Wait for a response with that status.

        Raises: TimeoutError: none came.
        """
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: status in self.statuses)
        return next(answer for answer in self.answers if answer.status == status)

    async def wait_request(self, method: str, *, timeout_s: float) -> str:
        """Wait for a request of the server, such as BYE.

        Raises: TimeoutError: none came.
        """
        async with asyncio.timeout(timeout_s), self._arrived:
            await self._arrived.wait_for(lambda: any(r.startswith(method) for r in self.requests))
        return next(request for request in self.requests if request.startswith(method))

    def datagram_received(self, data: bytes, addr: object) -> None:
        text = data.decode("utf-8", "replace")
        if text.startswith("SIP/2.0 "):
            after_s = asyncio.get_running_loop().time() - self._sent_at
            answer = Answer(int(text.split()[1]), text, after_s)
            self.answers.append(answer)
            if answer.status >= 200 and "INVITE" in _header(text, "CSeq"):
                self._transport.sendto(self._request("ACK", 1), self.server)
        else:
            self.requests.append(text)
            self._transport.sendto(_ok(text), self.server)
        task = asyncio.get_running_loop().create_task(self._notify(), name="sip-call.notify")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    def _request(self, method: str, cseq: int, body: str = "") -> bytes:
        to = f"<sip:{self.number}@{self.server[0]}>"
        if self.final is not None:
            to = _header(self.final.text, "To")
        branch = f"z9hG4bK{self._call_id}{cseq}"
        lines = [
            f"{method} sip:{self.number}@{self.server[0]}:{self.server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.source}:{self._port};branch={branch}",
            f"From: <sip:{self.caller}@{self.source}>;tag={self._call_id[:8]}",
            f"To: {to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.caller}@{self.source}:{self._port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        return "\r\n".join(lines).encode()


def _offer(address: str) -> str:
    return "\r\n".join(
        [
            "v=0",
            f"o=- 1 1 IN IP4 {address}",
            "s=-",
            f"c=IN IP4 {address}",
            "t=0 0",
            "m=audio 40000 RTP/AVP 0 101",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000",
            "a=ptime:20",
            "a=sendrecv",
            "",
        ]
    )


def _header(message: str, name: str) -> str:
    prefix = f"{name}:"
    return next((line[len(prefix) :].strip() for line in message.split("\r\n") if line.startswith(prefix)), "")


def _ok(request: str) -> bytes:
    kept = [
        line
        for line in request.split("\r\n\r\n")[0].split("\r\n")[1:]
        if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")
    ]
    return "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode()
