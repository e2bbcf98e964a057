"""What asking a model may cost: so many tokens an answer, a turn, a call, and all the tenant's calls of a day.

A request is counted at the most it can cost before it is sent, and at what it did cost once that is known, so that
neither an answer that never came nor an endpoint that keeps no count is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

#: Of one answer: it has about thirty when every field is filled.
ANSWER_TOKENS = 60
#: Of one that is made of a passage's sentences: 200 characters, and which passages they are from.
SHORTENED_TOKENS = 80
#: Of all answers to one turn of the caller's: two of either kind.
TURN_TOKENS = 160


class Limit(Enum):
    """Which allowance has been spent."""

    TURN = "turn"
    CALL = "call"
    TENANT = "tenant"
    MONEY = "money"


@dataclass(slots=True)
class Allowance:
    """One call's.

    Attributes:
        call_tokens: this call may spend, in and out.
        tenant_tokens: the tenant's calls may still spend today; this call's spending is taken off it too.
        spent: by this call.
        spent_turn: by the answers to the caller's turn at hand.
        is_closed: a budget is spent; nothing more is asked in this call.
    """

    call_tokens: int
    tenant_tokens: int
    spent: int = 0
    spent_turn: int = 0
    is_closed: bool = False
    _turn: int = -1

    def limit_for(self, cost: int, turn: int, answer: int = ANSWER_TOKENS) -> Limit | None:
        """What stands against spending so much more on this turn, `answer` of it on the answer; None when nothing."""
        if self.is_closed:
            return Limit.MONEY
        if turn != self._turn:
            self._turn, self.spent_turn = turn, 0
        if self.spent_turn + answer > TURN_TOKENS:
            return Limit.TURN
        if self.spent + cost > self.call_tokens:
            return Limit.CALL
        return Limit.TENANT if self.spent + cost > self.tenant_tokens else None

    def take(self, cost: int, answer: int = ANSWER_TOKENS) -> None:
        """A request that may cost so much is on its way."""
        self.spent += cost
        self.spent_turn += answer

    def settle(self, cost: int, tokens: tuple[int, int] | None, answer: int = ANSWER_TOKENS) -> None:
        """It cost so many tokens in and out; what is not known stays counted at the most."""
        if tokens is not None:
            self.spent += sum(tokens) - cost
            self.spent_turn += tokens[1] - answer
