"""One call by voice, judged: whose fault a failure is, as far as that can be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.evaluation.business import Business
from loadtest.evaluation.hearing import Ask, listen
from loadtest.evaluation.run import Case
from loadtest.voice_evaluation.evidence import Evidence
from loadtest.voice_evaluation.mind import Belief
from loadtest.voice_evaluation.spelling import as_written
from loadtest.voice_evaluation.telephone import Held

_READ_BACKS = (Ask.CONFIRM, Ask.CONFIRM_CANCEL, Ask.CONFIRM_MESSAGE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call.

    Attributes:
        index: of its caller.
        case: None when it could not be judged: the caller's own process failed, or PostgreSQL could not be asked.
        broken: why not; empty when it could.
        ear_faults: read-backs that he took for wrong although the agent's record has them right.
    """

    index: int
    voice: str
    case: Case | None = None
    held: Held | None = None
    evidence: Evidence = field(default_factory=Evidence)
    broken: str = ""
    ear_faults: int = 0

    @property
    def noise(self) -> tuple[str, ...]:
        """Why it could not be judged, or why the caller's own machine was too busy to judge by; empty when neither."""
        return (self.broken,) if self.broken or self.held is None else tuple(self.held.report["void"])

    @property
    def is_void(self) -> bool:
        """Whether it does not count: it could not be judged, or not well, and his own machine may be the cause.

        What only the agent can do wrong counts whatever the machine did.
        """
        if self.case is None:
            return True
        return bool(self.noise) and not self.case.verdict.is_good and self.case.verdict.is_clean

    @property
    def ear_ms(self) -> list[float]:
        """Response times at the ear; a barge-in is answered into speech and has none."""
        turns = self.held.report["turns"] if self.held is not None else []
        return [t["response_ear_ms"] for t in turns if t["response_ear_ms"] is not None and not t["barged_in"]]


def ear_faults(held: Held, evidence: Evidence, business: Business) -> int:
    """How many read-backs the caller took for wrong that were right by the agent's own record."""
    return sum(_is_misheard(belief, held, evidence, business) for belief in held.beliefs)


def _is_misheard(belief: Belief, held: Held, evidence: Evidence, business: Business) -> bool:
    said_before = [turn for turn in evidence.turns if turn.role == "agent" and turn.at.timestamp() * 1e9 < belief.at_ns]
    today = held.caller.plan.now.date()
    for turn in reversed(said_before):
        heard = listen(as_written(turn.text, business), business, today)
        if heard.ask not in _READ_BACKS:
            continue
        booking = belief.wished.booking
        is_right = {
            "start": booking is not None and heard.starts[-1:] == (booking.start,),
            "name": booking is not None and (heard.name or "").casefold() == booking.name.casefold(),
            "phone": heard.phone == belief.wished.phone,
        }
        return all(is_right[name] for name in belief.fields)
    return False
