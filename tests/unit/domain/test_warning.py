"""An emergency heard while the caller still speaks: said once a turn, at every stage, and nothing else is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import PENDING_STAGES, TABLE, CallState, Stage, advance
from agent.domain.events import EmergencyHeard, Pressed, Said, Silent, Unheard
from agent.domain.facts import Emergency, Facts
from agent.domain.lines import LineKey, line
from agent.domain.requests import ConfirmBooking
from agent.domain.talk import EMERGENCY_LINES
from tests.unit.domain.desk import NOW, TENANT
from tests.unit.domain.test_call_table import states_of

IN_A_CALL = [stage for stage in Stage if stage not in (Stage.RINGING, Stage.ENDED)]
HEARD = EmergencyHeard(Emergency.DANGER)
WARNING = line(LineKey.EMERGENCY)


@pytest.mark.parametrize("kind", Emergency)
@pytest.mark.parametrize("stage", IN_A_CALL)
def test_a_warning_is_all_that_happens(stage: Stage, kind: Emergency) -> None:
    for state in states_of(stage):
        step = advance(state, EmergencyHeard(kind), NOW, TENANT)
        assert step.say == (line(EMERGENCY_LINES[kind]),)
        assert not step.reads
        assert not step.effects
        assert step.state == replace(state, emergency=kind, warned=kind)
        assert CallState.from_json(step.state.to_json()) == step.state


@pytest.mark.parametrize("kind", Emergency)
@pytest.mark.parametrize("stage", Stage)
def test_it_means_nothing_once_said_nor_outside_a_call(stage: Stage, kind: Emergency) -> None:
    for state in states_of(stage):
        said = replace(state, warned=Emergency.DANGER)
        assert advance(said, EmergencyHeard(kind), NOW, TENANT).state == said
        assert not advance(said, EmergencyHeard(kind), NOW, TENANT).say
        if stage not in IN_A_CALL:
            assert not advance(state, EmergencyHeard(kind), NOW, TENANT).say


@pytest.mark.parametrize("is_doubtful", [False, True])
@pytest.mark.parametrize("stage", [stage for stage in IN_A_CALL if (stage, Said) in TABLE])
def test_the_finished_turn_does_not_say_it_again(stage: Stage, is_doubtful: bool) -> None:
    for before in states_of(stage):
        state = advance(replace(before, doubt=None), HEARD, NOW, TENANT).state
        step = advance(state, Said(Facts(emergency=Emergency.DANGER, is_doubtful=is_doubtful)), NOW, TENANT)
        assert not {WARNING, line(LineKey.MEANT_EMERGENCY)} & set(step.say)
        assert (step.state.stage, step.state.misses, step.state.warned) == (stage, before.misses, None)
        assert step.say[: len(before.question)] == (() if stage in PENDING_STAGES else before.question)


@pytest.mark.parametrize("stage", [stage for stage in IN_A_CALL if (stage, Said) in TABLE])
def test_words_beside_it_are_followed_as_they_are_without_it(stage: Stage) -> None:
    beside = Facts(service_id="filling", name="Dana Smith")
    for before in states_of(stage):
        warned = replace(before, warned=Emergency.DANGER)
        with_it = advance(warned, Said(replace(beside, emergency=Emergency.DANGER)), NOW, TENANT)
        assert with_it == advance(before, Said(beside), NOW, TENANT)


@pytest.mark.parametrize("stage", [stage for stage in IN_A_CALL if (stage, Said) in TABLE])
def test_a_false_alarm_changes_nothing_of_what_was_said(stage: Stage) -> None:
    for before in states_of(stage):
        for facts in (Facts(answer=True), Facts(text="?"), Facts(service_id="filling")):
            after = advance(replace(before, warned=Emergency.GAS), Said(facts), NOW, TENANT)
            assert after == advance(before, Said(facts), NOW, TENANT)


def test_a_yes_beside_it_books_nothing() -> None:
    state = replace(states_of(Stage.CONFIRMING)[0], warned=Emergency.DANGER)
    step = advance(state, Said(Facts(answer=True, emergency=Emergency.DANGER)), NOW, TENANT)
    assert (step.state.stage, step.effects) == (Stage.CONFIRMING, ())
    again = advance(step.state, Said(Facts(answer=True)), NOW, TENANT)
    assert [type(effect) for effect in again.effects] == [ConfirmBooking]


def test_another_danger_in_the_same_turn_is_answered_when_it_is_over() -> None:
    state = advance(states_of(Stage.TIME)[0], HEARD, NOW, TENANT).state
    step = advance(state, Said(Facts(emergency=Emergency.SUICIDE)), NOW, TENANT)
    assert step.say[0] == line(LineKey.EMERGENCY_SUICIDE)


@pytest.mark.parametrize("event", [Silent(1), Unheard(), Pressed("*")])
def test_a_turn_that_never_comes_leaves_the_next_one_its_warning(event: Silent | Unheard | Pressed) -> None:
    state = advance(states_of(Stage.TIME)[0], HEARD, NOW, TENANT).state
    state = advance(state, event, NOW, TENANT).state
    assert WARNING in advance(state, HEARD, NOW, TENANT).say
    assert WARNING in advance(state, Said(Facts(emergency=Emergency.DANGER)), NOW, TENANT).say
