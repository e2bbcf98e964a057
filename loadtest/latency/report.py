"""A run for people: its goals, the delay at the ear, where it went, and the worst turns; in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loadtest.latency.goals import Goal

_PARTS = {
    "way_in": "caller's mouth to worker",
    "words": "recogniser's words",
    "understanding": "understanding",
    "commit": "end of turn",
    "text": "reply's first words",
    "voice": "voice's first audio",
    "capture": "first frame captured",
    "lead_in": "silence the voice begins with",
    "way_out": "worker to caller's ear",
    "playout": "playout buffer",
    "residual": "not explained",
}


def markdown(goals: Sequence[Goal], conditions: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> str:
    """The whole report."""
    sections = [_goals(goals), *(_condition(condition) for condition in conditions)]
    if notes:
        sections.append("\n".join(["## To be known", "", *(f"- {note}" for note in notes)]))
    return "\n\n".join(["# Turn latency", *sections]) + "\n"


def _goals(goals: Sequence[Goal]) -> str:
    rows = [
        f"| {goal.name} | {'-' if goal.value is None else _value(goal)} | {'<' if goal.is_strict else '≤'} "
        f"{_limit(goal)} | {goal.n} | {'met' if goal.is_met else '**missed**'} |"
        for goal in goals
    ]
    return "\n".join(["| promise | measured | limit | n | |", "|---|---|---|---|---|", *rows])


def _value(goal: Goal) -> str:
    assert goal.value is not None
    return f"{goal.value:.1%}" if goal.limit < 1 else f"{goal.value:.0f} ms"


def _limit(goal: Goal) -> str:
    return f"{goal.limit:.0%}" if goal.limit < 1 else f"{goal.limit:.0f} ms"


def _condition(condition: Mapping[str, Any]) -> str:
    calls = "call" if condition["at_once"] == 1 else "calls"
    head = f"## {condition['profile']}, {condition['at_once']} {calls} at once"
    said = (
        f"{condition['turns']} turns in {condition['calls']} calls; no reply {condition['no_reply']}, misheard "
        f"{condition['misheard']}, not understood {condition['not_understood']}, void calls {len(condition['void'])}"
    )
    used = "; ".join(
        f"{key.replace('_', ' ')} " + ", ".join(f"{name or 'not told'} {n}" for name, n in names.items())
        for key, names in condition["providers"].items()
    )
    return "\n\n".join(
        [head, f"{said}. {used}.{_pace(condition)}", ear_table(condition["ear"]), budget_table(condition["budget"]),
         _stops(condition), worst_table(condition["worst"])]
    )  # fmt: skip


def _pace(condition: Mapping[str, Any]) -> str:
    slowed, work_ms = condition.get("slowed"), condition.get("work_ms")
    if slowed is None or work_ms is None:
        return ""
    return (
        f" The machine's pace: the noted work took {work_ms:.2f} ms, "
        f"around the turns {slowed:.2f} times the run's best."
    )


def ear_table(ear: Mapping[str, Any]) -> str:
    """The delay at the ear, of all turns and of kinds of them."""
    rows = [
        f"| {name} | {spread['n']} | {spread['mean']:.0f} ({_interval(spread['mean_interval_95'])}) | "
        f"{spread['p50']:.0f} | {spread['p95']:.0f} ({_interval(spread['p95_interval_95'])}) |"
        for name, spread in ear.items()
        if spread is not None
    ]
    head = "| ear, ms | n | mean (95 %) | median | p95 (95 %) |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _interval(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.0f}-{bounds[1]:.0f}"


def budget_table(budget: Mapping[str, Any]) -> str:
    """How long each stage kept the reply waiting; the means sum to the ear's."""
    rows = [
        f"| {_PARTS[part]} | {spread['p50']:.0f} | {spread['mean']:.0f} | {spread['p95']:.0f} |"
        for part, spread in budget.items()
    ]
    return "\n".join(["| waited for, ms | median | mean | p95 |", "|---|---|---|---|", *rows])


def _stops(condition: Mapping[str, Any]) -> str:
    barge, stop = condition["barge_ins"], condition["barge_ins"]["stop"]
    lines = [
        f"Barge-ins {barge['n']}, not stopped {barge['no_stop']}"
        + (f"; stop median {stop['p50']:.0f} ms, p95 {stop['p95']:.0f} ms." if stop else ".")
    ]
    for kind, met in condition["noises"].items():
        lines.append(
            f"{kind.capitalize()}: {met['n']} during the agent's speech, {met['lost']} lost the reply "
            f"({met['share']:.1%}, at most {met['upper_95']:.1%} at 95 %), {met['paused']} made it pause."
        )
    return "\n".join(lines)


def worst_table(worst: Sequence[Mapping[str, Any]]) -> str:
    """The slowest twentieth of the turns, and the part that made each slow."""
    rows = [
        f"| {turn['call']}.{turn['line']} | {turn['said']} | {turn['ear_ms']:.0f} | "
        f"{_PARTS.get(turn['cost_by'], turn['cost_by'])} | {_over(turn)} |"
        for turn in worst
    ]
    return "\n".join(["| call.line | said | ear, ms | slow by | over its median, ms |", "|---|---|---|---|---|", *rows])


def _over(turn: Mapping[str, Any]) -> str:
    return f"{turn['over_usual_ms']:.0f}" if "over_usual_ms" in turn else ""


def late(counts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which emulated voices were slower than their profile, in sentences: so much was measured too long."""
    return [
        f"emulated {kind}: {counted['late']} of {counted.get('requests', 0)} requests late by "
        f"{counted.get('late_ms', 0) / counted['late']:.0f} ms on average, because their speech had yet to be made"
        for kind, counted in counts.items()
        if counted.get("late")
    ]
