"""Hold the calls of a run over a few processes of the agent's."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadtest.evaluation.base_questions import BaseQuestion
from loadtest.evaluation.business import Business, load_business
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import Transcript, converse
from loadtest.evaluation.door import Door, open_door
from loadtest.evaluation.judge import Verdict, judge
from loadtest.evaluation.plans import Plan, draw

#: Of the callers who book, move or cancel, how many ask the business something in between, and by which turn.
_ASKING_SHARE = 1 / 3
_ASK_BY = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A call and what it came to."""

    call: Transcript
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """All calls of a run that were judged."""

    cases: tuple[Case, ...]


class Evaluation:
    """Runs calls.

    Args:
        tenant: its file.
        part: of the corpus; "held_back" or "development".
        options: of the agent's processes.
        questions: which some callers ask in between.
    """

    def __init__(
        self,
        tenant: Path,
        *,
        seed: int,
        part: str,
        options: tuple[str, ...] = (),
        questions: tuple[BaseQuestion, ...] = (),
    ) -> None:
        self._tenant = tenant
        self._options = options
        self._seed = seed
        self._questions = questions
        self._business: Business = load_business(tenant)
        self._corpus = Corpus(part)

    async def run(self, count: int, *, jobs: int, tell: Callable[[Case], None]) -> Run:
        """Hold this many calls. Raises DoorError."""
        async with contextlib.AsyncExitStack() as stack:
            doors = [await stack.enter_async_context(open_door(self._tenant, *self._options)) for _ in range(jobs)]
            waiting = [self._plan(index) for index in reversed(range(count))]
            cases: list[Case] = []

            async def serve(door: Door) -> None:
                while waiting:
                    case = await self._call(waiting.pop(), door)
                    cases.append(case)
                    tell(case)

            await asyncio.gather(*(serve(door) for door in doors))
        return Run(tuple(sorted(cases, key=lambda case: case.verdict.index)))

    def _plan(self, index: int) -> Plan:
        plan = with_whom_there_is(draw(index, seed=self._seed, business=self._business))
        return with_question(plan, self._questions, seed=self._seed)

    async def _call(self, plan: Plan, door: Door) -> Case:
        call = await converse(plan, seed=self._seed, business=self._business, corpus=self._corpus, door=door)
        return Case(call, judge(call))


def with_whom_there_is(plan: Plan) -> Plan:
    """The same; where nobody takes callers, whoever wants a person is one who will leave a message instead."""
    if plan.is_person_there:
        return plan
    goals = (replace(goal, kind="message_instead") if goal.kind == "human" else goal for goal in plan.goals)
    return replace(plan, goals=tuple(goals))


def with_question(plan: Plan, questions: Sequence[BaseQuestion], *, seed: int) -> Plan:
    """The same; a share of those who book, move or cancel ask one of these in between, and differ in nothing else."""
    rng = random.Random(f"{seed}/{plan.index}/question")
    is_asking = rng.random() < _ASKING_SHARE and any(goal.kind in ("book", "move", "cancel") for goal in plan.goals)
    if not questions or not is_asking:
        return plan
    return replace(plan, question=rng.choice(questions), asks_at=rng.randint(1, _ASK_BY))
