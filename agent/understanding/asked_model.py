"""One call's language model, asked within a deadline and an allowance, once for the same words however often.

Whoever asks it says what is to be done about its answer; what cannot be believed is counted and thrown away. Who is
asked, and who is left out because they failed, is the model's own affair: it may be a chain of several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from agent.domain.errors import FleetError
from agent.runtime.completions import Completion, Question
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.understanding.allowance import ANSWER_TOKENS, Allowance, Limit
from agent.understanding.model_answers import UnusableAnswer

_log = get_logger("agent.understanding.asked_model")
T = TypeVar("T")


class Model(Protocol):
    """Answers once; raises FleetError when it cannot, in time or at all."""

    def can_answer(self, *, is_hard: bool) -> bool:
        """Whether anybody is left to ask."""
        ...

    async def complete(self, question: Question, *, is_hard: bool, deadline_s: float) -> Completion: ...

    async def warm(self) -> None:
        """Open the connections; never raises but when cancelled."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked.

    Attributes:
        deadline_s: of a request.
        settle_s: how long words must have stood before they are worth a request; a caller who goes on after a breath
            replaces them.
    """

    deadline_s: float
    settle_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    Attributes:
        schema: of the JSON its answer has to be.
        turn: of the caller's, to which the answer's tokens are counted.
        answer_tokens: at the most.
        is_hard: for the larger model, from the second turn in a row on that was not understood.
    """

    messages: list[dict[str, str]]
    schema: Mapping[str, Any]
    turn: int
    answer_tokens: int = ANSWER_TOKENS
    is_hard: bool = False


@dataclass(slots=True)
class Counts:
    """What asking came to in one call, as its record keeps it.

    Attributes:
        requests: sent; `failures`: without an answer; `refusals`: answered by what could not be believed.
    """

    requests: int = 0
    failures: int = 0
    refusals: int = 0


@dataclass(slots=True)
class AskedModel:
    """One call's.

    Args:
        spent_today: tokens the tenant's calls have spent today, asked once, before the first request.

    Attributes:
        tasks: requests under way; whoever asks starts them here.
    """

    model: Model
    manner: Manner
    allowance: Allowance
    spent_today: Callable[[], Awaitable[int]]
    counts: Counts = field(default_factory=Counts)
    tasks: TaskSet = field(default_factory=lambda: TaskSet("asked_model"))
    _is_counted: bool = False
    _said_spent: set[Limit] = field(default_factory=set)

    async def ask(self, request: Request, read: Callable[[str], T]) -> T | None:
        """What `read` makes of the answer; None without one, or when it raises UnusableAnswer.

        Never raises but when cancelled.
        """
        if self.allowance.is_closed or not self.model.can_answer(is_hard=request.is_hard):
            return None
        await asyncio.sleep(self.manner.settle_s)
        try:
            text = await self._answer(request)
            return None if text is None else read(text)
        except FleetError as error:
            self.counts.failures += 1
            _log.warning("understanding.model_away", error=str(error))
        except UnusableAnswer as error:
            self.counts.refusals += 1
            _log.warning("understanding.model_unusable", reason=str(error))
        return None

    def figures(self) -> dict[str, int]:
        """For the call's record."""
        return {
            "model_requests": self.counts.requests,
            "model_failures": self.counts.failures,
            "model_refusals": self.counts.refusals,
            "model_tokens": self.allowance.spent,
        }

    def warm(self) -> None:
        """Open the connections in the background, before they are needed."""
        self.tasks.start(self.model.warm(), name="warm")

    async def aclose(self) -> None:
        """Give up what is under way and close the connection."""
        await self.tasks.aclose()
        await self.model.aclose()

    async def _answer(self, request: Request) -> str | None:
        """Its text; None when an allowance is spent."""
        question = Question(request.messages, request.schema, request.answer_tokens)
        cost = question.most_tokens_in + request.answer_tokens
        if not self._is_counted:
            self.allowance.tenant_tokens -= await self.spent_today()
            self._is_counted = True
        limit = self.allowance.limit_for(cost, request.turn, request.answer_tokens)
        if limit is not None:
            self._say_spent(limit)
            return None
        self.allowance.take(cost, request.answer_tokens)
        self.counts.requests += 1
        return await self._completed(question, request, cost)

    async def _completed(self, question: Question, request: Request, cost: int) -> str:
        now = asyncio.get_running_loop().time
        began = now()
        completion = await self.model.complete(
            question, is_hard=request.is_hard, deadline_s=self.manner.deadline_s
        )  # fmt: skip
        self.allowance.settle(cost, completion.tokens, request.answer_tokens)
        _log.info(
            "understanding.model_answered",
            model=completion.by,
            took_ms=round((now() - began) * 1000),
            tokens=completion.tokens,
        )
        return completion.text

    def _say_spent(self, limit: Limit) -> None:
        """Once a call for each; a turn's allowance is spent in passing."""
        if limit is not Limit.TURN and limit not in self._said_spent:
            self._said_spent.add(limit)
            _log.warning("understanding.model_spent", limit=limit.value, tokens=self.allowance.spent)


class UnderWay(Generic[T]):
    """What is being asked now: words proposed again, and a proposal given up for another of the same words, join it;
    other words end it.
    """

    def __init__(self, tasks: TaskSet, name: str) -> None:
        self._tasks = tasks
        self._name = name
        self._asking: tuple[Hashable, asyncio.Task[T]] | None = None

    async def joined(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What asking for `key` came to, now or when it was asked last."""
        if self._asking is None or self._asking[0] != key:
            if self._asking is not None:
                self._asking[1].cancel()
            self._asking = (key, self._tasks.start(ask(), name=self._name))
        return await asyncio.shield(self._asking[1])
