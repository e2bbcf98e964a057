"""An answer over HTTP on its way: whole or in pieces, or as far as its fault lets it come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from loadtest.emulators.pace import Dropped, paced
from loadtest.emulators.profiles import Fault

_ON_THE_WAY = frozenset({Fault.MUTE, Fault.STALLING, Fault.DROPPING, Fault.FLOODING})
_GARBAGE = b"\x00\xff}{garbage\n\n"


@dataclass(slots=True)
class Answer:
    """To one request.

    Args:
        latency_s: until the first of it.
        headers: that every answer has, errors too.
    """

    request: web.Request
    fault: Fault
    latency_s: float
    headers: Mapping[str, str] = field(default_factory=dict)

    async def work(self) -> None:
        """Take as long as the profile does, or for ever."""
        await asyncio.sleep(self.latency_s)
        await self.hang()

    async def hang(self) -> None:
        """For ever, where that is the fault."""
        if self.fault is Fault.HANGING:
            await asyncio.Event().wait()

    async def send(self, body: bytes, kind: str) -> web.StreamResponse:
        """A whole body, half of it where the fault is malformed.

        Args:
            kind: its content type.
        """
        half = len(body) // 2
        if self.fault not in _ON_THE_WAY:
            body = body[:half] if self.fault is Fault.MALFORMED else body
            return web.Response(body=body, content_type=kind, headers=self.headers)
        return await self.stream([body[:half], body[half:]], kind)

    async def stream(
        self, pieces: Sequence[bytes], kind: str, *, gap_s: float = 0.0, opening: bytes = b""
    ) -> web.StreamResponse:
        """A body in pieces, the first at once, or after the opening as late as the profile has it.

        Args:
            gap_s: between two pieces.
        """
        response = web.StreamResponse(headers={"Content-Type": kind, **self.headers})
        response.enable_chunked_encoding()
        await response.prepare(self.request)
        try:
            if opening:
                await response.write(opening)
                await asyncio.sleep(self.latency_s)
            async for piece in paced(pieces, self.fault, gap_s=gap_s, garbage=_GARBAGE):
                await response.write(piece)
                while self.fault is Fault.FLOODING:
                    await response.write(b" " * 4096)
        except Dropped:
            if self.request.transport is not None:
                self.request.transport.abort()
        except ConnectionResetError:
            pass  # who asked has left
        return response
