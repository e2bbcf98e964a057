"""Figures of the callers' questions of the base: what they were told, and whether their goals suffered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from loadtest.evaluation.figures import LINES, goal_figure, on_line
from loadtest.evaluation.intervals import wilson
from loadtest.evaluation.question_judging import QuestionResult, Told
from loadtest.evaluation.run import Case, Run

_KINDS = ("book", "move", "cancel")


def question_figures(run: Run) -> dict[str, Any] | None:
    """Everything that is reported of them; None when no caller was to ask anything.

    Callers are told apart by whether they were drawn to ask: of those a few have gone before they could.
    """
    groups = {
        "with": [case for case in run.cases if case.call.plan.question is not None],
        "without": [case for case in run.cases if case.call.plan.question is None],
    }
    if not groups["with"]:
        return None
    return {
        "callers": len(groups["with"]),
        "asked": len(_results(groups["with"])),
        "told": {line: _told(_results(on_line(groups["with"], line))) for line in LINES},
        "goals": {
            kind: {group: {line: goal_figure(on_line(cases, line), kind) for line in LINES}
                   for group, cases in groups.items()}
            for kind in _KINDS
        },
        "wrong_rows": {group: sum(len(case.verdict.faults) for case in cases) for group, cases in groups.items()},
    }  # fmt: skip


def question_lines(figured: dict[str, Any] | None, lines: Sequence[str] = LINES) -> list[str]:
    """The same as lines of a page; none when there is nothing to say."""
    if figured is None:
        return []
    return [
        "## Questions in between", "",
        f"{figured['callers']} of the callers who book, move or cancel were to ask the business something in between, "
        f"{figured['asked']} came to it; the words are ours.", "",
        *_told_table(figured["told"], lines), "",
        *_goal_table(figured["goals"], lines), "",
        f"Wrong rows: {figured['wrong_rows']['with']} of callers with a question, "
        f"{figured['wrong_rows']['without']} of the others.", "",
    ]  # fmt: skip


def _results(cases: Iterable[Case]) -> list[QuestionResult]:
    return [case.verdict.question for case in cases if case.verdict.question is not None]


def _told(results: Sequence[QuestionResult]) -> dict[str, Any]:
    return {
        "with_answer": _counted([each for each in results if each.has_answer], Told.ANSWERED),
        "without_answer": _counted([each for each in results if not each.has_answer], Told.REFUSED),
    }


def _counted(results: Sequence[QuestionResult], right: Told) -> dict[str, Any]:
    counts = Counter(each.told for each in results)
    low, high = wilson(counts[right], len(results))
    return {
        "asked": len(results),
        **{told.value: counts[told] for told in Told},
        "asked_about": sum(each.is_asked_about for each in results),
        "right_share": counts[right] / len(results) if results else None,
        "interval_95": [low, high],
    }


def _told_table(told: dict[str, Any], lines: Sequence[str]) -> list[str]:
    rows = [
        "| question | line | asked | answered | wrong | refused | otherwise | by its title | right | 95 % interval |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in ("with_answer", "without_answer"):
        for line in lines:
            counted = told[line][kind]
            if not counted["asked"]:
                continue
            low, high = counted["interval_95"]
            rows.append(
                f"| {kind.replace('_', ' an ')} | {line} | {counted['asked']} | {counted['answered']} | "
                f"{counted['wrong']} | {counted['refused']} | {counted['otherwise']} | {counted['asked_about']} | "
                f"{counted['right_share']:.1%} | {low:.1%} to {high:.1%} |"
            )
    return rows


def _goal_table(goals: dict[str, Any], lines: Sequence[str]) -> list[str]:
    rows = [
        "| goal | callers | line | eligible | done | share | 95 % interval | turns when done |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, groups in goals.items():
        for line in lines:
            for group, by_line in groups.items():
                figure = by_line[line]
                if figure["share"] is None:
                    continue
                low, high = figure["interval_95"]
                turns = f"{figure['turns_when_done']:.1f}" if figure["turns_when_done"] is not None else "–"
                rows.append(
                    f"| {kind} | {group} a question | {line} | {figure['eligible']} | {figure['done']} | "
                    f"{figure['share']:.1%} | {low:.1%} to {high:.1%} | {turns} |"
                )
    return rows
