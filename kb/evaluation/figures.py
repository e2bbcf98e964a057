"""What a run comes to: how often the base was right, how often it was wrong aloud, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.domain.passages import Verdict
from kb.evaluation.judging import Outcome, Result
from kb.evaluation.shares import Share, percentile


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, nearest rank."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A run's figures.

    Attributes:
        top_1, top_3: of the answerable: the right passage first, or among three, whatever the verdict.
        answered_right: of the answerable: the right passage spoken or asked about.
        spoken_wrong: of all: a passage spoken that is not right. The caller is told something false.
        asked_wrong: of all: a passage asked about that is not right.
        refusal_recall: of those that nothing answers: refused.
        refusal_precision: of the refused: nothing answers it.
        false_refusals: of the answerable: refused.
        search: in the database, with the way there. step: embed, search and decide; None when vectors were kept ones.
    """

    n: int
    top_1: Share
    top_3: Share
    answered_right: Share
    spoken_wrong: Share
    asked_wrong: Share
    refusal_recall: Share
    refusal_precision: Share
    false_refusals: Share
    search: Latency
    step: Latency | None


def figures_of(outcomes: Sequence[Outcome], search_s: Sequence[float], step_s: Sequence[float]) -> Figures:
    """The figures of at least one question.

    Args:
        search_s, step_s: seconds of each question; `step_s` may be empty.
    """
    answerable = [each for each in outcomes if each.is_answerable]
    refused = [each for each in outcomes if each.verdict is Verdict.REFUSE]
    asked_about = [each for each in outcomes if each.verdict is Verdict.CONFIRM]
    rightly_refused = _count(not each.is_answerable for each in refused)
    return Figures(
        n=len(outcomes),
        top_1=Share(_count(each.place == 1 for each in answerable), len(answerable)),
        top_3=Share(_count(each.place > 0 for each in answerable), len(answerable)),
        answered_right=Share(_count(each.result is Result.RIGHT for each in answerable), len(answerable)),
        spoken_wrong=Share(_count(each.result is Result.MISSPOKEN for each in outcomes), len(outcomes)),
        asked_wrong=Share(_count(each.place != 1 for each in asked_about), len(outcomes)),
        refusal_recall=Share(rightly_refused, len(outcomes) - len(answerable)),
        refusal_precision=Share(rightly_refused, len(refused)),
        false_refusals=Share(len(refused) - rightly_refused, len(answerable)),
        search=_latency(search_s),
        step=_latency(step_s) if step_s else None,
    )


def _count(hits: Iterable[bool]) -> int:
    return sum(1 for hit in hits if hit)


def _latency(seconds: Sequence[float]) -> Latency:
    return Latency(percentile(seconds, 50) * 1000, percentile(seconds, 95) * 1000)
