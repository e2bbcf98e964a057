"""Whether the best passage is spoken, asked about or left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.passages import Finding, Found, Verdict
from agent.domain.tenant import Tenant
from agent.storage.kb_search import Candidate


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on a passage is spoken (`accept`), and from which it is asked about (`confirm`)."""

    accept: float = 0.60
    confirm: float = 0.40


def thresholds_of(tenant: Tenant) -> Thresholds:
    """The tenant's own where its document has them."""
    own, usual = tenant.knowledge, Thresholds()
    return Thresholds(own.accept or usual.accept, own.confirm or usual.confirm)


def decide(candidates: Sequence[Candidate], thresholds: Thresholds) -> Finding:
    """What is to be done about the best of these, which are in order."""
    passages = tuple(
        Found(
            passage_id=each.passage_id,
            version=each.version,
            source=each.source_name,
            key=each.key,
            title=each.title,
            spoken=each.spoken,
            score=round(score_of(each), 3),
            is_objection=each.kind == "objection",
        )
        for each in candidates
    )
    score = passages[0].score if passages else 0.0
    verdict = Verdict.REFUSE
    if score >= thresholds.accept:
        verdict = Verdict.ACCEPT
    elif score >= thresholds.confirm:
        verdict = Verdict.CONFIRM
    return Finding(verdict, passages, thresholds.accept, thresholds.confirm)


#: Of a logistic regression on questions whose answers are known (python -m kb.bench calibrate): the constant, the
#: weight of the likeness and that of the share of words.
_CONSTANT, _LIKENESS, _COVERED = -7.0, 12.0, 2.0


def score_of(candidate: Candidate) -> float:
    """That a candidate answers the question, 0 to 1."""
    likeness = candidate.likeness if candidate.likeness is not None else 0.0
    return 1.0 / (1.0 + math.exp(-(_CONSTANT + _LIKENESS * likeness + _COVERED * candidate.covered)))
