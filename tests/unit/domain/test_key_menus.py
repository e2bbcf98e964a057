"""The keys that are named to a caller, wrong keys, and calls made by keys alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import CallState, Stage, advance
from agent.domain.events import Pressed, Said, Silent, Unheard
from agent.domain.facts import Expect, Facts
from agent.domain.key_facts import facts_of
from agent.domain.key_menus import MENU_KEYS, menu
from agent.domain.keypad import (
    Asked,
)
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Message, WayOut
from agent.domain.requests import SendText, TakeMessage
from tests.unit.domain.asked_states import FOUND, QUESTIONS, STATES, at, offered
from tests.unit.domain.desk import CALLER, NOW, TENANT


def keys_of(lines: tuple[Line, ...]) -> list[LineKey]:
    return [said.key for said in lines]


#: The keys that the menus' texts name, beside those that enter digits.
NAMED = {
    Asked.WISH: "123", Asked.SERVICE: "1239", Asked.WHEN: "12", Asked.OPENING: "123", Asked.APPOINTMENT: "123",
    Asked.NAME: "1", Asked.SPOKEN_NAME: "1", Asked.PHONE: "1", Asked.PHONE_FOR_NAME: "1", Asked.BOOKED_PHONE: "#",
    Asked.YES_NO: "12", Asked.CHANGE: "123", Asked.CONTACT_PHONE: "1#", Asked.MESSAGE: "12",
    Asked.MESSAGE_CHANGE: "12", Asked.OTHER: "*0", Asked.DAY: ("1203",), Asked.CLOCK: ("0930",),
}  # fmt: skip


@pytest.mark.parametrize(("what", "state"), QUESTIONS)
def test_every_key_that_a_menu_names_does_something(what: Asked, state: CallState) -> None:
    for keys in (*NAMED[what], "*", "0"):
        step = advance(state, Pressed(keys), NOW, TENANT)
        assert step.say or step.reads or step.effects, keys
        assert LineKey.KEYS_WRONG not in keys_of(step.say), keys


@pytest.mark.parametrize(("what", "state"), QUESTIONS)
def test_a_menu_names_three_keys_at_most_and_one_for_more(what: Asked, state: CallState) -> None:
    named = menu(state, TENANT)
    assert set(keys_of(named)) <= MENU_KEYS
    assert len(named) <= 4
    names_keys_itself = state.question[-1].key in (LineKey.KEYS_DAY, LineKey.KEYS_TIME)
    assert bool(named) is not names_keys_itself


#: What tells nothing where single digits are the beginning of an answer.
WRONG = {
    Asked.DAY: "1345", Asked.CLOCK: "2400", Asked.PHONE: "#", Asked.PHONE_FOR_NAME: "#", Asked.BOOKED_PHONE: "1",
    Asked.CONTACT_PHONE: "1",
}  # fmt: skip
#: Where the third wrong key in a row leads; elsewhere a message is offered.
LOST_AT = dict.fromkeys((Stage.DONE, Stage.OFFERING_TEXT), Stage.ENDED) | dict.fromkeys(
    (Stage.MESSAGE, Stage.MESSAGE_URGENCY, Stage.MESSAGE_CONTACT, Stage.CONFIRMING_MESSAGE, Stage.WAY_OUT),
    Stage.NOTING,
)


@pytest.mark.parametrize(("what", "state"), QUESTIONS)
def test_a_wrong_key_is_answered_by_the_keys_there_are_and_the_third_leads_out(what: Asked, state: CallState) -> None:
    wrong = WRONG.get(what, "8")
    if what is Asked.CONTACT_PHONE:
        state = replace(state, caller_number=None)
    for _ in range(2):
        step = advance(state, Pressed(wrong), NOW, TENANT)
        assert step.say == (line(LineKey.KEYS_WRONG), *(menu(state, TENANT) or state.question))
        assert (step.state.stage, step.state.question) == (state.stage, state.question)
        assert step.state.last_lines == state.last_lines, "star must repeat the question"
        state = step.state
    led_out = advance(state, Pressed(wrong), NOW, TENANT)
    assert led_out.state.stage is LOST_AT.get(state.stage, Stage.WAY_OUT)
    if led_out.state.stage is Stage.WAY_OUT:
        assert keys_of(led_out.say) == [LineKey.LOST, LineKey.OFFER_MESSAGE, LineKey.KEYS_YES_NO]
    if led_out.state.stage is Stage.NOTING:
        (effect,) = led_out.effects
        assert isinstance(effect, TakeMessage), "nothing was stored"


def test_a_message_is_left_by_keys_alone() -> None:
    state = STATES[Asked.SERVICE]
    for key, said in (
        ("0", [LineKey.NO_HUMAN, LineKey.OFFER_MESSAGE, LineKey.KEYS_YES_NO]),
        ("1", [LineKey.ASK_MESSAGE, LineKey.KEYS_MESSAGE]),
        ("1", [LineKey.ASK_MESSAGE_URGENT, LineKey.KEYS_YES_NO]),
        ("1", [LineKey.ASK_NAME, LineKey.KEYS_SPOKEN_NAME]),
        ("1", [LineKey.MESSAGE_IS_URGENT, LineKey.READ_BACK_MESSAGE, LineKey.KEYS_YES_NO]),
        ("2", [LineKey.ASK_WHAT_TO_CHANGE, LineKey.KEYS_MESSAGE_CHANGE]),
        ("1", [LineKey.ASK_PHONE, LineKey.KEYS_OWN_PHONE]),
        ("5550127788", [LineKey.MESSAGE_IS_URGENT, LineKey.READ_BACK_MESSAGE, LineKey.KEYS_YES_NO]),
    ):
        step = advance(state, Pressed(key), NOW, TENANT)
        assert keys_of(step.say) == said
        state = step.state
    (effect,) = advance(state, Pressed("1"), NOW, TENANT).effects
    assert isinstance(effect, TakeMessage)
    assert effect.message == Message(
        text="Please call me back.", is_urgent=True, name="", phone="+15550127788", is_confirmed=True
    )


def test_the_key_that_agreed_to_a_text_is_kept_as_the_words_of_the_consent() -> None:
    agreeing = at(Stage.OFFERING_TEXT, Expect.YES_NO, LineKey.ASK_TEXT, phone=CALLER, appointments=FOUND[:1])
    linking = at(Stage.WAY_OUT, Expect.YES_NO, LineKey.OFFER_LINK, aside=offered(WayOut.SMS_LINK))
    for state in (agreeing, linking):
        (effect,) = advance(state, Pressed("1"), NOW, TENANT).effects
        assert isinstance(effect, SendText)
        assert (effect.text.words, effect.text.phone) == ("[1]", CALLER)


@pytest.mark.parametrize(("what", "state"), QUESTIONS)
def test_a_private_number_is_refused_wherever_it_is_pressed(what: Asked, state: CallState) -> None:
    step = advance(state, Pressed("", is_private=True), NOW, TENANT)
    assert step.say[0].key is LineKey.NO_PRIVATE_NUMBERS
    assert step.state.has_keypad


def test_once_a_key_was_pressed_every_question_names_its_keys() -> None:
    first = advance(STATES[Asked.SERVICE], Said(Facts(service_id="cleaning")), NOW, TENANT)
    assert keys_of(first.say) == [LineKey.ASK_WHEN]
    pressed = advance(STATES[Asked.SERVICE], Pressed("1"), NOW, TENANT)
    assert keys_of(pressed.say) == [LineKey.ASK_WHEN, LineKey.KEYS_WHEN]
    said = advance(pressed.state, Said(Facts(text="?")), NOW, TENANT)
    assert keys_of(said.say) == [LineKey.SORRY, LineKey.ASK_WHEN, LineKey.KEYS_WHEN]


def test_a_caller_who_speaks_hears_the_keys_after_a_silence_and_after_a_hint_when_asking_for_them() -> None:
    state = STATES[Asked.YES_NO]
    silent = advance(state, Silent(1), NOW, TENANT)
    assert keys_of(silent.say)[-1] is LineKey.KEYS_YES_NO
    missed = advance(state, Said(Facts(text="?")), NOW, TENANT)
    assert LineKey.KEYS_YES_NO not in keys_of(missed.say)
    again = advance(missed.state, Said(Facts(text="?")), NOW, TENANT)
    assert keys_of(again.say) == [LineKey.OR_LEAVE_MESSAGE, LineKey.HINT_YES_NO, LineKey.KEYS_ON_STAR]
    assert not again.state.has_keypad
    asked_for = advance(again.state, Pressed("*"), NOW, TENANT)
    assert keys_of(asked_for.say) == [LineKey.OR_LEAVE_MESSAGE, LineKey.KEYS_YES_NO]


def test_a_caller_who_cannot_be_heard_is_offered_the_keys_at_once_and_not_for_ever() -> None:
    state = STATES[Asked.YES_NO]
    for question in (LineKey.SORRY, LineKey.OFFER_MESSAGE):
        for _ in range(2):
            step = advance(state, Unheard(), NOW, TENANT)
            assert keys_of(step.say) == [LineKey.KEYS_INSTEAD, question, LineKey.KEYS_YES_NO]
            state = step.state
            assert state.has_keypad
        state = advance(state, Unheard(), NOW, TENANT).state
    assert state.stage is Stage.NOTING


def test_any_key_answers_whether_somebody_is_there_and_nothing_else() -> None:
    checking = replace(STATES[Asked.YES_NO], is_checking=True, is_readback_heard=True)
    step = advance(checking, Pressed("1"), NOW, TENANT)
    assert step.state.stage is Stage.CONFIRMING
    assert not step.effects
    assert keys_of(step.say)[-1] is LineKey.KEYS_YES_NO


def test_a_private_number_is_refused_and_its_beginning_forgotten() -> None:
    begun = replace(STATES[Asked.PHONE], phone_digits="4111")
    step = advance(begun, Pressed("", is_private=True), NOW, TENANT)
    assert keys_of(step.say)[0] is LineKey.NO_PRIVATE_NUMBERS
    assert step.state.phone_digits is None


def test_the_services_are_named_page_by_page() -> None:
    assert len(TENANT.services) == 4
    state = STATES[Asked.SERVICE]
    turned = advance(state, Pressed("9"), NOW, TENANT)
    assert keys_of(turned.say) == [LineKey.KEYS_SERVICE, LineKey.KEYS_MORE]
    assert facts_of("1", turned.state, NOW, TENANT) == Facts(service_id=TENANT.services[3].id)
    assert facts_of("2", turned.state, NOW, TENANT) is None
    back = advance(turned.state, Pressed("9"), NOW, TENANT)
    assert facts_of("1", back.state, NOW, TENANT) == Facts(service_id=TENANT.services[0].id)
    few = replace(TENANT, services=TENANT.services[:3])
    assert keys_of(advance(state, Pressed("9"), NOW, few).say)[0] is LineKey.KEYS_WRONG
