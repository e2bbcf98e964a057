"""Questions that a business's knowledge base answers, or does not: `usual.jsonl` of tests/data/knowledge."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: A folder for each business, by its slug.
FOLDER = Path("tests/data/knowledge")


class QuestionsError(Exception):
    """A set of questions cannot be read."""


@dataclass(frozen=True, slots=True)
class BaseQuestion:
    """One question.

    Attributes:
        words: as it is said.
        expects: passages that each answer it alone, "file.md#key"; empty when the base has no answer.
    """

    words: str
    expects: frozenset[str] = frozenset()

    def is_answered_by(self, passages: Iterable[str]) -> bool:
        """Whether one of these is expected; a source may be named with the folder it was added from."""
        return any(name == each or name.endswith(f"/{each}") for name in passages for each in self.expects)

    @property
    def keys(self) -> frozenset[str]:
        """The expected passages within their files: their titles' words."""
        return frozenset(each.partition("#")[2] for each in self.expects)


def load_questions(path: Path) -> tuple[BaseQuestion, ...]:
    """Read a set. Raises QuestionsError."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return tuple(BaseQuestion(row["question"], frozenset(row["expects"])) for row in rows)
    except (OSError, ValueError, KeyError) as error:
        raise QuestionsError(f"{path}: no set of questions: {error!r}") from error
