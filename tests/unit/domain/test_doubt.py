"""What was probably meant is asked about; the answer decides, and never answers the question behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import advance, new_call
from agent.domain.events import Answered, Said, Silent
from agent.domain.facts import Emergency, Expect, Facts, Wish
from agent.domain.lines import LineKey
from agent.domain.state import CallState, Stage, Transition
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


def test_other_words_than_yes_or_no_count_for_themselves(asked: CallState) -> None:
    book = Facts(service_id="cleaning")
    assert said(said(asked, UNSURE).state, book).state == said(asked, book).state


def test_doubt_upon_doubt_ends_like_any_words_not_understood(asked: CallState) -> None:
    state = asked
    for _ in range(2 * MAX_MISSES):
        state = said(state, UNSURE).state
    assert state.stage is Stage.ENDED


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


def test_warnings_in_vain_end_somewhere(asked: CallState) -> None:
    state = asked
    for _ in range(MAX_MISSES):
        state = said(state, Facts(emergency=Emergency.DANGER, is_doubtful=True)).state
    assert state.stage is Stage.ENDED


def test_a_doubt_outlives_the_agent(asked: CallState) -> None:
    state = said(asked, UNSURE).state
    assert CallState.from_json(state.to_json()) == state


def test_what_has_no_consequence_is_followed_at_once(asked: CallState) -> None:
    again = Facts(wishes=frozenset({Wish.REPEAT}), is_doubtful=True)
    assert said(asked, again).say == asked.last_lines
