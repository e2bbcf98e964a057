"""What was probably meant is asked about; the answer decides, and never answers the question behind it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.domain.call import advance, new_call
from agent.domain.events import Answered, Pressed, Said, Silent
from agent.domain.facts import Emergency, Expect, Facts, Step, Wish
from agent.domain.lines import LineKey
from agent.domain.state import PENDING_STAGES, CallState, Stage, Transition
from agent.domain.talk import MAX_MISSES
from tests.unit.domain.desk import CALLER, NOW, TENANT
from tests.unit.domain.test_call_table import states_of

UNSURE = Facts(wishes=frozenset({Wish.CANCEL}), confidence=0.6, is_doubtful=True)
YES, NO = Facts(answer=True), Facts(answer=False)


def said(state: CallState, facts: Facts) -> Transition:
    return advance(state, Said(facts), NOW, TENANT)


def keys(transition: Transition) -> list[LineKey]:
    return [line.key for line in transition.say]


@pytest.fixture
def asked() -> CallState:
    return advance(new_call(CALLER), Answered(), NOW, TENANT).state


def test_a_doubtful_wish_is_asked_about_and_nothing_is_done(asked: CallState) -> None:
    step = said(asked, UNSURE)
    assert keys(step) == [LineKey.MEANT_CANCEL]
    assert (step.reads, step.effects) == ((), ())
    assert (step.state.stage, step.state.expects) == (asked.stage, Expect.YES_NO)


def test_yes_makes_it_certain(asked: CallState) -> None:
    certain = said(asked, replace(UNSURE, is_doubtful=False))
    confirmed = said(said(asked, UNSURE).state, YES)
    assert confirmed.reads == certain.reads
    assert replace(confirmed.state, last_lines=asked.last_lines) == certain.state


def test_no_puts_the_question_back_that_was_open(asked: CallState) -> None:
    step = said(said(asked, UNSURE).state, NO)
    assert step.state.doubt is None
    assert (step.state.expects, step.state.question) == (asked.expects, asked.question)
    assert (step.reads, step.effects) == ((), ())


def test_a_yes_to_our_guess_is_none_to_the_read_back_behind_it() -> None:
    confirming = states_of(Stage.CONFIRMING)[0]
    service = Facts(service_id="filling", is_doubtful=True)
    for answer in (YES, NO):
        step = said(said(confirming, service).state, answer)
        assert step.state.stage is not Stage.BOOKING
        assert not any(type(effect).__name__ == "ConfirmBooking" for effect in step.effects)


AGAIN = [Facts(wishes=frozenset({wish})) for wish in (Wish.REPEAT, Wish.LOUDER, Wish.SLOWER)]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("stage", [Stage.CONFIRMING, Stage.CONFIRMING_MOVE, Stage.CONFIRMING_CANCEL])
def test_a_question_heard_twice_is_the_one_that_the_yes_is_for(stage: Stage, again: Facts) -> None:
    human = Facts(wishes=frozenset({Wish.HUMAN}), is_doubtful=True)
    for state in states_of(stage):
        once = said(state, human)
        twice = said(once.state, again)
        assert keys(twice)[-1] is keys(once)[-1] is LineKey.MEANT_HUMAN
        assert said(twice.state, YES).effects == said(once.state, YES).effects
        assert twice.state.doubt == once.state.doubt


def test_the_star_key_repeats_a_doubt_without_settling_it() -> None:
    once = said(states_of(Stage.CONFIRMING)[0], UNSURE)
    twice = advance(once.state, Pressed("*"), NOW, TENANT)
    assert keys(twice)[0] is LineKey.MEANT_CANCEL
    assert twice.state.doubt == once.state.doubt


def test_a_no_that_did_not_hear_what_it_said_no_to_is_told_the_question_behind() -> None:
    confirming = states_of(Stage.CONFIRMING)[0]
    step = said(said(confirming, UNSURE).state, Facts(answer=False, wishes=frozenset({Wish.REPEAT})))
    assert step.say == confirming.question


def test_other_words_than_yes_or_no_count_for_themselves(asked: CallState) -> None:
    book = Facts(service_id="cleaning")
    assert said(said(asked, UNSURE).state, book).state == said(asked, book).state


def test_doubt_upon_doubt_is_led_out_like_any_words_not_understood(asked: CallState) -> None:
    state = asked
    for _ in range(2 * MAX_MISSES):
        state = said(state, UNSURE).state
    assert state.stage is Stage.WAY_OUT
    given_up = said(said(state, UNSURE).state, UNSURE).state
    assert given_up.stage is Stage.NOTING


def test_a_yes_after_are_you_still_there_leaves_the_doubt_open(asked: CallState) -> None:
    doubtful = said(asked, UNSURE).state
    checking = advance(advance(doubtful, Silent(1), NOW, TENANT).state, Silent(2), NOW, TENANT).state
    step = said(checking, YES)
    assert keys(step) == [LineKey.MEANT_CANCEL]
    assert step.state.doubt is not None


def test_a_doubtful_emergency_is_answered_with_an_if_and_flags_nothing(asked: CallState) -> None:
    step = said(asked, Facts(emergency=Emergency.DANGER, is_doubtful=True))
    assert keys(step) == [LineKey.MEANT_EMERGENCY, LineKey.ASK_HELP]
    assert step.state.emergency is None


def test_warnings_in_vain_end_somewhere_and_none_is_left_out(asked: CallState) -> None:
    state, stages = asked, []
    while state.stage not in PENDING_STAGES:
        step = said(state, Facts(emergency=Emergency.DANGER, is_doubtful=True))
        assert keys(step)[:1] == [LineKey.MEANT_EMERGENCY]
        state = step.state
        stages.append(state.stage)
    patience = [*[asked.stage] * (MAX_MISSES - 1), *[Stage.WAY_OUT] * MAX_MISSES]
    assert stages == [*patience, Stage.NOTING]


def test_a_doubt_outlives_the_agent_and_the_words_do_not(asked: CallState) -> None:
    state = said(asked, replace(UNSURE, text="scrap it")).state
    assert CallState.from_json(state.to_json()) == state
    assert "scrap it" not in json.dumps(state.to_json())


def test_a_message_that_may_have_been_meant_is_offered(asked: CallState) -> None:
    step = said(asked, Facts(wishes=frozenset({Wish.MESSAGE}), is_doubtful=True))
    assert keys(step) == [LineKey.OFFER_MESSAGE]
    assert keys(said(step.state, YES)) == [LineKey.ASK_MESSAGE]


def test_a_change_that_was_meant_after_all_leads_back_from_the_way_out(asked: CallState) -> None:
    lost = asked
    for _ in range(MAX_MISSES):
        lost = said(lost, Facts(text="banana")).state
    assert lost.stage is Stage.WAY_OUT
    step = said(said(lost, UNSURE).state, YES)
    assert step.state.stage is Stage.FINDING


@pytest.mark.parametrize("stage", [Stage.MESSAGE, Stage.MESSAGE_URGENCY, Stage.CONFIRMING_MESSAGE])
@pytest.mark.parametrize("is_doubtful", [True, False])
def test_no_likeness_is_believed_while_a_message_is_taken(stage: Stage, is_doubtful: bool) -> None:
    words = "the crown is off, so forget Thursday"
    guess = Facts(text=words, wishes=frozenset({Wish.GOODBYE}), step=Step.EMBEDDING, is_doubtful=is_doubtful)
    for state in states_of(stage):
        assert said(state, guess) == said(state, Facts(text=words))


def test_danger_is_warned_about_even_while_a_message_is_taken() -> None:
    danger = Facts(emergency=Emergency.DANGER, step=Step.EMBEDDING, is_doubtful=True)
    for state in states_of(Stage.MESSAGE_URGENCY):
        assert LineKey.MEANT_EMERGENCY in keys(said(state, danger))


def test_what_has_no_consequence_is_followed_at_once(asked: CallState) -> None:
    again = Facts(wishes=frozenset({Wish.REPEAT}), is_doubtful=True)
    assert said(asked, again).say == asked.last_lines
