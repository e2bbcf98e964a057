"""A tenant's question set put to its base, each question as a call would put it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from agent.domain.errors import Blame, ConfigError, FleetError
from agent.storage import kb_evaluations, kb_history, kb_questions
from agent.storage.kb_evaluations import Standing
from agent.storage.kb_questions import SetQuestion
from agent.storage.pool import Pool, tenant_tx
from kb.deciding import Thresholds, decide
from kb.embedding import Embedder
from kb.evaluation.comparison import Ground
from kb.evaluation.figures import Figures, figures_of
from kb.evaluation.judging import LivePassages, Outcome, judged
from kb.evaluation.vectors import KeptVectors
from kb.retrieval import Library

#: Questions between two rests; their vectors are fetched and stored together.
_BATCH = 25
#: More than a call has: how busy the machine was must not decide what a base is worth.
_SEARCH_S = 5.0
_CHANGED = "the base, its model or the question set changed during the run; run it again"


class NothingToRun(ConfigError):
    """A tenant has no question set, or nothing in its base."""


class BaseChanged(FleetError):
    """The base or the set changed while it was run; the run tells nothing about either."""

    default_blame = Blame.CLIENT
    default_retryable = True


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to.

    Attributes:
        at: aware UTC, when it began.
        follows: number of the tenant's last run then; 0 when it was the first.
        outcomes: of the questions, in their order.
        live: what was searched.
    """

    at: datetime
    follows: int
    ground: Ground
    set_sha256: str
    questions: Sequence[SetQuestion]
    outcomes: Sequence[Outcome]
    figures: Figures
    live: LivePassages

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Passages that the set names and the base does not have."""
        return self.live.unmatched(self.questions)


@dataclass(slots=True)
class _Running:
    """A run under way.

    Args:
        library: asks the base through `embedder`.
        is_timed: whether every question is embedded, as a call embeds it, or only what has no vector yet.
    """

    library: Library
    embedder: KeptVectors
    ground: Ground
    is_timed: bool
    live: LivePassages
    outcomes: list[Outcome] = field(default_factory=list)
    search_s: list[float] = field(default_factory=list)
    step_s: list[float] = field(default_factory=list)

    async def ask(self, questions: Sequence[SetQuestion]) -> None:
        """Put some questions and judge what is found; vectors that were missing are stored."""
        pool, tenant_id, model = self.library.pool, self.library.tenant_id, self.ground.model
        async with tenant_tx(pool, tenant_id) as connection:
            known = await kb_questions.question_vectors(connection, tenant_id, model, [each.id for each in questions])
        by_words = {each.words: known[each.id] for each in questions if each.id in known}
        self.embedder.keep({} if self.is_timed else by_words, most=len(questions))
        new: dict[str, str] = {}
        for question in questions:
            vector = await self._ask(question)
            if question.id not in known:
                new[question.id] = vector
        if new:
            async with tenant_tx(pool, tenant_id) as connection:
                await kb_questions.store_question_vectors(connection, tenant_id, model, new)

    async def _ask(self, question: SetQuestion) -> str:
        """Returns: the question's vector."""
        self.embedder.forget()
        began_s = time.perf_counter()
        finding = decide(await self.library.candidates(question.words), self.ground.thresholds)
        took_s = time.perf_counter() - began_s
        vector = self.embedder.last()
        if vector is None:  # the library goes by another model since a moment ago
            raise BaseChanged(_CHANGED)
        self.search_s.append(took_s - self.embedder.took_s)
        if self.is_timed:
            self.step_s.append(took_s)
        self.outcomes.append(judged(question, finding, self.live.expected_by(question)))
        return vector


async def run_set(
    pool: Pool,
    tenant_id: UUID,
    thresholds: Thresholds,
    embedders: Mapping[str, Embedder],
    *,
    at: datetime,
    is_timed: bool,
    rest_s: float = 0.0,
) -> Run:
    """Put the tenant's stored set to its base.

    Args:
        pool: the keeper's role.
        embedders: by name of model; may be empty when every question has its vector.
        at: aware UTC, now.
        is_timed: embed every question anew, so that the whole step can be timed.
        rest_s: seconds between 25 questions and the next, in which others have the database.
    Raises:
        NothingToRun, BaseChanged: see there. NotEmbedded: a question lacks its vector, and so does its embedder.
        FleetError: storage or the embedder failed.
    """
    async with tenant_tx(pool, tenant_id) as connection:
        standing = await kb_evaluations.standing(connection, tenant_id)  # first: what changes from here on is seen
        questions = await kb_questions.question_set(connection, tenant_id)
        live = LivePassages(await kb_history.live_passages(connection, tenant_id))
        last = await kb_evaluations.last_evaluation(connection, tenant_id)
    model, set_sha256 = _ready(standing)
    ground = Ground(standing.version, model, thresholds)
    embedder = KeptVectors(model, embedders.get(model))
    library = Library(pool, tenant_id, {model: embedder}, thresholds, search_s=_SEARCH_S)
    running = _Running(library, embedder, ground, is_timed, live)
    for start in range(0, len(questions), _BATCH):
        if start:
            await asyncio.sleep(rest_s)
        await running.ask(questions[start : start + _BATCH])
    async with tenant_tx(pool, tenant_id) as connection:
        if await kb_evaluations.standing(connection, tenant_id) != standing:
            raise BaseChanged(_CHANGED)
    figures = figures_of(running.outcomes, running.search_s, running.step_s)
    follows = 0 if last is None else last.run
    return Run(at, follows, ground, set_sha256, questions, running.outcomes, figures, live)


def _ready(standing: Standing) -> tuple[str, str]:
    """The model that is searched and the set's digest. Raises NothingToRun when there is none of either."""
    if standing.set_sha256 is None:
        raise NothingToRun("no question set is stored; give one with --questions FILE")
    if standing.model is None:
        raise NothingToRun("nothing is in the base yet; add files with `voicefleet kb add`")
    return standing.model, standing.set_sha256
