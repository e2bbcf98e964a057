"""The carrier's side of a REFER: agree, try, tell what became of it, hang up when it has the caller (RFC 3515)."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.caller.transaction import Address

#: A carrier is a network away; livekit-sip loses a consent that comes before it has finished sending (ADR 0026).
_AGREES_AFTER_S = 0.02
#: Between the word that the transfer succeeded and the carrier's BYE.
_HANGS_UP_AFTER_S = 0.3
TRYING, REACHED, AGREE, HANG_UP = 100, 200, 1, 0


@dataclass(frozen=True)
class ReferScript:
    """What becomes of a REFER: ``status`` of the attempt, None for never told, ``after_s`` after it was agreed to."""

    status: int | None
    after_s: float


@dataclass
class Referral:
    """A REFER under way; ``cseq`` names it in every NOTIFY, ``agreement`` is the answer to it and where that goes."""

    script: ReferScript
    cseq: int
    asked_at_s: float
    agreement: tuple[Address, bytes]
    _steps: list[tuple[float, int]] = field(init=False)

    def __post_init__(self) -> None:
        agreed_at_s = self.asked_at_s + _AGREES_AFTER_S
        told_at_s = agreed_at_s + self.script.after_s
        self._steps = [(agreed_at_s, AGREE), (agreed_at_s, TRYING)]
        if self.script.status is not None:
            self._steps.append((told_at_s, self.script.status))
        if self.script.status == REACHED:
            self._steps.append((told_at_s + _HANGS_UP_AFTER_S, HANG_UP))

    @property
    def next_at_s(self) -> float:
        """When the next step is due; infinity when there is none."""
        return self._steps[0][0] if self._steps else float("inf")

    def step(self) -> int:
        """Take the next step: AGREE, a status to tell, or HANG_UP."""
        return self._steps.pop(0)[1]

    def notification(self, status: int) -> tuple[tuple[tuple[str, str], ...], bytes]:
        """Headers and body of the NOTIFY that tells a status."""
        state = "active;expires=60" if status == TRYING else "terminated;reason=noresource"
        reason = {TRYING: "Trying", REACHED: "OK"}.get(status, "Not Reached")
        headers = (
            ("Event", f"refer;id={self.cseq}"),
            ("Subscription-State", state),
            ("Content-Type", "message/sipfrag;version=2.0"),
        )
        return headers, f"SIP/2.0 {status} {reason}\r\n".encode()
