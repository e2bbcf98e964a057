"""What a call came to, seen from outside: the caller's wishes beside the rows of the diary and the messages stored.

A booking is eligible when its caller meant to stay until it was made; the diary always has a time that he would take.
`wrong_rows` says which rows are wrong, whatever became of the goals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from loadtest.evaluation.dialogue import PERSON, Transcript
from loadtest.evaluation.message_pursuits import LeavingMessage, ReachingHuman, share_kept
from loadtest.evaluation.pursuits import Pursuit
from loadtest.evaluation.question_judging import QuestionResult, judge_question
from loadtest.evaluation.wrong_rows import Fault, Standing, compare

#: A message is his when this share of its longer words is kept; on a bad line some are lost.
_KEPT_SHARE = 0.6
_PROMISE = re.compile(r"\bsomeone will call you back\b", re.IGNORECASE)


class Result(Enum):
    """What became of a goal."""

    DONE = "done"
    FAILED = "failed"
    LEFT = "left by plan"


@dataclass(frozen=True, slots=True)
class GoalResult:
    """One goal of a call. `turns` are those of the whole call."""

    kind: str
    result: Result


@dataclass(frozen=True, slots=True)
class Verdict:
    """One call.

    Attributes:
        why: in a few words, why a goal failed; empty when none did.
        is_loop: the caller hung up because he was asked the same thing again and again.
        open_holds: reserved and not given back although the call is over.
        stray_messages: stored as a caller's message although he left none, or a second time.
        empty_promises: calls back promised without anything stored for the business to read.
        question: what became of the one asked in between; None when none was.
    """

    index: int
    goals: tuple[GoalResult, ...]
    faults: tuple[Fault, ...]
    why: str
    turns: int
    misses: int
    is_loop: bool
    open_holds: int
    stray_messages: int = 0
    empty_promises: int = 0
    question: QuestionResult | None = None

    @property
    def is_clean(self) -> bool:
        """Whether the agent left nothing behind that is wrong, whatever became of the goals."""
        return not (self.faults or self.open_holds or self.stray_messages or self.empty_promises)

    @property
    def is_good(self) -> bool:
        """Whether nothing failed and nothing is wrong."""
        return self.is_clean and all(each.result is not Result.FAILED for each in self.goals)


def judge(call: Transcript) -> Verdict:
    """Compare what was wished with what stands."""
    standing = compare(call)
    goals = tuple(
        GoalResult(pursuit.goal.kind, _result(pursuit, call, standing, is_fulfilled=place in standing.fulfilled))
        for place, pursuit in enumerate(call.caller.pursuits)
    )
    left = call.caller.left_because
    return Verdict(
        index=call.plan.index,
        goals=goals,
        faults=standing.faults,
        why=_why(call) if any(each.result is Result.FAILED for each in goals) else "",
        turns=len(call.exchanges),
        misses=call.misses,
        is_loop=left is not None and "in a row" in left,
        open_holds=sum(row["status"] == "held" for row in call.rows),
        stray_messages=_stray_messages(call),
        empty_promises=int(_is_promised(call) and not call.messages),
        question=judge_question(call),
    )


def _result(pursuit: Pursuit, call: Transcript, standing: Standing, *, is_fulfilled: bool) -> Result:
    if _is_reached(pursuit, call, standing, is_fulfilled=is_fulfilled):
        return Result.DONE
    is_left = call.caller.left_because == "plan" or (pursuit.goal.kind == "book" and pursuit.wish is None)
    return Result.LEFT if is_left else Result.FAILED


def _is_reached(pursuit: Pursuit, call: Transcript, standing: Standing, *, is_fulfilled: bool) -> bool:
    goal = pursuit.goal
    match goal.kind:
        case "book":
            return is_fulfilled
        case "move":
            return is_fulfilled and goal.own in standing.gone
        case "cancel":
            return goal.own in standing.gone
        case "message" | "message_instead":
            return isinstance(pursuit, LeavingMessage) and _is_message_stored(pursuit, call)
        case "human":
            return isinstance(pursuit, ReachingHuman) and pursuit.is_done and call.transfers == [PERSON]
        case _:
            return pursuit.is_done


def _is_message_stored(pursuit: LeavingMessage, call: Transcript) -> bool:
    """Whether his words stand there, agreed to, with the number to call and as urgent as he said."""
    return any(
        row["reason"] == "message"
        and row["is_confirmed"]
        and row["phone"] == call.plan.phone
        and bool(row["is_urgent"]) == pursuit.goal.is_urgent
        and share_kept(pursuit.text, row["text"]) >= _KEPT_SHARE
        for row in call.messages
    )


def _stray_messages(call: Transcript) -> int:
    left = sum(isinstance(pursuit, LeavingMessage) for pursuit in call.caller.pursuits)
    stored = [row for row in call.messages if row["reason"] == "message"]
    return max(0, len(stored) - left)


def _is_promised(call: Transcript) -> bool:
    return any(_PROMISE.search(exchange.reply) for exchange in call.exchanges)


def _why(call: Transcript) -> str:
    """How the call ended and where the agent was last stuck: enough to put like beside like."""
    stages = [exchange.stage for exchange in call.exchanges]
    stuck = max(set(stages), key=stages.count) if stages else "greeting"
    left = call.caller.left_because
    if left is not None and "in a row" in left:
        return f"asked the same again and again at {stuck}"
    return f"the agent gave up at {stages[-2] if len(stages) > 1 else stuck}" if _gave_up(call) else f"{stuck}, other"


def _gave_up(call: Transcript) -> bool:
    last = call.exchanges[-1].reply if call.exchanges else call.greeting
    return call.has_agent_ended and "call you back" in last
