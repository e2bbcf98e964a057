"""One call's language models, asked one after the other until one answers.

Each has a deadline for its first word and for each after it; the last of them has what is left of the whole. One
whose breaker is open is not asked, and one that refused our key, our request or its name is not asked again in this
call; with nobody left to ask the caller is answered without a model, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from agent.domain.errors import Blame, ConfigError, DeadlineExceeded, DependencyUnavailable, FleetError
from agent.domain.providers import Attempt, Breakers, Provider, Reports, Unit, Used
from agent.providers.asked_once import Member
from agent.providers.model_patience import first_token_s
from agent.runtime.completions import Completion, Question
from agent.runtime.logs import get_logger

_log = get_logger("agent.providers.model_chain")
#: Less is not worth a request, which is paid for whether it is answered in time or not.
_LEAST_S = 0.1
#: Between two pieces of an answer, which come every ten to twenty milliseconds.
_GAP_S = 0.3


@dataclass(slots=True)
class _Said:
    """What one model has said so far."""

    text: str = ""
    first_s: float | None = None
    tokens: tuple[int, int] | None = None

    async def listen(self, member: Member, question: Question, first_s: float, gap_s: float, until: float) -> None:
        """Take all of it.

        Args:
            first_s: what the first word may take; `gap_s`: what each may take after the one before.
            until: when all of it must have come, by the loop's clock.
        Raises:
            FleetError: as `Member.answer` says; DeadlineExceeded.
        """
        now = asyncio.get_running_loop().time
        began = now()
        try:
            async with (
                asyncio.timeout_at(min(until, began + first_s)) as limit,
                aclosing(member.answer(question)) as answer,
            ):
                async for piece in answer:
                    if piece.text:
                        self.first_s = self.first_s or now() - began
                        limit.reschedule(min(until, now() + gap_s))
                    self.text += piece.text
                    self.tokens = piece.tokens or self.tokens
        except TimeoutError:
            what = "no word" if self.first_s is None else "not all of it"
            message = f"model {member.provider.name}: {what} within {now() - began:.2f} s"
            raise DeadlineExceeded(message, blame=Blame.UPSTREAM) from None
        if not self.text and self.tokens is None:
            raise DependencyUnavailable(f"model {member.provider.name}: an empty stream")


@dataclass(slots=True)
class ModelChain:
    """One call's.

    Args:
        small: whom to ask, in order; `large`: whom to ask what is hard.
        default_first_token_s: of models whose latency is not known.
    """

    small: Sequence[Member]
    large: Sequence[Member]
    breakers: Breakers
    reports: Reports
    default_first_token_s: float
    _refused: set[Provider] = field(default_factory=set)

    def can_answer(self, *, is_hard: bool) -> bool:
        """Whether anybody is left to ask."""
        return bool(self._left(is_hard))

    async def complete(self, question: Question, *, is_hard: bool, deadline_s: float) -> Completion:
        """The first answer that comes.

        Raises:
            FleetError: nobody answered; the last one's reason.
        """
        now = asyncio.get_running_loop().time
        until = now() + deadline_s
        left = self._left(is_hard)
        error: FleetError = DependencyUnavailable("model: nobody is left to ask")
        for index, member in enumerate(left):
            if index > 0 and until - now() < _LEAST_S:
                break
            first_s, gap_s = first_token_s(member.provider, self.default_first_token_s), _GAP_S
            if index + 1 == len(left):
                first_s = gap_s = deadline_s
            try:
                said = await self._asked(member, question, first_s, gap_s, until)
            except FleetError as failure:
                error = failure
                continue
            return Completion(said.text, member.provider.name, said.tokens)
        raise error

    async def warm(self) -> None:
        """Open the connections; never raises but when cancelled."""
        await asyncio.gather(*(member.warm() for member in self._members()))

    async def aclose(self) -> None:
        """Close the connections."""
        for member in self._members():
            await member.aclose()

    def _members(self) -> list[Member]:
        return list({member.provider: member for member in (*self.small, *self.large)}.values())

    def _left(self, is_hard: bool) -> list[Member]:
        return [
            member
            for member in (self.large if is_hard else self.small)
            if member.provider not in self._refused and not self.breakers.is_open(member.provider)
        ]

    async def _asked(self, member: Member, question: Question, first_s: float, gap_s: float, until: float) -> _Said:
        """What one member says, reported. Raises FleetError."""
        said, provider = _Said(), member.provider
        usual_s = first_token_s(provider, self.default_first_token_s)
        is_hurried = until - asyncio.get_running_loop().time() < usual_s
        try:
            await said.listen(member, question, first_s, gap_s, until)
        except asyncio.CancelledError:
            self._charge(provider, question, said)
            raise
        except FleetError as error:
            _log.warning("model.failed", provider=provider.name, error=str(error), blame=error.blame.value)
            if not (is_hurried and isinstance(error, DeadlineExceeded)):  # what it was left was less than it may take
                self.reports.attempted(Attempt(provider, error.blame, said.first_s, str(error)))
            if isinstance(error, ConfigError):
                self._refused.add(provider)
            if isinstance(error, DeadlineExceeded) or said.text:
                self._charge(provider, question, said)
            raise
        self.reports.attempted(Attempt(provider, Blame.SUCCESS, said.first_s))
        self._charge(provider, question, said)
        return said

    def _charge(self, provider: Provider, question: Question, said: _Said) -> None:
        """Tell what it will cost: as counted, or at the most where nobody counted."""
        tokens_in, tokens_out = said.tokens or (question.most_tokens_in, question.max_tokens)
        self.reports.used(Used(provider, Unit.TOKENS_IN, tokens_in))
        self.reports.used(Used(provider, Unit.TOKENS_OUT, tokens_out))
