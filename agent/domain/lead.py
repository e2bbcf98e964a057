"""A lead: a caller who might buy, with the facts that tell how likely."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum


class Interest(Enum):
    """What a lead wants."""

    BUY = "buy"
    SELL = "sell"
    RENT = "rent"


class Financing(Enum):
    """How far the money is."""

    CASH = "cash"
    APPROVED = "approved"
    STARTED = "started"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What a caller told about a purchase; None where nothing was said.

    Attributes:
        timeline_months: months from now, 0 for at once.
        decides_alone: False when somebody else has to agree.
    """

    interest: Interest | None = None
    budget_cents: int | None = None
    timeline_months: int | None = None
    financing: Financing | None = None
    decides_alone: bool | None = None

    def merged_with(self, earlier: LeadFacts) -> LeadFacts:
        """These facts completed by earlier ones; what is said now wins."""
        kept = {f.name: getattr(earlier, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **kept)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return all(getattr(self, f.name) is None for f in fields(self))


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it is remembered and stored.

    Attributes:
        passed_over: questions the caller did not answer, by name; they are not asked again.
    """

    facts: LeadFacts = LeadFacts()
    passed_over: tuple[str, ...] = ()
