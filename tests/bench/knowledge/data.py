"""What the benchmark asks, and of which bases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.passages import Passage, PassageKind, Source, key_of
from kb.reading import read_source

DATA = Path("tests/data")
BASES = Path("infra/local/knowledge")
#: Frozen before anything was tuned: figures only.
EXAMINED = ("riverside-dental", "bayview-auto-repair", "cedar-home-services")
#: Tuned on.
PRACTISED = "willow-salon"
_FAQ = "banking77.csv"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the passages that each alone answer it, as `source#key`; none when it is to be refused."""

    question: str
    expects: frozenset[str]


def business(slug: str) -> list[Source]:
    """The base of a business, read as `voicefleet kb add` reads it."""
    folder = BASES / slug if (BASES / slug).is_dir() else DATA / "knowledge" / slug / "sources"
    return [read_source(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


def questions(slug: str, name: str) -> list[Asked]:
    """A business's questions: "usual" or "hard"."""
    rows = _lines(DATA / "knowledge" / slug / f"{name}.jsonl")
    return [Asked(row["question"], frozenset(row["expects"])) for row in rows]


def banking_faq() -> Source:
    """BANKING77's train part as an FAQ of 77 answers, each asked for in a hundred ways."""
    ways: dict[str, list[str]] = {}
    for row in _lines(DATA / "banking77" / "train.jsonl"):
        ways.setdefault(row["category"], []).append(row["text"])
    return Source(_FAQ, "", tuple(_answer(category, texts) for category, texts in ways.items()))


def banking_questions() -> list[Asked]:
    """The tenth that was held back."""
    rows = _lines(DATA / "banking77" / "held_back.jsonl")
    return [Asked(row["text"], frozenset({f"{_FAQ}#{key_of(row['category'])}"})) for row in rows]


def hotel_questions(part: str = "held_back") -> list[Asked]:
    """What guests say to a hotel, which no bank answers: a part of NLU++."""
    return [Asked(row["text"], frozenset()) for row in _lines(DATA / "nlupp" / f"hotels_{part}.jsonl")]


def filler(count: int) -> Iterator[Passage]:
    """So many passages of a made-up base, one for each question of BANKING77, over again under other names."""
    rows = list(_lines(DATA / "banking77" / "train.jsonl"))
    for number in range(count):
        text = rows[number % len(rows)]["text"]
        yield Passage(f"{number}", PassageKind.FAQ, text, f"{text} {number}", text)


def _answer(category: str, texts: list[str]) -> Passage:
    name = category.replace("_", " ")
    return Passage(key_of(category), PassageKind.FAQ, name, name, name, tuple(texts))


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
