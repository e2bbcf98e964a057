"""NLU++ through the product's intent component: python -m tests.unit.understanding.nlupp

Loads folds 0 to 7 of both domains as one inventory, as its ontology is one, and scores the two folds that are kept
back, or with `--dev` each of folds 0 to 7 by the other seven; with `--apart` each domain is an inventory of its own.
Embeddings are computed, not read: the time of the step is measured along the way.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
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
    domain: str
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
    return [Row(domain, row["fold"], row["text"], frozenset(row["intents"])) for row in map(json.loads, written)]


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


def splits(domains: Sequence[str], *, is_dev: bool) -> list[tuple[list[Row], list[Row]]]:
    """What is loaded and what is asked, once or fold by fold."""
    known = [row for domain in domains for row in rows(domain, "development")]
    if not is_dev:
        return [(known, [row for domain in domains for row in rows(domain, "held_back")])]
    folds = sorted({row.fold for row in known})
    return [([row for row in known if row.fold != fold], [row for row in known if row.fold == fold]) for fold in folds]


def scored(
    known: Sequence[Row], asked: Sequence[Row], embed: Callable[[list[str]], FloatArray]
) -> Iterator[tuple[Row, Count, float]]:
    """Each sentence asked, its score, and the time it took, ms."""
    model = IntentModel.fit(inventory_of(known), embed([row.text for row in known]))
    for row in asked:
        began = time.perf_counter()
        result = count(model, row, embed([row.text])[0])
        yield row, result, (time.perf_counter() - began) * 1e3


def main() -> None:
    from agent.inference.minilm import MiniLmEngine

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="cross-validate on folds 0 to 7 instead")
    parser.add_argument("--apart", action="store_true", help="load each domain alone")
    options = parser.parse_args()
    engine = MiniLmEngine()
    engine.warm_up()
    counts: dict[str, list[Count]] = {domain: [] for domain in DOMAINS}
    times_ms: list[float] = []
    for domains in [(domain,) for domain in DOMAINS] if options.apart else [DOMAINS]:
        for known, asked in splits(domains, is_dev=options.dev):
            for row, result, time_ms in scored(known, asked, engine.embed):
                counts[row.domain].append(result)
                times_ms.append(time_ms)
    for domain, found in counts.items():
        show(domain, found)
    show("both", [one for found in counts.values() for one in found])
    p50, p95 = np.percentile(times_ms, [50, 95])
    print(f"embedding and intents: {p50:.1f} ms p50, {p95:.1f} ms p95, n {len(times_ms)}")


def show(name: str, counts: Sequence[Count]) -> None:
    low, high = interval(counts)
    print(f"{name:8} n {len(counts):4}  micro-F1 {micro_f1(counts):.3f}  (95 % {low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
