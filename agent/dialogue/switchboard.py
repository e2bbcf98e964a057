"""What puts callers through to a person; `LiveSwitchboard` does it on the telephone."""

from __future__ import annotations

from typing import Protocol

from agent.domain.events import Event
from agent.domain.transfers import Transfer, TransferFailed, TransferRefusal


class Switchboard(Protocol):
    """Puts callers through."""

    async def put_through(self, transfer: Transfer) -> Event | None:
        """Begin a transfer, once for each key. Returns its outcome, or None when that is told later."""


class Nobody:
    """The switchboard of a call without a telephone: nobody can be reached."""

    async def put_through(self, transfer: Transfer) -> Event | None:
        """Nobody is there."""
        return TransferFailed(TransferRefusal.UNAVAILABLE)
