"""`python -m tests.bench.knowledge.fit`: the weights of a decision, from questions that are tuned on.

They are the salon's, and those of BANKING77's train part: an eighth of it asked of bases made of the rest, with 5 and
with 20 ways to ask for each answer, and a hotel's guests to be refused. Each question weighs the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import numpy as np
import numpy.typing as npt

from agent.storage.kb_search import Candidate
from kb.deciding import features
from kb.embedding import LOCAL_MODEL
from kb.passages import Source, key_of
from kb.retrieval import Library
from tests.bench.knowledge import data
from tests.bench.knowledge.data import Asked
from tests.bench.knowledge.server import Server, started

Vector = npt.NDArray[np.float64]
_WAYS = (5, 20)
_MOST_ASKED = 400
#: Of the squared weights, against the likelihood of one question each.
_RIDGE = 0.1
_STEPS = 200


async def main() -> None:
    """Print the constant and the weights, in the order of `kb.deciding.Weights`."""
    async with started() as server:
        salon = await server.tenant_with(data.business(data.PRACTISED))
        found = await _found(server, salon, data.questions(data.PRACTISED, "usual"))
        found += await _found(server, salon, data.questions(data.PRACTISED, "hard"))
        for ways in _WAYS:
            source, asked = _banking(ways)
            found += await _found(server, await server.tenant_with([source]), asked)
    print(np.round(_fitted(found), 2))


async def _found(server: Server, tenant_id: UUID, asked: Sequence[Asked]) -> list[tuple[Asked, Sequence[Candidate]]]:
    library = Library(server.app, tenant_id, {LOCAL_MODEL: server.embedder})
    found = [(each, await library.candidates(each.question)) for each in asked]
    server.embedder.keep()
    return list(found)


def _banking(ways: int) -> tuple[Source, list[Asked]]:
    whole = data.banking_faq()
    passages, asked = [], []
    for passage in whole.passages:
        is_asked = [int(sha256(f"d{text}".encode()).hexdigest(), 16) % 9 == 0 for text in passage.questions]
        kept = [text for text, out in zip(passage.questions, is_asked, strict=True) if not out]
        name = f"{whole.name}#{key_of(passage.title)}"
        asked += [Asked(text, frozenset({name})) for text, out in zip(passage.questions, is_asked, strict=True) if out]
        passages.append(replace(passage, questions=tuple(kept[:ways])))
    return Source(whole.name, "", tuple(passages)), [*asked[:_MOST_ASKED], *data.hotel_questions("development")]


def _fitted(found: Sequence[tuple[Asked, Sequence[Candidate]]]) -> Vector:
    rows, answers, weights = [], [], []
    for asked, candidates in found:
        for index, each in enumerate(candidates):
            rows.append((1.0, *features(index, candidates)))
            answers.append(f"{each.source_name}#{each.key}" in asked.expects)
            weights.append(1 / len(candidates))
    x, y = np.array(rows, float), np.array(answers, float)
    weight = np.array(weights) * len(weights)
    fitted = np.zeros(x.shape[1])
    for _ in range(_STEPS):  # Newton's
        p = 1 / (1 + np.exp(-x @ fitted))
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(len(fitted))
        fitted -= np.linalg.solve(curve, x.T @ (weight * (p - y)) + _RIDGE * fitted)
    return fitted


if __name__ == "__main__":
    asyncio.run(main())
