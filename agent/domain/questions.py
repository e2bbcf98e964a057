"""What callers ask about a business, apart from an appointment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from agent.domain.passages import Finding


class Topic(Enum):
    """What a question is about; how each is answered is the table of `agent.domain.answering`."""

    HOURS = "hours"
    OPENS = "opens"
    CLOSES = "closes"
    OPEN_NOW = "open_now"
    HOLIDAYS = "holidays"
    ADDRESS = "address"
    PHONE = "phone"
    PRICE = "price"
    SERVICES = "services"
    OFFERED = "offered"
    DURATION = "duration"
    STAFF = "staff"
    BUSINESS = "business"
    FACT = "fact"
    PASSAGE = "passage"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        words: as they were said, for the record only; no rule reads them.
        service_id: the service it is about, when one was named.
        first_on, last_on: the days it is about, both included; None when none was named.
        fact_id: with FACT, the one of the tenant's document that answers it.
        finding: what the knowledge base says to it; None when it was not asked.
    """

    topic: Topic
    words: str = ""
    service_id: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    fact_id: str | None = None
    finding: Finding | None = None
