"""A run beside the one before: what counts as worse, and which change is named for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from agent.domain.passages import Verdict
from agent.storage.kb_history import BaseChange, LivePassage
from kb.deciding import Thresholds
from kb.evaluation.comparison import Changes, Comparison, Ground, compare
from kb.evaluation.judging import LivePassages, Outcome
from tests.unit.kb.outcomes import ASKED, REFUSED, SPOKEN, outcome, question

BEFORE = Ground(3, "a model", Thresholds(0.6, 0.4))
NAMES = ("faq.md#right", "other.md#rival", "else.md#more")


def live(**since: int) -> LivePassages:
    """The three passages, by key since which version they stand so; 0 is none of it."""
    named = [name.split("#") for name in NAMES]
    stands = {key: since.get(key, 1) for _, key in named}
    return LivePassages([LivePassage(source, key, stands[key]) for source, key in named if stands[key]])


def changes(passages: LivePassages | None = None, versions: Sequence[BaseChange] = (), now: Ground = BEFORE) -> Changes:
    return Changes(BEFORE, now, passages or live(), versions)


def beside(before: Outcome, now: Outcome, what: Changes | None = None) -> Comparison:
    asked = question("q", *(("faq.md#right",) if now.is_answerable else ()))
    return compare([asked], {"q": before}, {"q": now}, what or changes())


RANKS: list[list[tuple[Verdict, int | None]]] = [
    [(SPOKEN, 1), (ASKED, 1)],
    [(REFUSED, 1), (REFUSED, 0), (ASKED, 2), (ASKED, 0)],
    [(SPOKEN, 2), (SPOKEN, 0)],
]


@pytest.mark.parametrize("then", range(3))
@pytest.mark.parametrize("now", range(3))
def test_right_is_better_than_missed_and_missed_better_than_spoken_wrong(then: int, now: int) -> None:
    for earlier in RANKS[then]:
        for later in RANKS[now]:
            got = beside(outcome(*earlier), outcome(*later))
            assert (len(got.worse), len(got.better), got.compared) == (now > then, now < then, 1)


def test_a_question_to_be_refused_gets_worse_when_it_is_spoken_to() -> None:
    got = beside(outcome(REFUSED, None), outcome(SPOKEN, None))
    assert [moved.now.verdict for moved in got.worse] == [SPOKEN]
    assert beside(outcome(SPOKEN, None), outcome(REFUSED, None)).better


def test_only_questions_of_both_runs_are_compared() -> None:
    asked = [question("both"), question("new")]
    before = {"both": outcome(REFUSED, None, "both"), "gone": outcome(REFUSED, None, "gone")}
    now = {"both": outcome(REFUSED, None, "both"), "new": outcome(SPOKEN, None, "new")}
    assert compare(asked, before, now, changes()) == Comparison((), (), 1)


def test_what_is_spoken_wrong_now_comes_first() -> None:
    asked = [question(name, "faq.md#right") for name in ("refused", "spoken")]
    before = {name: outcome(SPOKEN, 1, name) for name in ("refused", "spoken")}
    now = {"refused": outcome(REFUSED, 0, "refused"), "spoken": outcome(SPOKEN, 2, "spoken")}
    assert [moved.question.id for moved in compare(asked, before, now, changes()).worse] == ["spoken", "refused"]


def reasons(now: Outcome, what: Changes) -> Iterable[str]:
    (worse,) = beside(outcome(SPOKEN, 1), now, what).worse
    return worse.because


def test_a_passage_that_is_gone_is_named_with_the_version_that_took_it_out() -> None:
    versions = [BaseChange(4, "other.md", 1, 1), BaseChange(5, "shop/faq.md", 0, 1), BaseChange(6, "else.md", 0, 2)]
    assert reasons(outcome(REFUSED, 0), changes(live(right=0), versions)) == (
        "faq.md#right is not in the base any more (version 5, of shop/faq.md)",
    )


def test_a_passage_that_never_was_there_is_no_reason_beside_one_that_still_is() -> None:
    asked = question("q", "faq.md#right", "faq.md#typo")
    what = changes(live(right=4), [BaseChange(4, "shop/faq.md", 1, 0)])
    (worse,) = compare([asked], {"q": outcome(SPOKEN, 1)}, {"q": outcome(REFUSED, 0)}, what).worse
    assert worse.because == ("faq.md#right was added or changed (version 4)",)


def test_a_rival_and_the_right_passage_are_named_when_they_changed_since_and_only_then() -> None:
    versions = [BaseChange(4, "other.md", 1, 1)]
    assert reasons(outcome(SPOKEN, 2), changes(live(rival=4), versions)) == (
        "other.md#rival was added or changed (version 4)",
    )
    assert reasons(outcome(REFUSED, 1), changes(live(right=4), versions)) == (
        "faq.md#right was added or changed (version 4)",
    )
    assert reasons(outcome(SPOKEN, 2), changes(live(rival=3, right=3), versions)) == (
        "other passages changed (version 4, of other.md)",
    )


def test_another_model_and_other_thresholds_are_named() -> None:
    model = replace(BEFORE, model="another")
    stricter = replace(BEFORE, thresholds=Thresholds(0.7, 0.4))
    assert reasons(outcome(REFUSED, 1), changes(now=model)) == ("searched by another now, by a model then",)
    assert reasons(outcome(REFUSED, 1), changes(now=stricter)) == (
        "spoken from 0.70 on and asked about from 0.40 now, spoken from 0.60 on and asked about from 0.40 then",
    )


def test_where_nothing_bears_on_it_the_versions_in_between_are_named_or_the_program() -> None:
    versions = [BaseChange(number, f"{number}.md", 1, 0) for number in range(4, 9)]
    assert reasons(outcome(REFUSED, 1), changes(versions=versions)) == (
        "other passages changed (version 6, of 6.md, version 7, of 7.md, version 8, of 8.md and 2 before)",
    )
    assert reasons(outcome(REFUSED, 1), changes()) == ("nothing of the base changed: the program did",)
