"""The figures of a run, as one JSON-ready object. Shares come with their 95 % interval."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from typing import Any

from loadtest.evaluation.intervals import upper_bound, wilson
from loadtest.evaluation.judge import Result
from loadtest.evaluation.plans import QUESTIONS
from loadtest.evaluation.run import Case, Run
from loadtest.evaluation.short_pursuits import Asking

GOAL_SHARE = 0.95
KINDS = ("book", "move", "cancel", "ask", "message", "human", "message_instead")
#: What so many callers wanted and not one of them got, the agent does not have.
ENOUGH = 3
LINES = ("clear line", "one word in ten wrong", "all")


def figures(run: Run, goal_share: float = GOAL_SHARE) -> dict[str, Any]:
    """Everything that is reported.

    Args:
        goal_share: of the eligible bookings, what must be done.
    """
    goals = {kind: {line: goal_figure(on_line(run.cases, line), kind) for line in LINES} for kind in KINDS}
    faults = [fault for case in run.cases for fault in case.verdict.faults]
    questions = _questions(run)
    missing = [kind for kind in KINDS if _is_missing(goals[kind]["all"]["eligible"], goals[kind]["all"]["done"])]
    missing += [question for question, each in questions.items() if _is_missing(each["asked"], each["answered"])]
    changed = sum(goals[kind]["all"]["eligible"] for kind in ("book", "move", "cancel"))
    return {
        "dialogues": len(run.cases),
        "goals": goals,
        "questions": questions,
        "missing": missing,
        "wrong": {
            "rows": len(faults),
            "by_cause": dict(Counter(fault.wrong.value for fault in faults)),
            "of": changed,
            "upper_bound_95": upper_bound(len(faults), changed) if changed else 1.0,
        },
        "open_holds": sum(case.verdict.open_holds for case in run.cases),
        "stray_messages": sum(case.verdict.stray_messages for case in run.cases),
        "empty_promises": sum(case.verdict.empty_promises for case in run.cases),
        "talk": _talk(run),
        "words": _words(run.cases),
        "failures": dict(Counter(case.verdict.why for case in run.cases if case.verdict.why).most_common()),
        "passes": _passes(goals, len(faults), goal_share) and not missing,
    }


def worst(run: Run, count: int) -> list[Case]:
    """The calls that went worst: wrong rows first, then failures, then those in which most was not understood."""

    def badness(case: Case) -> tuple[int, ...]:
        verdict = case.verdict
        failed = sum(each.result is Result.FAILED for each in verdict.goals)
        amiss = verdict.open_holds + verdict.stray_messages + verdict.empty_promises
        return len(verdict.faults), failed, amiss, verdict.misses, verdict.turns

    return sorted(run.cases, key=badness, reverse=True)[:count]


def _passes(goals: dict[str, Any], faults: int, goal_share: float) -> bool:
    share = goals["book"]["all"]["share"]
    return share is not None and share >= goal_share and faults == 0


def _is_missing(wanted: int, done: int) -> bool:
    return wanted >= ENOUGH and done == 0


def _questions(run: Run) -> dict[str, dict[str, int]]:
    """How often each was to be asked by callers who stayed, and how often it was answered."""
    asking = [
        pursuit
        for case in run.cases
        for pursuit, result in zip(case.call.caller.pursuits, case.verdict.goals, strict=True)
        if isinstance(pursuit, Asking) and result.result is not Result.LEFT
    ]
    asked = Counter(question for pursuit in asking for question in pursuit.goal.questions)
    answered = Counter(question for pursuit in asking for question in pursuit.answered)
    return {question: {"asked": asked[question], "answered": answered[question]} for question in QUESTIONS}


def on_line(cases: Iterable[Case], line: str) -> list[Case]:
    """Those on a line of `LINES`."""
    noisy = {"clear line": (False,), "one word in ten wrong": (True,), "all": (False, True)}[line]
    return [case for case in cases if case.call.plan.is_noisy in noisy]


def goal_figure(cases: Iterable[Case], kind: str) -> dict[str, Any]:
    """How many callers reached a goal of this kind, of those who were to."""
    found = [(case.verdict, each.result) for case in cases for each in case.verdict.goals if each.kind == kind]
    eligible = [(verdict, result) for verdict, result in found if result is not Result.LEFT]
    done = [verdict for verdict, result in eligible if result is Result.DONE]
    low, high = wilson(len(done), len(eligible))
    return {
        "eligible": len(eligible),
        "done": len(done),
        "share": len(done) / len(eligible) if eligible else None,
        "interval_95": [low, high],
        "left_by_plan": len(found) - len(eligible),
        "turns_when_done": statistics.mean(verdict.turns for verdict in done) if done else None,
    }


def _talk(run: Run) -> dict[str, Any]:
    turns = [case.verdict.turns for case in run.cases]
    return {
        "turns_mean": statistics.mean(turns),
        "turns_median": statistics.median(turns),
        "turns_most": max(turns),
        "misses_a_call": statistics.mean(case.verdict.misses for case in run.cases),
        "loops": sum(case.verdict.is_loop for case in run.cases),
    }


def _words(cases: Iterable[Case]) -> dict[str, Any]:
    said = [exchange.utterance for case in cases for exchange in case.call.exchanges]
    real = [utterance.real for utterance in said if utterance.real is not None]
    words = sum(case.call.tally.words for case in cases)
    errors = sum(case.call.tally.errors for case in cases)
    return {
        "turns": len(said),
        "real_turns": len(real),
        "real_share": len(real) / len(said) if said else 0.0,
        "distinct_real_turns": len(set(real)),
        "words_on_the_bad_line": words,
        "word_error_rate": errors / words if words else 0.0,
    }
