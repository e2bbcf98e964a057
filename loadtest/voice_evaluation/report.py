"""A run by voice for people: the goals, the times at the ear, what was void, and the worst calls word for word."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from loadtest.evaluation.figures import figures, worst
from loadtest.evaluation.intervals import wilson
from loadtest.evaluation.judge import Result
from loadtest.evaluation.question_figures import question_figures, question_lines
from loadtest.evaluation.report import missing, question_json, question_line
from loadtest.evaluation.run import Run
from loadtest.voice_evaluation.outcome import Outcome

GOAL_SHARE = 0.90


def document(run: Run, outcomes: Sequence[Outcome], wanted: int) -> dict[str, Any]:
    """Everything that is reported. `passes` also needs as many judged calls as were wanted."""
    figured = figures(run, GOAL_SHARE)
    judged = [outcome for outcome in outcomes if not outcome.is_void]
    goals = {kind: by_line["all"] for kind, by_line in figured.pop("goals").items()}
    return {
        **figured,
        "goals": goals,
        "side_questions": question_figures(run),
        "goal_share": GOAL_SHARE,
        "wanted": wanted,
        "judged": len(judged),
        "void": [{"call": each.index, "why": list(each.noise)} for each in outcomes if each.is_void],
        "noisy": sum(bool(each.noise) for each in judged),
        "without_ear_faults": _without_ear_faults(judged),
        "repeats": sum(each.held.repeats for each in judged if each.held),
        "ear_faults": sum(each.ear_faults for each in judged),
        "ear_ms": _spread([ms for each in judged if not each.noise for ms in each.ear_ms]),
        "ear_ms_noisy": _spread([ms for each in judged if each.noise for ms in each.ear_ms]),
        "call_s": _spread([each.held.report["duration_s"] for each in judged if each.held]),
        "passes": figured["passes"] and len(judged) >= wanted,
        "calls": [as_json(outcome) for outcome in outcomes],
    }


def _without_ear_faults(judged: Sequence[Outcome]) -> dict[str, Any]:
    """Bookings again, without failures in which the caller's own ear misheard what was read back right."""
    results = [
        goal.result
        for each in judged
        if each.case is not None
        for goal in each.case.verdict.goals
        if goal.kind == "book" and goal.result is not Result.LEFT
        if not (goal.result is Result.FAILED and each.ear_faults)
    ]
    done = sum(result is Result.DONE for result in results)
    return {"eligible": len(results), "done": done, "interval_95": list(wilson(done, len(results)))}


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if len(values) < 2:
        return None
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {
        "n": len(values), "mean": statistics.mean(values), "p50": statistics.median(values), "p95": cuts[18],
        "most": max(values),
    }  # fmt: skip


def as_json(outcome: Outcome) -> dict[str, Any]:
    """A call's result as JSON-ready values."""
    known = {"call": outcome.index, "voice": outcome.voice, "void": list(outcome.noise)}
    if outcome.case is None or outcome.held is None:
        return known | {"is_judged": False, "why": outcome.broken}
    verdict = outcome.case.verdict
    return known | {
        "is_judged": not outcome.is_void,
        "goals": [{"kind": each.kind, "result": each.result.value} for each in verdict.goals],
        "faults": [{"wrong": fault.wrong.value, "row": fault.row} for fault in verdict.faults],
        "why": why(outcome),
        "turns": verdict.turns,
        "misses": verdict.misses,
        "seconds": outcome.held.report["duration_s"],
        "ear_faults": outcome.ear_faults,
        "repeats": outcome.held.repeats,
        "question": question_json(verdict.question),
        "record": {key: str(value) for key, value in outcome.evidence.row.items()},
    }


def why(outcome: Outcome) -> str:
    """In a few words, why it did not go well; empty when it did."""
    if outcome.case is None or outcome.held is None:
        return outcome.broken
    verdict = outcome.case.verdict
    if verdict.is_good:
        return ""
    left = outcome.case.call.caller.left_because
    own = [*outcome.held.report["failures"], f"the caller left: {left}" if left else "the agent ended the call"]
    amiss = {
        "reservations left open": verdict.open_holds, "messages nobody left": verdict.stray_messages,
        "empty promises": verdict.empty_promises,
    }  # fmt: skip
    found = [fault.wrong.value for fault in verdict.faults] + [f"{n} {what}" for what, n in amiss.items() if n]
    heard = [f"his ear misheard {outcome.ear_faults} right read-backs"] * bool(outcome.ear_faults)
    return "; ".join([*found, *own[:1], *heard])


def line(outcome: Outcome, done: int, wanted: int) -> str:
    """One call on one line of the progress."""
    if outcome.case is None or outcome.held is None:
        return f"void {outcome.index:03d} {outcome.voice:6} {outcome.broken}"
    head = "void" if outcome.is_void else "ok  " if outcome.case.verdict.is_good else "FAIL"
    goals = " ".join(f"{goal.kind}={goal.result.name.lower()}" for goal in outcome.case.verdict.goals)
    ear = statistics.median(outcome.ear_ms) if outcome.ear_ms else float("nan")
    seconds = outcome.held.report["duration_s"]
    text = f"{head} {outcome.index:03d} {outcome.voice:6} {goals}  {seconds:.0f} s, ear {ear:.0f} ms, {done}/{wanted}"
    noise = f"\n     {'; '.join(outcome.noise)}" * bool(outcome.noise)
    return text + f"\n     {why(outcome)}" * bool(why(outcome)) + noise


def markdown(figured: dict[str, Any], title: str) -> str:
    """The figures as a page."""
    wrong, talk, words = figured["wrong"], figured["talk"], figured["words"]
    causes = "; ".join(f"{count} {cause}" for cause, count in wrong["by_cause"].items()) or "none"
    again = figured["without_ear_faults"]
    share = f"{again['done'] / again['eligible']:.1%}" if again["eligible"] else "–"
    lines = [
        f"# {title}", "",
        f"{figured['judged']} calls judged of {figured['wanted']} wanted; {len(figured['void'])} void and replaced; "
        f"in {figured['noisy']} of those judged the caller's machine was busy, and their times do not count.", "",
        *_goal_table(figured["goals"]), "",
        *missing(figured),
        f"- wrong rows: **{wrong['rows']}** of {wrong['of']} bookings and changes ({causes}); "
        f"upper bound at 95 %: {wrong['upper_bound_95']:.2%}.",
        f"- reservations left open: {figured['open_holds']}; messages stored that nobody left: "
        f"{figured['stray_messages']}; calls back promised and not stored: {figured['empty_promises']}.",
        f"- the caller's own ear: {figured['ear_faults']} right read-backs taken for wrong, {figured['repeats']} asked "
        f"for again; without the calls that failed so, bookings are {again['done']} of {again['eligible']} ({share}).",
        _times("ear latency, ms", figured["ear_ms"]),
        _times("ear latency where the caller's machine was busy, ms", figured["ear_ms_noisy"]),
        _times("length of a call, s", figured["call_s"]),
        f"- turns a call: mean {talk['turns_mean']:.1f}, most {talk['turns_most']}; not understood "
        f"{talk['misses_a_call']:.2f} times a call; {talk['loops']} callers left because of a loop.",
        f"- caller's turns: {words['turns']}, of which {words['real_share']:.1%} are real users' "
        f"({words['distinct_real_turns']} distinct ones).",
        "", *question_lines(figured["side_questions"], ("all",)),
        "| cause | calls |", "|---|---|", *_causes(figured["calls"]), "",
        f"Goals (bookings ≥ {figured['goal_share']:.0%}, no wrong row, nothing missing, every call judged): "
        f"**{'met' if figured['passes'] else 'missed'}**", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _goal_table(goals: dict[str, Any]) -> list[str]:
    lines = ["| goal | eligible | done | share | 95 % interval | turns when done |", "|---|---|---|---|---|---|"]
    for kind, figure in goals.items():
        if figure["share"] is None:
            continue
        low, high = figure["interval_95"]
        turns = f"{figure['turns_when_done']:.1f}" if figure["turns_when_done"] is not None else "–"
        lines.append(
            f"| {kind.replace('_', ' ')} | {figure['eligible']} | {figure['done']} | {figure['share']:.1%} | "
            f"{low:.1%} to {high:.1%} | {turns} |"
        )
    return lines


def _times(name: str, spread: dict[str, float] | None) -> str:
    if spread is None:
        return f"- {name}: too few to say."
    return (
        f"- {name}: n = {spread['n']}, mean {spread['mean']:.0f}, p50 {spread['p50']:.0f}, p95 {spread['p95']:.0f}, "
        f"most {spread['most']:.0f}."
    )


def _causes(calls: Sequence[dict[str, Any]]) -> list[str]:
    counted = Counter(call["why"] for call in calls if call["is_judged"] and call["why"])
    return [f"| {cause} | {count} |" for cause, count in counted.most_common()]


def worst_calls(run: Run, outcomes: Sequence[Outcome], count: int) -> str:
    """The calls that went worst, word for word."""
    by_index = {outcome.index: outcome for outcome in outcomes}
    return "\n\n".join(word_for_word(by_index[case.verdict.index]) for case in worst(run, count))


def word_for_word(outcome: Outcome) -> str:
    """What the caller said, what his ear heard, and what the agent's record says, in the order of the clock."""
    if outcome.case is None or outcome.held is None:
        return f"--- call {outcome.index}: {outcome.broken}"
    report, call = outcome.held.report, outcome.case.call
    plan = call.plan
    head = [f"--- call {plan.index}, {plan.now:%A %Y-%m-%d}, from {plan.from_number}, voice {outcome.voice}"]
    for pursuit, result in zip(call.caller.pursuits, outcome.case.verdict.goals, strict=True):
        goal = pursuit.goal
        head.append(
            f"goal    {goal.kind}: {goal.wish or goal.own or ''}, at last {pursuit.wish}: {result.result.value}"
        )
    head += [f"wrong   {fault.wrong.value}: {fault.row}" for fault in outcome.case.verdict.faults]
    head += question_line(outcome.case)
    head += [f"stored  {row}" for row in call.messages]
    zero = datetime.fromisoformat(report["invited_at"])
    timed = [(turn["start_tx_s"] or 0.0, "caller says ", turn["caller"]) for turn in report["turns"]]
    timed += [(turn["onset_s"], "caller hears", turn["text"]) for turn in report["agent"]]
    for turn in outcome.evidence.turns:
        at_s = (turn.at.astimezone(UTC) - zero).total_seconds()
        cut = f" (cut after {turn.heard!r})" if turn.heard is not None else ""
        timed.append((at_s, f"record {turn.role:6}"[:13], turn.text + cut))
    body = [f"{at_s:7.1f}  {who}  {text}" for at_s, who, text in sorted(timed)]
    row = ", ".join(f"{key} {value}" for key, value in outcome.evidence.row.items())
    return "\n".join([*head, *body, f"ended by {report['ended_by']}; {why(outcome)}; record: {row}"])
