"""What understanding a turn costs, without a model elsewhere: python -m tests.unit.understanding.pace

Every held-back sentence goes through the cascade, as the answer to "how can I help you?". It tells processor time,
which does not depend on what else the machine does; the way to the inference process and back is not in it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import numpy as np

from agent.domain.facts import Expect, Step
from agent.inference.in_process import InProcessEmbedder
from agent.understanding import Cascade
from agent.understanding.cascade import is_settled
from agent.understanding.meaning import installed_models
from tests.unit.understanding import nlupp
from tests.unit.understanding.demo import DENTAL, SATURDAY
from tests.unit.understanding.vectors import callers_texts


@dataclass
class Pace:
    """Milliseconds a turn, by the last step that was asked."""

    grammar_ms: list[float] = field(default_factory=list)
    embedding_ms: list[float] = field(default_factory=list)

    async def take(self, cascade: Cascade, text: str) -> None:
        began = time.process_time()
        facts = await cascade.understand(text, Expect.SERVICE, SATURDAY)
        took_ms = (time.process_time() - began) * 1e3
        is_by_grammar = facts.step is Step.GRAMMAR and is_settled(facts, Expect.SERVICE)
        (self.grammar_ms if is_by_grammar else self.embedding_ms).append(took_ms)


async def measure(texts: list[str]) -> Pace:
    cascade = Cascade(DENTAL, InProcessEmbedder(), installed_models())
    await cascade.prepare()
    pace = Pace()
    await Pace().take(cascade, texts[0])
    for text in texts:
        await pace.take(cascade, text)
    return pace


def show(name: str, times_ms: list[float]) -> None:
    p50, p95, p99 = np.percentile(times_ms, [50, 95, 99])
    print(f"{name:24} {p50:5.1f} ms p50  {p95:5.1f} p95  {p99:5.1f} p99  n {len(times_ms)}")


def main() -> None:
    texts = [*callers_texts(), *(row.text for domain in nlupp.DOMAINS for row in nlupp.rows(domain, "held_back"))]
    pace = asyncio.run(measure(texts))
    show("settled by the grammar", pace.grammar_ms)
    show("embedded", pace.embedding_ms)
    show("all", pace.grammar_ms + pace.embedding_ms)


if __name__ == "__main__":
    main()
