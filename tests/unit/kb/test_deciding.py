"""From candidates to a verdict."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from agent.domain.knowledge import Knowledge
from agent.domain.passages import Verdict
from agent.storage.kb_search import Candidate
from kb.deciding import Thresholds, Weights, decide, features, scores, thresholds_of
from tests.integration.shop import shop


def candidate(number: int, likeness: float | None, covered: float = 0.5) -> Candidate:
    key, title = f"key-{number}", f"Title {number}"
    return Candidate(UUID(int=number), "care.md", key, "faq", title, "Words.", 4, likeness, covered, 5, 0.1)


NEAR, NEXT, FAR = candidate(1, 0.9), candidate(2, 0.5), candidate(3, 0.1)


def test_nothing_found_is_refused() -> None:
    assert decide([], Thresholds()).verdict is Verdict.REFUSE
    assert decide([], Thresholds()).best is None


def test_a_lead_is_over_the_best_other_one_and_negative_behind_it() -> None:
    assert features(0, [NEAR, NEXT, FAR]) == pytest.approx((0.9, 0.5, 0.4, 5))
    assert features(1, [NEAR, NEXT, FAR]) == pytest.approx((0.5, 0.5, -0.4, 5))
    assert features(0, [NEAR]) == pytest.approx((0.9, 0.5, 0.9, 5))


def test_the_parts_of_one_long_answer_are_no_rivals() -> None:
    other_part = replace(NEXT, title=NEAR.title)
    assert features(0, [NEAR, other_part, FAR]) == pytest.approx((0.9, 0.5, 0.8, 5))


def test_each_part_of_a_score_counts_for_it() -> None:
    weights = Weights(constant=-1.0, likeness=1.0, covered=1.0, lead=1.0, words=1.0)
    base = scores([NEAR, NEXT], weights)[0]
    assert scores([replace(NEAR, covered=0.9), NEXT], weights)[0] > base
    assert scores([replace(NEAR, words=9), NEXT], weights)[0] > base
    assert scores([replace(NEAR, likeness=0.95), NEXT], weights)[0] > base
    assert scores([NEAR, replace(NEXT, likeness=0.8)], weights)[0] < base


def test_the_likeliest_is_first_whatever_order_the_search_had() -> None:
    found = decide([FAR, NEXT, NEAR], Thresholds())
    assert [each.passage_id for each in found.passages] == [NEAR.passage_id, NEXT.passage_id, FAR.passage_id]


@pytest.mark.parametrize(
    ("accept", "confirm", "verdict"),
    [(0.0, 0.0, Verdict.ACCEPT), (1.0, 0.0, Verdict.CONFIRM), (1.0, 1.0, Verdict.REFUSE)],
)
def test_thresholds_decide(accept: float, confirm: float, verdict: Verdict) -> None:
    found = decide([NEAR, NEXT], Thresholds(accept, confirm))
    assert (found.verdict, found.accept, found.confirm) == (verdict, accept, confirm)
    assert (found.best is None) is (verdict is Verdict.REFUSE)


def test_words_alone_never_reach_what_words_and_meaning_do() -> None:
    assert scores([candidate(1, None, 1.0)])[0] < Thresholds().confirm


def test_a_tenants_own_thresholds_win_even_when_they_are_nought() -> None:
    own = replace(shop(), knowledge=Knowledge(accept=0.0))
    assert thresholds_of(own) == Thresholds(0.0, Thresholds().confirm)
    assert thresholds_of(shop()) == Thresholds()
