"""Slower, louder, spelled, and said again."""

from __future__ import annotations

import pytest

from agent.dialogue.prompts import phrase
from agent.domain.call import Stage, advance
from agent.domain.events import Said
from agent.domain.facts import Facts, Wish
from agent.domain.lines import LineKey
from agent.domain.manner import GAINS, RATES, gain_of, rate_of
from tests.unit.domain.asking import ASKING, BOOKING, desk_after
from tests.unit.domain.desk import NOW, TENANT
from tests.unit.domain.test_call_table import states_of

K = LineKey


@pytest.mark.parametrize("stage", ASKING)
def test_slower_and_louder_repeat_what_was_said_and_last_for_the_call(stage: Stage) -> None:
    for state in states_of(stage):
        if state.side.paused is not None:
            continue
        for wish, notice in ((Wish.SLOWER, K.SLOWER_NOW), (Wish.LOUDER, K.LOUDER_NOW)):
            step = advance(state, Said(Facts(wishes=frozenset({wish}))), NOW, TENANT)
            assert [line.key for line in step.say] == [notice, *(line.key for line in state.last_lines)]
            assert step.state.stage is stage
            again = advance(step.state, Said(Facts(wishes=frozenset({wish}))), NOW, TENANT)
            assert again.say == step.say
            assert (rate_of(again.state) < rate_of(step.state) < 1.0) is (wish is Wish.SLOWER)
            assert (gain_of(again.state) > gain_of(step.state) > 1.0) is (wish is Wish.LOUDER)


def test_slower_and_louder_are_bounded() -> None:
    state = states_of(Stage.TIME)[0]
    for _ in range(9):
        state = advance(state, Said(Facts(wishes=frozenset({Wish.SLOWER, Wish.LOUDER}))), NOW, TENANT).state
    assert (rate_of(state), gain_of(state)) == (RATES[-1], GAINS[-1])


def test_the_name_is_spelled_and_the_question_stays_open() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("Can you spell that?") == [K.SPELLED, K.READ_BACK_SHORT]
    spelled = phrase(desk.state.last_lines[:1], TENANT, NOW, seed=0)
    assert spelled.startswith("The letters are: S, like Sam. M, like Mary. I, like island.")


def test_one_offer_is_said_again_and_still_to_be_chosen() -> None:
    desk = desk_after("A cleaning.", "Thursday after three.")
    assert desk.hear("What was the first one?") == [K.FIRST_WAS, K.OFFER_TWO_SAME_DAY]
    first = desk.state.offered[0].start_at.isoformat()
    assert desk.state.last_lines[0].args == (("start_at", first),)
    assert desk.state.hold is None
    assert desk.hear("What was the third one?") == [K.OFFER_TWO_SAME_DAY]
    assert desk.hear("The first one.") == [K.HELD, K.ASK_NAME]
