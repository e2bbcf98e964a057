"""A run of a question set as people read it: the figures, then what is worse and what is better than the last time."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from agent.domain.passages import Verdict
from kb.evaluation.comparison import Moved
from kb.evaluation.figures import Figures, Latency
from kb.evaluation.judging import Outcome, Result
from kb.evaluation.keeping import Kept
from kb.evaluation.running import Run
from kb.evaluation.shares import Share

#: Of the questions that moved so many are shown.
_MOST_SHOWN = 20
_VERDICTS = {Verdict.ACCEPT: "spoken", Verdict.CONFIRM: "asked about", Verdict.REFUSE: "refused"}


def shown(slug: str, run: Run, kept: Kept, zone: ZoneInfo) -> str:
    """The whole report.

    Args:
        zone: in which times are shown.
    """
    ground, figures = run.ground, run.figures
    head = (
        f"{slug}, run {kept.run}: {figures.n} questions, {figures.top_1.n} with an answer and "
        f"{figures.refusal_recall.n} without\n"
        f"version {ground.version}, searched by {ground.model}, spoken from {ground.thresholds.accept:.2f} on, asked "
        f"about from {ground.thresholds.confirm:.2f}"
    )
    return "\n\n".join((head, _table(figures), _latency(figures), _beside_the_last(kept, zone)))


def _table(figures: Figures) -> str:
    rows = (
        ("right passage first", figures.top_1),
        ("right passage among three", figures.top_3),
        ("answered right: spoken, or asked about", figures.answered_right),
        ("refused although there is an answer", figures.false_refusals),
        ("refused, of those without an answer", figures.refusal_recall),
        ("without an answer, of those refused", figures.refusal_precision),
        ("asked about, and wrong", figures.asked_wrong),
        ("spoken, and wrong", figures.spoken_wrong),
    )
    return "\n".join(f"  {name:40}{_share(share)}" for name, share in rows)


def _share(share: Share) -> str:
    counted = f"{share.hits:5} of {share.n:5}"
    if share.share is None:
        return f"{counted}       -"
    low, high = share.interval_95
    return f"{counted}  {share.share:6.1%}  95 %: {low:.1%} to {high:.1%}"


def _latency(figures: Figures) -> str:
    parts = [f"search {_times(figures.search)}"]
    if figures.step is not None:
        parts.append(f"embed, search and decide {_times(figures.step)}")
    return "  " + "; ".join(parts)


def _times(latency: Latency) -> str:
    return f"p50 {latency.p50_ms:.1f} ms, p95 {latency.p95_ms:.1f} ms"


def _beside_the_last(kept: Kept, zone: ZoneInfo) -> str:
    if kept.previous is None:
        return "the first run; the next one is compared with it"
    before, comparison = kept.previous, kept.comparison
    at = before.evaluation.at.astimezone(zone)
    lines = [
        f"compared with run {before.run} ({at:%Y-%m-%d %H:%M}, version {before.evaluation.version}), questions in "
        f"both: {comparison.compared}",
        f"worse: {len(comparison.worse)}",
        *_moved(comparison.worse),
        f"better: {len(comparison.better)}",
        *_moved(comparison.better),
    ]
    return "\n".join(lines)


def _moved(changes: Sequence[Moved]) -> list[str]:
    lines = []
    for each in changes[:_MOST_SHOWN]:
        lines += [f"  {each.question.words}", f"    then  {_outcome(each.before)}", f"    now   {_outcome(each.now)}"]
        lines += [f"    because {clause}" for clause in each.because]
    if len(changes) > _MOST_SHOWN:
        lines.append(f"  and {len(changes) - _MOST_SHOWN} more")
    return lines


def _outcome(outcome: Outcome) -> str:
    """What was done with which passage, whether that is right, and where the right one was."""
    done = _VERDICTS[outcome.verdict] + ("" if outcome.result is Result.RIGHT else ", wrong")
    if outcome.best is not None:
        done += f": {outcome.best.name} {outcome.best.score:.3f}"
    if outcome.place > 1 and outcome.right is not None:
        done += f"; {outcome.right.name} {outcome.right.score:.3f}"
    return done
