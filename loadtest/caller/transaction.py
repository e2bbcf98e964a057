"""Retransmission over UDP: one message, its timers, its patience."""

from __future__ import annotations

from dataclasses import dataclass

from loadtest.caller.sip_message import Message

#: RFC 3261 §17.1.1.1: estimated round trip, longest pause between requests other than INVITE, patience.
T1_S = 0.5
T2_S = 4.0
GIVE_UP_S = 64 * T1_S

Address = tuple[str, int]


@dataclass
class Transaction:
    """A message of ours that is sent again until it is answered (RFC 3261 §17.1)."""

    request: Message
    to: Address
    started_at_s: float
    next_at_s: float
    interval_s: float = T1_S
    provisional: bool = False

    def is_hopeless(self, now_s: float) -> bool:
        """Whether it is due once more and the patience has run out."""
        return now_s >= self.next_at_s and now_s - self.started_at_s >= GIVE_UP_S

    def again(self, now_s: float, cap_s: float) -> tuple[Address, bytes]:
        """The message once more; the pause doubles, up to a cap, and starts."""
        self.interval_s = min(2 * self.interval_s, cap_s)
        self.next_at_s = now_s + self.interval_s
        return self.to, self.request.to_bytes()


class Pending(dict[str, Transaction]):
    """Messages other than an INVITE that wait for an answer, by what the answer is known by."""

    @property
    def next_at_s(self) -> float:
        """When the next is due; infinity when there is none."""
        return min((item.next_at_s for item in self.values()), default=float("inf"))

    def due(self, now_s: float) -> list[tuple[Address, bytes]]:
        """What to send again now; what is too old is given up."""
        for key in [key for key, item in self.items() if item.is_hopeless(now_s)]:
            del self[key]
        return [item.again(now_s, T2_S) for item in self.values() if now_s >= item.next_at_s]
