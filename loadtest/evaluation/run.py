"""Hold the calls of a run over a few processes of the agent's, after asking which of its features there are."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from loadtest.evaluation.business import Business, load_business
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import Transcript, converse
from loadtest.evaluation.door import Door, open_door
from loadtest.evaluation.judge import Result, Verdict, judge
from loadtest.evaluation.plans import QUESTIONS, Goal, Plan, draw

#: Features that an agent may not have yet: a goal of each is tried by a caller who speaks plainly.
_PROBED = ("message", "human", *QUESTIONS)
_TRIES = 3
#: Of this many callers drawn for one that is called, goals must be left; else nothing would ever be run.
_MOST_DRAWN_FOR_ONE = 10


@dataclass(frozen=True, slots=True)
class Case:
    """A call and what it came to."""

    call: Transcript
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """All calls of a run.

    Attributes:
        missing: features that the agent does not have yet.
        not_yet: goals drawn and left out for it, by kind.
    """

    cases: tuple[Case, ...]
    missing: frozenset[str]
    not_yet: Counter[str]


class Evaluation:
    """Runs calls.

    Args:
        tenant: its file.
        part: of the corpus; "held_back" or "development".
        options: of the agent's processes.
    """

    def __init__(self, tenant: Path, *, seed: int, part: str, options: tuple[str, ...] = ()) -> None:
        self._tenant = tenant
        self._options = options
        self._seed = seed
        self._business: Business = load_business(tenant)
        self._corpus = Corpus(part)

    async def run(self, count: int, *, jobs: int, tell: Callable[[Case], None]) -> Run:
        """Hold this many calls. Raises DoorError."""
        async with contextlib.AsyncExitStack() as stack:
            doors = [await stack.enter_async_context(open_door(self._tenant, *self._options)) for _ in range(jobs)]
            missing = frozenset([feature for feature in _PROBED if not await self._has(feature, doors[0])])
            plans, not_yet = self._plans(count, missing)
            waiting = list(reversed(plans))
            cases: list[Case] = []

            async def serve(door: Door) -> None:
                while waiting:
                    case = await self._call(waiting.pop(), door)
                    cases.append(case)
                    tell(case)

            await asyncio.gather(*(serve(door) for door in doors))
        return Run(tuple(sorted(cases, key=lambda case: case.verdict.index)), missing, not_yet)

    async def _has(self, feature: str, door: Door) -> bool:
        """Whether a caller who asks for nothing else gets it, in one of a few tries."""
        goal = Goal("ask", questions=(feature,)) if feature in QUESTIONS else Goal(feature)
        for attempt in range(_TRIES):
            drawn = draw(-1 - attempt, seed=self._seed, business=self._business)
            plan = replace(
                drawn, goals=(goal,), booked=(), is_noisy=False, leaves_after=None, digresses_at=None, cuts_in=False,
                drops_it=False, is_person_there=feature == "human",
            )  # fmt: skip
            case = await self._call(plan, door)
            if all(each.result is Result.DONE for each in case.verdict.goals):
                return True
        return False

    def _plans(self, count: int, missing: frozenset[str]) -> tuple[list[Plan], Counter[str]]:
        plans: list[Plan] = []
        not_yet: Counter[str] = Counter()
        for index in range(count * _MOST_DRAWN_FOR_ONE):
            if len(plans) == count:
                break
            plan = draw(index, seed=self._seed, business=self._business)
            without = missing if plan.is_person_there else missing | {"human"}
            goals = tuple(kept for kept in (_possible(goal, without) for goal in plan.goals) if kept is not None)
            not_yet.update(goal.kind for goal in plan.goals if _possible(goal, without) is None)
            if goals:
                plans.append(replace(plan, goals=goals))
        return plans, not_yet

    async def _call(self, plan: Plan, door: Door) -> Case:
        call = await converse(plan, seed=self._seed, business=self._business, corpus=self._corpus, door=door)
        return Case(call, judge(call))


def _possible(goal: Goal, missing: frozenset[str]) -> Goal | None:
    """The goal as far as the agent has what it needs; None when it has nothing of it."""
    if goal.kind == "human" and "human" in missing and "message" not in missing:
        return replace(goal, kind="message_instead")
    if goal.kind in missing:
        return None
    if goal.kind != "ask":
        return goal
    questions = tuple(question for question in goal.questions if question not in missing)
    return replace(goal, questions=questions) if questions else None
