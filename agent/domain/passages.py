"""What a business's knowledge base says to a question: passages that were found, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID


class Verdict(Enum):
    """What is done about the best passage: it is spoken, asked about, or left alone."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that may answer.

    Attributes:
        source: name of the file, page or table it was read from, and `key` its name in there.
        version: of the knowledge base it was found in.
        title: the question or topic it belongs to.
        spoken: the business's own words, as they are said.
        score: 0 to 1, that it is what was asked for.
    """

    passage_id: UUID
    version: int
    source: str
    key: str
    title: str
    spoken: str
    score: float
    is_objection: bool = False


@dataclass(frozen=True, slots=True)
class Shortened:
    """What a model put together of sentences of passages, and was held against them.

    Attributes:
        words: as they are said.
        passage_ids: of the passages they are from.
    """

    words: str
    passage_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for one question.

    Attributes:
        passages: best first, at most three; empty when nothing was.
        accept, confirm: from which score on the best one is spoken, and asked about; kept to explain the verdict.
        shortened: what is said in place of the best one's own words; None when these are.
    """

    verdict: Verdict
    passages: tuple[Found, ...] = ()
    accept: float = 0.0
    confirm: float = 0.0
    shortened: Shortened | None = None

    @property
    def best(self) -> Found | None:
        """What is spoken or asked about; None when nothing is."""
        return self.passages[0] if self.passages and self.verdict is not Verdict.REFUSE else None

    @property
    def accepted(self) -> tuple[Found, ...]:
        """Those that are sure enough to be spoken, best first; empty unless the best one is."""
        is_sure = self.verdict is Verdict.ACCEPT
        return tuple(found for found in self.passages if is_sure and found.score >= self.accept)
