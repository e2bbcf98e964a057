"""The cascade's third step: a language model is asked what words mean that nothing else understood.

It is asked one question with a closed answer (`agent.understanding.model_answers`), once for the same words however
often they are proposed, within a deadline and an allowance. Asked are only questions whose answer is a wish: where a
name, a number or a message is expected the words are about the caller and stay here, as do those of tenants whose
callers' words are not kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agent.domain.errors import ConfigError, FleetError
from agent.domain.facts import Expect, Facts
from agent.domain.tenant import Tenant
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.understanding.allowance import ANSWER_TOKENS, Allowance, Limit, most_cost
from agent.understanding.masking import masked
from agent.understanding.model_answers import UnusableAnswer, messages_for, read_answer, schema_of

_log = get_logger("agent.understanding.interpreter")
#: Questions whose answer may be a wish, a service or a day.
ASKED_AT = frozenset({Expect.ANY, Expect.SERVICE, Expect.WHEN, Expect.CHOICE, Expect.YES_NO})
#: How long a model that failed is left out; one that refuses our request or key will go on refusing it.
_PAUSE_S = 5.0
_REFUSED_PAUSE_S = 300.0


class Completion(Protocol):
    """An answer: its text, whether that is all of it, and its tokens where they were counted."""

    @property
    def text(self) -> str: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def tokens_in(self) -> int | None: ...
    @property
    def tokens_out(self) -> int | None: ...


class Model(Protocol):
    """Answers once; raises FleetError when it cannot, in time or at all."""

    async def complete(
        self,
        model: str,
        messages: list[dict[str, str]],
        schema: Mapping[str, Any],
        *,
        max_tokens: int,
        deadline_s: float,
    ) -> Completion: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CallersTurn:
    """Which turn of the caller's some words are.

    Attributes:
        number: within the call; proposals of one turn have the same.
        misses: turns before it, in a row, that were not understood.
        is_dictated: the words may be part of a message.
    """

    number: int = 0
    misses: int = 0
    is_dictated: bool = False


@dataclass(frozen=True, slots=True)
class Puzzle:
    """Words nobody understood, said at `now` in answer to a question for what is expected."""

    words: str
    expects: Expect
    now: datetime
    turn: CallersTurn = field(default_factory=CallersTurn)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked.

    Attributes:
        small, large: names of models; the large one from the second turn in a row on that was not understood.
        deadline_s: of a request.
        settle_s: how long words must have stood before they are worth a request; a caller who goes on after a breath
            replaces them.
    """

    small: str
    large: str
    deadline_s: float
    settle_s: float = 0.0


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
class ModelInterpreter:
    """One call's third step.

    Args:
        spent_today: tokens the tenant's calls have spent today, asked once, before the first request.
    """

    tenant: Tenant
    model: Model
    manner: Manner
    allowance: Allowance
    spent_today: Callable[[], Awaitable[int]]
    counts: Counts = field(default_factory=Counts)
    _asking: tuple[tuple[object, ...], asyncio.Task[Facts | None]] | None = None
    _tasks: TaskSet = field(default_factory=lambda: TaskSet("interpreter"))
    _paused_until: float = 0.0
    _is_counted: bool = False
    _said_spent: set[Limit] = field(default_factory=set)

    async def interpret(self, puzzle: Puzzle) -> Facts | None:
        """What the words probably mean, to be asked about; None when nobody knows. Never raises but when cancelled.

        Words proposed again, and a proposal given up for another of the same words, join the request under way;
        other words end it.
        """
        if puzzle.expects not in ASKED_AT or puzzle.turn.is_dictated or self.tenant.is_private:
            return None
        key = (puzzle.words, puzzle.expects, puzzle.turn.number)
        if self._asking is None or self._asking[0] != key:
            if self._asking is not None:
                self._asking[1].cancel()
            self._asking = (key, self._tasks.start(self._ask(puzzle), name="ask"))
        return await asyncio.shield(self._asking[1])

    def figures(self) -> dict[str, int]:
        """For the call's record."""
        return {
            "model_requests": self.counts.requests,
            "model_failures": self.counts.failures,
            "model_refusals": self.counts.refusals,
            "model_tokens": self.allowance.spent,
        }

    async def aclose(self) -> None:
        """Give up what is under way and close the connection."""
        await self._tasks.aclose()
        await self.model.aclose()

    async def _ask(self, puzzle: Puzzle) -> Facts | None:
        if asyncio.get_running_loop().time() < self._paused_until:
            return None
        await asyncio.sleep(self.manner.settle_s)
        try:
            return await self._answered(puzzle)
        except FleetError as error:
            self._leave_out(error)
        except UnusableAnswer as error:
            self.counts.refusals += 1
            _log.warning("understanding.model_unusable", reason=str(error))
        return None

    async def _answered(self, puzzle: Puzzle) -> Facts | None:
        words, schema = masked(puzzle.words, self.tenant), schema_of(self.tenant)
        messages = messages_for(words, puzzle.expects, self.tenant)
        cost = most_cost(len(json.dumps(messages)) + len(json.dumps(schema)))
        if not self._is_counted:
            self.allowance.tenant_tokens -= await self.spent_today()
            self._is_counted = True
        limit = self.allowance.limit_for(cost, puzzle.turn.number)
        if limit is not None:
            self._say_spent(limit)
            return None
        loop = asyncio.get_running_loop()
        name, began = self.manner.large if puzzle.turn.misses else self.manner.small, loop.time()
        self.allowance.take(cost)
        self.counts.requests += 1
        completion = await self.model.complete(
            name, messages, schema, max_tokens=ANSWER_TOKENS, deadline_s=self.manner.deadline_s
        )
        self.allowance.settle(cost, completion.tokens_in, completion.tokens_out)
        _log.info(
            "understanding.model_answered",
            model=name,
            took_ms=round((loop.time() - began) * 1000),
            tokens_in=completion.tokens_in,
            tokens_out=completion.tokens_out,
        )
        if not completion.is_whole:
            raise UnusableAnswer("cut off")
        return read_answer(completion.text, puzzle.words, self.tenant, puzzle.now)

    def _leave_out(self, error: FleetError) -> None:
        pause_s = _REFUSED_PAUSE_S if isinstance(error, ConfigError) else _PAUSE_S
        self._paused_until = asyncio.get_running_loop().time() + pause_s
        self.counts.failures += 1
        _log.warning("understanding.model_away", error=str(error), pause_s=pause_s)

    def _say_spent(self, limit: Limit) -> None:
        """Once a call for each; a turn's allowance is spent in passing."""
        if limit is not Limit.TURN and limit not in self._said_spent:
            self._said_spent.add(limit)
            _log.warning("understanding.model_spent", limit=limit.value, tokens=self.allowance.spent)
