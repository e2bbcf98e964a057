"""Faults on command: what becomes of the next requests of a kind, whatever the profile says."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from loadtest.emulators.profiles import Fault

_MOST_PLANNED = 10_000


@dataclass(slots=True)
class PlannedFaults:
    """One kind's; a request, or the handshake of a socket, takes the next."""

    _waiting: deque[Fault] = field(default_factory=deque)

    def plan(self, fault: Fault, requests: int = 1) -> None:
        """The next requests after those planned before fail so; NONE lets that many through.

        Raises: ValueError: fewer than one, or more than can wait.
        """
        if not 0 < requests <= _MOST_PLANNED - len(self._waiting):
            raise ValueError(f"requests: expected 1 to {_MOST_PLANNED - len(self._waiting)}")
        self._waiting.extend([fault] * requests)

    def take(self, otherwise: Fault) -> Fault:
        """This request's fault."""
        return self._waiting.popleft() if self._waiting else otherwise

    def peek(self, otherwise: Fault) -> Fault:
        """The fault the next request will take."""
        return self._waiting[0] if self._waiting else otherwise

    def clear(self) -> None:
        """Plan nothing."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)
