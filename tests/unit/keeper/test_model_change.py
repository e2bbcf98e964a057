"""Which knowledge bases the keeper embeds anew, and in which order."""

from __future__ import annotations

from uuid import UUID

from agent.keeping.model_change import PAUSES_S, BaseView, in_turn, pause_s

OLD, NEW, PRIVATE = "old", "new", "local"


def base(number: int, model: str = OLD, wanted: str = NEW) -> BaseView:
    return BaseView(UUID(int=number), model, wanted)


def numbers(bases: tuple[BaseView, ...]) -> list[int]:
    return [each.tenant_id.int for each in bases]


def test_bases_of_another_model_come_before_those_that_may_have_gaps() -> None:
    bases = [base(1, model=NEW), base(2), base(3, model=NEW), base(4)]
    assert numbers(in_turn(bases, {NEW}, (), is_thorough=True)) == [2, 4, 1, 3]


def test_one_that_failed_holds_up_nobody() -> None:
    failed = {base(1).tenant_id}
    assert numbers(in_turn([base(1), base(2), base(3)], {NEW}, failed, is_thorough=True)) == [2, 3, 1]


def test_a_base_whose_model_is_not_at_hand_is_left_as_it_is() -> None:
    assert numbers(in_turn([base(1), base(2, wanted=PRIVATE)], {NEW}, (), is_thorough=True)) == [1]


def test_gaps_are_left_to_a_thorough_look() -> None:
    assert numbers(in_turn([base(1, model=NEW), base(2)], {NEW}, (), is_thorough=False)) == [2]


def test_the_pause_grows_with_each_failure_in_a_row_and_then_stays() -> None:
    pauses = [pause_s(failures) for failures in range(1, 8)]
    assert pauses[: len(PAUSES_S)] == sorted(set(PAUSES_S))
    assert set(pauses[len(PAUSES_S) :]) == {PAUSES_S[-1]}
