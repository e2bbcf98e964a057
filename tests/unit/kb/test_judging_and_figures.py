"""What became of a question, and what many of them come to."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agent.domain.passages import Finding, Found, Verdict
from agent.storage.kb_history import LivePassage
from kb.evaluation.figures import Figures, figures_of
from kb.evaluation.judging import LivePassages, Result, Seen, judged
from kb.evaluation.record import figures_json, outcome_json, outcomes_from
from kb.evaluation.shares import Share, percentile
from tests.unit.kb.outcomes import ASKED, REFUSED, SPOKEN, outcome, question

RIGHT, MISSED, MISSPOKEN = Result.RIGHT, Result.MISSED, Result.MISSPOKEN


@pytest.mark.parametrize(
    ("verdict", "place", "result"),
    [
        (SPOKEN, 1, RIGHT),
        (ASKED, 1, RIGHT),
        (REFUSED, 1, MISSED),
        (SPOKEN, 2, MISSPOKEN),
        (ASKED, 2, MISSED),
        (REFUSED, 2, MISSED),
        (SPOKEN, 0, MISSPOKEN),
        (ASKED, 0, MISSED),
        (REFUSED, 0, MISSED),
        (SPOKEN, None, MISSPOKEN),
        (ASKED, None, MISSED),
        (REFUSED, None, RIGHT),
    ],
)
def test_every_verdict_on_every_question_has_one_result(verdict: Verdict, place: int | None, result: Result) -> None:
    assert outcome(verdict, place).result is result


def test_a_passage_is_named_by_the_end_of_its_path_and_its_whole_key() -> None:
    passages = LivePassages(
        [LivePassage(name, key, 1) for name in ("shop/faq.md", "faq.md", "oldfaq.md") for key in ("parking", "prices")]
    )
    assert [each.source_name for each in passages.named("faq.md#parking")] == ["shop/faq.md", "faq.md"]
    assert [each.source_name for each in passages.named("shop/faq.md#parking")] == ["shop/faq.md"]
    assert passages.named("faq.md#park") == ()
    assert passages.named("q.md#parking") == ()
    asked = [question("q1", "faq.md#parking", "faq.md#gone"), question("q2", "faq.md#gone"), question("q3")]
    assert passages.unmatched(asked) == ("faq.md#gone",)


def test_what_was_found_is_judged_by_the_first_right_passage() -> None:
    found = tuple(
        Found(uuid4(), 3, "shop/faq.md", key, key, key, score) for key, score in (("a", 0.9), ("b", 0.8), ("c", 0.7))
    )
    live = LivePassages([LivePassage("shop/faq.md", key, 1) for key in "abc"])
    asked = question("q1", "faq.md#c", "faq.md#b")
    seen = judged(asked, Finding(SPOKEN, found), live.expected_by(asked))
    assert (seen.place, seen.best, seen.right) == (2, Seen("shop/faq.md#a", 0.9), Seen("shop/faq.md#b", 0.8))
    nothing = judged(asked, Finding(REFUSED), live.expected_by(asked))
    assert (nothing.place, nothing.best, nothing.right, nothing.result) == (0, None, None, MISSED)
    gone = question("q2", "faq.md#gone")
    lost = judged(gone, Finding(REFUSED, found), live.expected_by(gone))
    assert (lost.is_answerable, lost.result) == (True, MISSED)


#: So many of each, all numbers different from one another, so that no two figures can be taken for each other.
COUNTS = {
    (SPOKEN, 1): 20,
    (ASKED, 1): 9,
    (REFUSED, 1): 3,
    (SPOKEN, 2): 2,
    (ASKED, 3): 4,
    (REFUSED, 2): 1,
    (SPOKEN, 0): 5,
    (ASKED, 0): 6,
    (REFUSED, 0): 7,
    (SPOKEN, None): 8,
    (ASKED, None): 10,
    (REFUSED, None): 30,
}


def figures() -> Figures:
    outcomes = [outcome(*kind) for kind, count in COUNTS.items() for _ in range(count)]
    return figures_of(outcomes, [0.001 * number for number in range(1, 106)], [])


def test_each_figure_counts_what_it_says_of_those_it_says() -> None:
    got = figures()
    assert (got.n, got.top_1, got.top_3) == (105, Share(32, 57), Share(39, 57))
    assert got.answered_right == Share(29, 57)
    assert got.spoken_wrong == Share(15, 105)
    assert got.asked_wrong == Share(20, 105)
    assert got.refusal_recall == Share(30, 48)
    assert got.refusal_precision == Share(30, 41)
    assert got.false_refusals == Share(11, 57)


def test_latencies_are_nearest_ranks_in_milliseconds_and_a_step_nobody_timed_has_none() -> None:
    got = figures()
    assert (got.search.p50_ms, got.search.p95_ms) == (pytest.approx(53.0), pytest.approx(100.0))
    assert got.step is None
    assert percentile([3.0], 95) == 3.0


def test_a_share_of_nothing_is_none_and_its_interval_says_nothing() -> None:
    got = figures_of([outcome(SPOKEN, 1)], [0.001], [0.002])
    assert got.refusal_recall == Share(0, 0)
    written = figures_json(got)
    assert written["refusal_recall"] == {"hits": 0, "n": 0, "share": None, "interval_95": [0.0, 1.0]}
    assert written["top_1"]["share"] == 1.0
    assert written["step"] == {"p50_ms": 2.0, "p95_ms": 2.0}


def test_the_interval_is_wilsons() -> None:
    assert Share(95, 100).interval_95 == pytest.approx((0.8882, 0.9785), abs=1e-4)
    assert Share(0, 10).interval_95 == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_outcomes_are_read_as_they_were_written_and_those_of_another_form_left_out() -> None:
    made = [outcome(verdict, place, f"{verdict.value} {place}") for verdict, place in COUNTS]
    stored = [outcome_json(each) for each in made]
    assert list(outcomes_from(stored).values()) == made
    broken = [{"id": "q"}, {**stored[0], "verdict": "perhaps"}, {**stored[0], "best": 3}, {**stored[0], "best": []}]
    assert outcomes_from([*broken, stored[1]]) == {made[1].question_id: made[1]}
