"""Whether the best passage is spoken, asked about or left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.passages import Finding, Found, Verdict
from agent.domain.tenant import Tenant
from agent.storage.kb_search import Candidate

#: Passages that a search finds and a decision orders, and of them those that are kept to explain it.
CANDIDATES = 8
_KEPT = 3
MOST_WORDS = 15


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on a passage is spoken (`accept`), and from which it is asked about (`confirm`)."""

    accept: float = 0.75
    confirm: float = 0.65


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic regression from what is known of a candidate to whether it answers.

    Attributes:
        constant: where nothing is known for it.
        likeness: of its cosine.
        covered: of the share of the question's words that it holds.
        lead: of its cosine over that of the best other candidate; negative where another is more alike.
        words: of each word of the question that tells something: what many words agree with is surer.
    """

    constant: float
    likeness: float
    covered: float
    lead: float
    words: float


#: Fitted on the questions of one business and of a large FAQ, none of them judged by (tests/data/knowledge,
#: tests/data/banking77; `python -m tests.bench.knowledge.fit` prints them).
WEIGHTS = Weights(constant=-7.4, likeness=4.0, covered=4.2, lead=16.3, words=0.24)


def thresholds_of(tenant: Tenant) -> Thresholds:
    """The tenant's own where its document has them."""
    own, usual = tenant.knowledge, Thresholds()
    return Thresholds(
        usual.accept if own.accept is None else own.accept, usual.confirm if own.confirm is None else own.confirm
    )


def decide(candidates: Sequence[Candidate], thresholds: Thresholds) -> Finding:
    """What is to be done about the likeliest of these."""
    scored = sorted(zip(scores(candidates), candidates, strict=True), key=lambda item: -item[0])
    passages = tuple(
        Found(
            passage_id=each.passage_id,
            version=each.version,
            source=each.source_name,
            key=each.key,
            title=each.title,
            spoken=each.spoken,
            score=round(score, 3),
            is_objection=each.kind == "objection",
        )
        for score, each in scored[:_KEPT]
    )
    score = passages[0].score if passages else 0.0
    verdict = Verdict.REFUSE
    if score >= thresholds.accept:
        verdict = Verdict.ACCEPT
    elif score >= thresholds.confirm:
        verdict = Verdict.CONFIRM
    return Finding(verdict, passages, thresholds.accept, thresholds.confirm)


def scores(candidates: Sequence[Candidate], weights: Weights = WEIGHTS) -> list[float]:
    """That each candidate answers the question, 0 to 1, in their order; each for itself, so they add up to nothing."""
    return [1.0 / (1.0 + math.exp(-_logit(index, candidates, weights))) for index in range(len(candidates))]


def features(index: int, candidates: Sequence[Candidate]) -> tuple[float, float, float, int]:
    """What is known of one candidate beside the others: its likeness, what it covers, its lead, and of how many words.

    Beyond MOST_WORDS a question is a story, and its length tells nothing.
    """
    likeness = [each.likeness or 0.0 for each in candidates]
    own = _section(candidates[index])
    others = [value for value, each in zip(likeness, candidates, strict=True) if _section(each) != own]
    lead = likeness[index] - max(others, default=0.0)
    return likeness[index], candidates[index].covered, lead, min(candidates[index].words, MOST_WORDS)


def _section(candidate: Candidate) -> tuple[str, str]:
    """Passages that a long answer was cut into are no rivals."""
    return candidate.source_name, candidate.title


def _logit(index: int, candidates: Sequence[Candidate], weights: Weights) -> float:
    weighted = (weights.likeness, weights.covered, weights.lead, weights.words)
    known = features(index, candidates)
    return weights.constant + sum(weight * value for weight, value in zip(weighted, known, strict=True))
