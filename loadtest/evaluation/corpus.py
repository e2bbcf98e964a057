"""Turns of real users, with the places that a caller fills with his own wish. Where they are from: data/README.md."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
_FILES = ("sgd_turns.jsonl", "nlupp_turns.jsonl")


@dataclass(frozen=True, slots=True)
class Gap:
    """A slot of a turn: characters [start, stop) are replaced. `slot` is date, time, service, name or thing."""

    slot: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody once said.

    Attributes:
        kind: what it does: book, when, correct, affirm, …
        part: "held_back", or "development" where grammars are tuned and faults are looked for.
    """

    text: str
    kind: str
    gaps: tuple[Gap, ...]
    part: str

    @property
    def slots(self) -> frozenset[str]:
        """What it names."""
        return frozenset(gap.slot for gap in self.gaps)


class Corpus:
    """The turns of one part, by what they do and name."""

    def __init__(self, part: str) -> None:
        self._turns: dict[tuple[str, frozenset[str]], list[Turn]] = {}
        for turn in all_turns():
            if turn.part == part:
                self._turns.setdefault((turn.kind, turn.slots), []).append(turn)

    def pick(self, rng: random.Random, kind: str, slots: frozenset[str] = frozenset()) -> Turn | None:
        """One of the turns of this kind with exactly these slots; None when there is none."""
        found = self._turns.get((kind, slots))
        return rng.choice(found) if found else None


@cache
def all_turns() -> tuple[Turn, ...]:
    """Every turn of the data, of both parts."""
    rows = (json.loads(line) for name in _FILES for line in (DATA / name).read_text(encoding="utf-8").splitlines())
    return tuple(Turn(row["text"], row["kind"], tuple(Gap(*gap) for gap in row["slots"]), row["part"]) for row in rows)
