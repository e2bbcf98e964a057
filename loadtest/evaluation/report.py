"""A run for people: a table, the causes of failure, and the worst calls word for word."""

from __future__ import annotations

from typing import Any

from loadtest.evaluation.figures import GOAL_SHARE, LINES
from loadtest.evaluation.question_figures import question_lines
from loadtest.evaluation.question_judging import QuestionResult
from loadtest.evaluation.run import Case


def markdown(document: dict[str, Any], title: str) -> str:
    """The figures as a page."""
    wrong, talk, words = document["wrong"], document["talk"], document["words"]
    lines = [f"# {title}", "", f"{document['dialogues']} dialogues in text.", "", *_goal_table(document["goals"]), ""]
    causes = "; ".join(f"{count} {cause}" for cause, count in wrong["by_cause"].items()) or "none"
    questions = ", ".join(
        f"{name.removeprefix('ask_')} {each['answered']} of {each['asked']}"
        for name, each in document["questions"].items()
    )
    lines += [
        *missing(document),
        f"- questions answered: {questions}.",
        f"- wrong rows: **{wrong['rows']}** of {wrong['of']} bookings and changes ({causes}); "
        f"upper bound at 95 %: {wrong['upper_bound_95']:.2%}.",
        f"- reservations left open: {document['open_holds']}; messages stored that nobody left: "
        f"{document['stray_messages']}; calls back promised and not stored: {document['empty_promises']}.",
        f"- turns a call: mean {talk['turns_mean']:.1f}, median {talk['turns_median']:g}, most {talk['turns_most']}; "
        f"not understood {talk['misses_a_call']:.2f} times a call; {talk['loops']} callers left because of a loop.",
        f"- caller's turns: {words['turns']}, of which {words['real_share']:.1%} are real users' "
        f"({words['distinct_real_turns']} distinct ones).",
        f"- on the bad line {words['word_error_rate']:.1%} of {words['words_on_the_bad_line']} words were wrong.",
        "",
        *question_lines(document.get("side_questions")),
        "| cause of failure | calls |",
        "|---|---|",
        *(f"| {why} | {count} |" for why, count in document["failures"].items()),
        "",
        f"Goals (bookings ≥ {GOAL_SHARE:.0%}, no wrong row, nothing missing): "
        f"**{'met' if document['passes'] else 'missed'}**",
        "",
    ]
    return "\n".join(lines)


def missing(document: dict[str, Any]) -> list[str]:
    """What nobody got who wanted it, as a line of the page; none when there is no such thing."""
    names = ", ".join(name.replace("_", " ") for name in document["missing"])
    return [f"- **missing**: nobody who wanted it got: {names}."] if names else []


def _goal_table(goals: dict[str, Any]) -> list[str]:
    rows = [
        "| goal | line | eligible | done | share | 95 % interval | turns when done |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, by_line in goals.items():
        for line in LINES:
            figure = by_line[line]
            if figure["share"] is None:
                continue
            low, high = figure["interval_95"]
            turns = f"{figure['turns_when_done']:.1f}" if figure["turns_when_done"] is not None else "–"
            goal = kind.replace("_", " ")
            rows.append(
                f"| {goal} | {line} | {figure['eligible']} | {figure['done']} | {figure['share']:.1%} | "
                f"{low:.1%} to {high:.1%} | {turns} |"
            )
    return rows


def transcript(case: Case) -> str:
    """A call word for word, with what was wished and what came of it."""
    call, verdict = case.call, case.verdict
    plan = call.plan
    lines = [f"--- call {plan.index}, {plan.now:%A %Y-%m-%d}, from {plan.from_number}" + ", bad line" * plan.is_noisy]
    for pursuit, result in zip(call.caller.pursuits, verdict.goals, strict=True):
        goal = pursuit.goal
        lines.append(
            f"goal    {goal.kind}: {goal.wish or goal.own or ''}, at last {pursuit.wish}: {result.result.value}"
        )
    lines += [f"wrong   {fault.wrong.value}: {fault.row}" for fault in verdict.faults]
    lines += question_line(case)
    lines += [f"held    {verdict.open_holds} still"] * bool(verdict.open_holds)
    lines += [f"stored  {row}" for row in call.messages]
    lines.append(f"agent   {call.greeting}")
    for exchange in call.exchanges:
        if exchange.heard_share is not None:
            lines.append(f"        (the caller cuts in after {exchange.heard_share:.0%})")
        own = "" if exchange.utterance.real else " *"
        lines.append(f"caller  {exchange.utterance.text}{own}")
        if exchange.delivered != exchange.utterance.text:
            lines.append(f"heard   {exchange.delivered}")
        lines.append(f"        [{exchange.stage}] {exchange.understood}")
        lines += [f"        {each['used']} {each['passage']}" for each in exchange.cited]
        lines.append(f"agent   {exchange.reply}")
    ended = "the agent" if call.has_agent_ended else f"the caller: {call.caller.left_because}"
    return "\n".join([*lines, f"ended by {ended}; {verdict.why}"])


def question_line(case: Case) -> list[str]:
    """What the caller asked in between and was told, as a line of a transcript."""
    result = case.verdict.question
    if result is None:
        return []
    return [f"asked   {result.question.words!r} ({', '.join(sorted(result.question.expects))}): {result.told.value}"]


def as_json(case: Case) -> dict[str, Any]:
    """A call's result as JSON-ready values."""
    verdict = case.verdict
    return {
        "call": verdict.index,
        "line": LINES[case.call.plan.is_noisy],
        "goals": [{"kind": each.kind, "result": each.result.value} for each in verdict.goals],
        "faults": [{"wrong": fault.wrong.value, "row": fault.row} for fault in verdict.faults],
        "why": verdict.why,
        "turns": verdict.turns,
        "misses": verdict.misses,
        "question": question_json(verdict.question),
    }


def question_json(result: QuestionResult | None) -> dict[str, Any] | None:
    """A question asked in between as JSON-ready values; null when none was."""
    if result is None:
        return None
    return {"words": result.question.words, "has_answer": result.has_answer, "told": result.told.value}
