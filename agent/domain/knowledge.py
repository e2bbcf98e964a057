"""What a business has told us to say: free facts, replies to objections, and how it qualifies leads."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.objections import Objection


@dataclass(frozen=True, slots=True)
class FreeFact:
    """An answer in the business's own words.

    Attributes:
        questions: how callers ask for it; one is recognised when all of its telling words are said.
    """

    id: str
    questions: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class LeadRules:
    """Who is a lead, and how leads are scored.

    Attributes:
        least_budget_cents: a budget below it earns nothing; None when any does.
        service_ids: to name one of these services without a time is to be a lead, not to want an appointment.
    """

    least_budget_cents: int | None = None
    service_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The part of a tenant's document that is spoken as it stands.

    Attributes:
        address: as it is spoken; empty when the business does not give it.
        objections: replies by what they reply to.
        leads: None when this business qualifies nobody.
        accept, confirm: from which score on a passage is spoken, and asked about; None is the usual.
        may_shorten: a model may be shown a caller's question and the passages that answer it, and pick their sentences.
    """

    address: str = ""
    facts: tuple[FreeFact, ...] = ()
    objections: tuple[tuple[Objection, str], ...] = ()
    leads: LeadRules | None = None
    accept: float | None = None
    confirm: float | None = None
    may_shorten: bool = False

    def answer(self, fact_id: str | None) -> str:
        """The answer of a fact; empty when the document has none of this id (any more)."""
        return next((fact.answer for fact in self.facts if fact.id == fact_id), "")

    def reply_to(self, objection: Objection) -> str:
        """The business's own reply; empty when it has none."""
        return dict(self.objections).get(objection, "")
