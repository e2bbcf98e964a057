"""The part of a tenant's document that is spoken as it stands: address, free facts, objections, leads."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.domain.facts import Objection
from agent.domain.knowledge import FreeFact, Knowledge, LeadRules

#: Spoken in about 12 s; a longer answer is not remembered.
LONGEST_ANSWER_CHARS = 200

Answer = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_ANSWER_CHARS),
    Field(description=f"a text of 1 to {LONGEST_ANSWER_CHARS} characters"),
]
Example = Annotated[
    str, StringConstraints(min_length=3, max_length=120), Field(description="a text of 3 to 120 characters")
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FactDocument(_Part):
    """A question callers ask, and the business's own answer."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
    questions: list[Example] = Field(min_length=1, max_length=20, description="a list of 1 to 20 texts")
    answer: Answer


class LeadsDocument(_Part):
    """Whether callers who might buy are qualified; present means they are."""

    least_budget_dollars: int | None = Field(default=None, ge=0, description="a whole number of dollars, 0 or more")


class KnowledgeFields(BaseModel):
    """The fields of this part, as `TenantDocument` includes them."""

    address: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="the address as it is spoken, at most 200 characters"
    )
    facts: list[FactDocument] = Field(default=[], max_length=100, description="a list of at most 100 facts")
    objections: dict[Literal["price", "trust", "timing", "think", "competitor", "robot"], Answer] = Field(
        default={}, description="replies by kind: price, trust, timing, think, competitor or robot"
    )
    leads: LeadsDocument | None = Field(default=None, description="a mapping, e.g. {least_budget_dollars: 200000}")

    def knowledge(self) -> Knowledge:
        """The domain's view of these fields."""
        least = self.leads.least_budget_dollars if self.leads else None
        return Knowledge(
            address=self.address,
            facts=tuple(FreeFact(fact.id, tuple(fact.questions), fact.answer) for fact in self.facts),
            objections=tuple((Objection(kind), reply) for kind, reply in self.objections.items()),
            leads=LeadRules(None if least is None else least * 100) if self.leads else None,
        )


def knowledge_faults(document: KnowledgeFields) -> list[str]:
    """Faults that lie between these fields."""
    counted = Counter(fact.id for fact in document.facts)
    return [f"facts: id {name!r} is used twice" for name, times in counted.items() if times > 1]
