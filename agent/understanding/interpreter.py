"""The cascade's third step: a language model is asked what words mean that nothing else understood.

It is asked one question with a closed answer (`agent.understanding.model_answers`), once for the same words however
often they are proposed, within a deadline and an allowance. Asked are only questions whose answer is a wish: where a
name, a number or a message is expected the words are about the caller and stay here, as do those of tenants whose
callers' words are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agent.domain.facts import Expect, Facts
from agent.domain.tenant import Tenant
from agent.understanding.asked_model import AskedModel, Request, UnderWay
from agent.understanding.masking import masked
from agent.understanding.model_answers import messages_for, read_answer, schema_of

#: Questions whose answer may be a wish, a service or a day.
ASKED_AT = frozenset({Expect.ANY, Expect.SERVICE, Expect.WHEN, Expect.CHOICE, Expect.YES_NO})


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


class ModelInterpreter:
    """One call's third step."""

    def __init__(self, tenant: Tenant, model: AskedModel) -> None:
        self._tenant = tenant
        self._model = model
        self._asking: UnderWay[Facts | None] = UnderWay(model.tasks, "interpret")

    async def interpret(self, puzzle: Puzzle) -> Facts | None:
        """What the words probably mean, to be asked about; None when nobody knows. Never raises but when cancelled."""
        if puzzle.expects not in ASKED_AT or puzzle.turn.is_dictated or self._tenant.is_private:
            return None
        key = (puzzle.words, puzzle.expects, puzzle.turn.number)
        return await self._asking.joined(key, lambda: self._ask(puzzle))

    async def _ask(self, puzzle: Puzzle) -> Facts | None:
        words = masked(puzzle.words, self._tenant)
        request = Request(
            messages_for(words, puzzle.expects, self._tenant),
            schema_of(self._tenant),
            puzzle.turn.number,
            is_hard=puzzle.turn.misses > 0,
        )
        return await self._model.ask(request, lambda text: read_answer(text, puzzle.words, self._tenant, puzzle.now))
