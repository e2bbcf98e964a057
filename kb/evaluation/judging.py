"""What became of a question: which passage it expected, which was found, and whether the verdict was right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from agent.domain.passages import Finding, Found, Verdict
from agent.storage.kb_history import LivePassage
from agent.storage.kb_questions import SetQuestion


class Result(Enum):
    """How a question ended for the caller, from the best to the worst."""

    RIGHT = "right"
    MISSED = "missed"
    MISSPOKEN = "misspoken"

    @property
    def badness(self) -> int:
        """0 for the best."""
        return list(Result).index(self)


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage that was found, as "source name#key", and its score."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    Attributes:
        is_answerable: some passage is to answer it, whether or not it is live.
        place: of the first right passage among those found, from 1; 0 when none of them is right.
        best: what was found first; None when nothing was.
        right: the first right passage among those found.
    """

    question_id: str
    is_answerable: bool
    verdict: Verdict
    place: int
    best: Seen | None
    right: Seen | None

    @property
    def result(self) -> Result:
        """Right is the right passage spoken or asked about, and a refusal where nothing answers."""
        if self.verdict is Verdict.ACCEPT and self.place != 1:
            return Result.MISSPOKEN
        is_refused = self.verdict is Verdict.REFUSE
        is_right = self.place == 1 and not is_refused if self.is_answerable else is_refused
        return Result.RIGHT if is_right else Result.MISSED


class LivePassages:
    """The passages of a base by what question sets call them."""

    def __init__(self, passages: Sequence[LivePassage]) -> None:
        self._by_key: defaultdict[str, list[LivePassage]] = defaultdict(list)
        for passage in passages:
            self._by_key[passage.key].append(passage)

    def named(self, expected: str) -> tuple[LivePassage, ...]:
        """Those a name means: its source's path ends so. "faq.md#parking" is "shop/faq.md#parking" too."""
        candidates = self._by_key.get(expected.rpartition("#")[2], ())
        return tuple(each for each in candidates if is_source(each.source_name, source_of(expected)))

    def expected_by(self, question: SetQuestion) -> tuple[LivePassage, ...]:
        """The live ones that answer a question; none when it is to be refused, or none is live."""
        return tuple(dict.fromkeys(each for name in question.expects for each in self.named(name)))

    def unmatched(self, questions: Sequence[SetQuestion]) -> tuple[str, ...]:
        """Names in a set that mean no live passage, each once."""
        names = dict.fromkeys(name for question in questions for name in question.expects)
        return tuple(name for name in names if not self.named(name))


def source_of(name: str) -> str:
    """The source in "source name#key"."""
    return name.rpartition("#")[0]


def is_source(source_name: str, expected: str) -> bool:
    """Whether a source is the one that a question set means: by its whole name, or by the end of its path."""
    return source_name == expected or source_name.endswith(f"/{expected}")


def name_of(passage: LivePassage | Found) -> str:
    """A passage as it is cited."""
    source = passage.source if isinstance(passage, Found) else passage.source_name
    return f"{source}#{passage.key}"


def judged(question: SetQuestion, finding: Finding, expected: Collection[LivePassage]) -> Outcome:
    """What a finding is worth.

    Args:
        expected: the live passages that answer the question.
    """
    right_names = {name_of(passage) for passage in expected}
    seen = [Seen(name_of(found), found.score) for found in finding.passages]
    place = next((place for place, each in enumerate(seen, start=1) if each.name in right_names), 0)
    return Outcome(
        question.id,
        bool(question.expects),
        finding.verdict,
        place,
        seen[0] if seen else None,
        seen[place - 1] if place else None,
    )
