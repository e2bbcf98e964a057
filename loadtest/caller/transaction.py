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

    def back_off(self, now_s: float, cap_s: float) -> None:
        """Double the pause, up to a cap, and start it."""
        self.interval_s = min(2 * self.interval_s, cap_s)
        self.next_at_s = now_s + self.interval_s
