"""NLU++ through the product's intent component: python -m tests.unit.understanding.nlupp

Loads each domain's folds 0 to 7 as an inventory and scores the two folds that are kept back, or with `--dev` each of
folds 0 to 7 by the other seven. Embeddings are computed, not read: the time of the step is measured along the way.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.understanding.intents import IntentModel
from agent.understanding.inventory import Example, Inventory

DATA = Path("tests/data/nlupp")
VECTORS = DATA / "vectors.npz"
DOMAINS = ("banking", "hotels")
_RESAMPLES = 2000

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    fold: int
    text: str
    intents: frozenset[str]


@dataclass(frozen=True)
class Count:
    """One sentence's score."""

    hits: int
    said: int
    meant: int


def rows(domain: str, part: str) -> list[Row]:
    """A part is development or held_back."""
    written = (DATA / f"{domain}_{part}.jsonl").read_text().splitlines()
    return [Row(row["fold"], row["text"], frozenset(row["intents"])) for row in map(json.loads, written)]


def inventory_of(found: Sequence[Row]) -> Inventory:
    names = sorted(set().union(*(row.intents for row in found)))
    return Inventory(tuple(names), tuple(Example(row.text, row.intents) for row in found))


def count(model: IntentModel, row: Row, vector: FloatArray) -> Count:
    said = model.intents(model.confidences(row.text, vector))
    return Count(len(said & row.intents), len(said), len(row.intents))


def micro_f1(counts: Sequence[Count]) -> float:
    hits, said, meant = (sum(getattr(one, name) for one in counts) for name in ("hits", "said", "meant"))
    return 2 * hits / max(1, said + meant)


def interval(counts: Sequence[Count]) -> tuple[float, float]:
    """95 % by bootstrap over sentences, seeded."""
    table = np.array([(one.hits, one.said, one.meant) for one in counts])
    picks = np.random.default_rng(0).integers(0, len(table), (_RESAMPLES, len(table)))
    hits, said, meant = table[picks].sum(axis=1).T
    low, high = np.percentile(2 * hits / np.maximum(1, said + meant), [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    from agent.inference.minilm import MiniLmEngine

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="cross-validate on folds 0 to 7 instead")
    is_dev = parser.parse_args().dev
    engine = MiniLmEngine()
    engine.warm_up()
    everything: list[Count] = []
    for domain in DOMAINS:
        development = rows(domain, "development")
        if is_dev:
            folds = sorted({row.fold for row in development})
            parts = [([r for r in development if r.fold != f], [r for r in development if r.fold == f]) for f in folds]
        else:
            parts = [(development, rows(domain, "held_back"))]
        counts, times_ms = [], []
        for known, asked in parts:
            model = IntentModel.fit(inventory_of(known), engine.embed([row.text for row in known]))
            for row in asked:
                began = time.perf_counter()
                counts.append(count(model, row, engine.embed([row.text])[0]))
                times_ms.append((time.perf_counter() - began) * 1e3)
        show(domain, counts, times_ms)
        everything += counts
    show("both", everything, [])


def show(name: str, counts: Sequence[Count], times_ms: Sequence[float]) -> None:
    low, high = interval(counts)
    line = f"{name:8} n {len(counts):4}  micro-F1 {micro_f1(counts):.3f}  (95 % {low:.3f} to {high:.3f})"
    if times_ms:
        p50, p95 = np.percentile(times_ms, [50, 95])
        line += f"  embedding and intents {p50:.1f} ms p50, {p95:.1f} ms p95"
    print(line)


if __name__ == "__main__":
    main()
