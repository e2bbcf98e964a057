"""Every question against every key, and when an entry is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import TABLE, CallState, Stage, advance, new_call
from agent.domain.events import Pressed, Said, Silent, Unheard
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.intent import Operation
from agent.domain.key_facts import facts_of
from agent.domain.key_menus import MENU_KEYS, menu
from agent.domain.keypad import (
    GAP_S,
    KEYS,
    LONE_KEY_GAP_S,
    MOST_KEYS,
    SETTLE_S,
    Asked,
    asked,
    first_entry,
    is_stray,
    patience_s,
)
from agent.domain.lead import Interest, Lead, LeadFacts
from agent.domain.left import Left
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Message, WayOut
from agent.domain.openings import Opening, utc_or_none
from agent.domain.requests import SendText, TakeMessage
from agent.domain.state import PENDING_STAGES, Aside, Change, Place
from tests.unit.domain.desk import CALLER, NOW, TENANT

#: NOW is a Saturday, November 21st 2026.
DAY = date(2026, 11, 26)
REPEAT, HUMAN = (Facts(wishes=frozenset({wish})) for wish in (Wish.REPEAT, Wish.HUMAN))
WISHES = {str(n): Facts(wishes=frozenset({w})) for n, w in enumerate((Wish.BOOK, Wish.MOVE, Wish.CANCEL), start=1)}
NEXT = Facts(when=When(DAY + timedelta(days=1), DAY + timedelta(days=15)))
FIRST = Facts(when=When(date(2026, 11, 21), date(2026, 12, 5)))


def opening_at(clock: time) -> Opening:
    start = utc_or_none(DAY, clock, TENANT)
    assert start is not None
    end = start + timedelta(minutes=30)
    return Opening(TENANT.staff[0].id, start, end, start, end)


WHOLE_DAY = When(DAY, DAY)
TWO = (opening_at(time(15)), opening_at(time(16)))
FOUND = tuple(Appointment(UUID(int=n), "checkup", opening) for n, opening in enumerate(TWO))
HOLD = Hold(UUID(int=1), TWO[0], NOW + timedelta(minutes=5))
CHANGE = Change(Operation.CANCEL, found=FOUND)
TO_MOVE = Change(Operation.MOVE, target=FOUND[1])
DRAFT = Aside(message=Message(text="I'm running late", is_urgent=False, phone=CALLER))
BARE = replace(new_call(CALLER), service_id="cleaning", question=(line(LineKey.ASK_ANYTHING_ELSE),))


def offered(way: WayOut) -> Aside:
    return Aside(place=Place(Stage.TIME, Expect.WHEN, (line(LineKey.ASK_WHEN),)), way_out=way)


def at(stage: Stage, expects: Expect, key: LineKey = LineKey.SORRY, **known: object) -> CallState:
    return replace(BARE, stage=stage, expects=expects, question=(line(key),), last_lines=(line(key),), **known)  # type: ignore[arg-type]


#: A state for each kind of question, and what each key of one press tells there; other keys tell nothing.
STATES: dict[Asked, CallState] = {
    Asked.WISH: at(Stage.SERVICE, Expect.SERVICE, LineKey.ASK_HELP, service_id=None),
    Asked.SERVICE: at(Stage.SERVICE, Expect.SERVICE, LineKey.ASK_SERVICE, service_id=None),
    Asked.WHEN: at(Stage.TIME, Expect.WHEN, LineKey.ASK_WHEN),
    Asked.DAY: at(Stage.TIME, Expect.WHEN, LineKey.KEYS_DAY),
    Asked.CLOCK: at(Stage.TIME, Expect.WHEN, LineKey.KEYS_TIME, offered=TWO),
    Asked.OPENING: at(Stage.CHOOSING, Expect.CHOICE, offered=TWO),
    Asked.APPOINTMENT: at(Stage.WHICH, Expect.CHOICE, change=CHANGE),
    Asked.NAME: at(Stage.NAME, Expect.NAME, phone=CALLER),
    Asked.SPOKEN_NAME: at(Stage.IDENTIFYING, Expect.NAME, change=CHANGE),
    Asked.PHONE: at(Stage.PHONE, Expect.PHONE, name="Dana Smith"),
    Asked.PHONE_FOR_NAME: at(Stage.PHONE, Expect.PHONE, LineKey.ASK_PHONE_FOR_NAME),
    Asked.BOOKED_PHONE: at(Stage.IDENTIFYING, Expect.PHONE, change=CHANGE),
    Asked.YES_NO: at(Stage.CONFIRMING, Expect.YES_NO, hold=HOLD),
    Asked.CHANGE: at(Stage.CONFIRMING, Expect.ANY, LineKey.ASK_WHAT_TO_CHANGE),
    Asked.CONTACT_PHONE: at(Stage.MESSAGE_CONTACT, Expect.PHONE, aside=DRAFT),
    Asked.MESSAGE: at(Stage.MESSAGE, Expect.MESSAGE, aside=Aside(message=Message(phone=CALLER))),
    Asked.MESSAGE_CHANGE: at(Stage.CONFIRMING_MESSAGE, Expect.MESSAGE, LineKey.ASK_WHAT_TO_CHANGE, aside=DRAFT),
    Asked.OTHER: at(Stage.DONE, Expect.ANY),
}
#: Other places at which the same is asked.
ELSEWHERE: tuple[tuple[Asked, CallState], ...] = (
    (Asked.SPOKEN_NAME, at(Stage.MESSAGE_CONTACT, Expect.NAME, aside=DRAFT)),
    (Asked.YES_NO, at(Stage.MESSAGE_URGENCY, Expect.YES_NO, LineKey.ASK_MESSAGE_URGENT, aside=DRAFT)),
    (Asked.YES_NO, at(Stage.CONFIRMING_MESSAGE, Expect.YES_NO, LineKey.READ_BACK_MESSAGE_ONLY, aside=DRAFT)),
    (Asked.YES_NO, at(Stage.WAY_OUT, Expect.YES_NO, LineKey.OFFER_MESSAGE, aside=offered(WayOut.MESSAGE))),
    (Asked.YES_NO, at(Stage.WAY_OUT, Expect.YES_NO, LineKey.OFFER_LINK, aside=offered(WayOut.SMS_LINK))),
    (Asked.YES_NO, at(Stage.OFFERING_TEXT, Expect.YES_NO, LineKey.ASK_TEXT, phone=CALLER, appointments=FOUND[:1])),
    (Asked.YES_NO, at(Stage.CONFIRMING_MOVE, Expect.YES_NO, hold=HOLD, change=TO_MOVE)),
    (Asked.YES_NO, at(Stage.CONFIRMING_CANCEL, Expect.YES_NO, change=replace(CHANGE, target=FOUND[0]))),
    (Asked.YES_NO, at(Stage.OFFERING_LIST, Expect.YES_NO, LineKey.OFFER_LIST, when=WHOLE_DAY)),
    (Asked.YES_NO, at(Stage.CONFIRMING_LIST, Expect.YES_NO, name="Dana Smith", phone=CALLER, when=WHOLE_DAY)),
    (Asked.YES_NO, at(Stage.TROUBLE, Expect.YES_NO, LineKey.STORE_TROUBLE, failed_stage=Stage.SEARCHING)),
    (Asked.YES_NO, at(Stage.DONE, Expect.YES_NO, LineKey.ASK_ANYTHING_ELSE)),
    (Asked.YES_NO, at(Stage.CALLED_BACK, Expect.YES_NO, LineKey.GO_ON_MESSAGE, left=Left(CALLER, None))),
    (Asked.OTHER, at(Stage.QUALIFYING, Expect.ANY, LineKey.LEAD_BUDGET, lead=Lead(LeadFacts(Interest.BUY)))),
    (Asked.WISH, at(Stage.DONE, Expect.ANY, LineKey.ASK_WHAT_ELSE, service_id=None)),
    (Asked.DAY, at(Stage.IDENTIFYING, Expect.WHEN, LineKey.ASK_BOOKED_DAY, change=CHANGE)),
    (Asked.DAY, at(Stage.WHICH, Expect.WHEN, LineKey.ASK_WHICH_OF_MANY, change=CHANGE)),
)
QUESTIONS = [
    pytest.param(what, state, id=f"{state.stage.value}-{state.question[-1].key.value}-{what.value}")
    for what, state in (*STATES.items(), *ELSEWHERE)
]
YES, NO = Facts(answer=True), Facts(answer=False)
DIGITS = {key: Facts(phone_digits=key) for key in "23456789"}
TOLD: dict[Asked, dict[str, Facts]] = {
    Asked.WISH: WISHES,
    Asked.SERVICE: {str(n): Facts(service_id=s.id) for n, s in enumerate(TENANT.services[:3], start=1)},
    Asked.WHEN: {"1": FIRST},
    Asked.DAY: {},
    Asked.CLOCK: {},
    Asked.OPENING: {"1": Facts(choice=0), "2": Facts(choice=1), "3": NO},
    Asked.APPOINTMENT: {"1": Facts(choice=0), "2": Facts(choice=1), "3": NO},
    Asked.NAME: {"1": Facts(name="Caller ending 0001"), "#": Facts(name="Caller ending 0001")},
    Asked.SPOKEN_NAME: {"1": NO, "#": NO},
    Asked.PHONE: {"1": Facts(same_number=True), **DIGITS},
    Asked.PHONE_FOR_NAME: {"1": Facts(phone=CALLER, name="Caller ending 0001"), **DIGITS},
    Asked.BOOKED_PHONE: {"#": NO, **DIGITS},
    Asked.YES_NO: {"1": YES, "2": NO},
    Asked.CHANGE: {},
    Asked.CONTACT_PHONE: {"1": Facts(same_number=True), "#": NO, **DIGITS},
    Asked.MESSAGE: {"1": Facts(message="Please call me back."), "2": NO},
    Asked.MESSAGE_CHANGE: {
        "1": Facts(answer=False, wrong=Expect.PHONE), "2": Facts(answer=False, wrong=Expect.MESSAGE),
    },
    Asked.OTHER: {},
}  # fmt: skip


@pytest.mark.parametrize(("what", "state"), QUESTIONS)
@pytest.mark.parametrize("key", list(KEYS))
def test_every_key_tells_what_it_is_said_to_tell_and_no_other_key_tells_anything(
    what: Asked, state: CallState, key: str
) -> None:
    assert asked(state) is what
    told = TOLD[what] | {"*": REPEAT, "0": HUMAN}
    assert facts_of(key, state, NOW, TENANT) == told.get(key)


@pytest.mark.parametrize(
    ("what", "keys", "facts"),
    [
        (Asked.DAY, "1203", Facts(when=When(date(2026, 12, 3), date(2026, 12, 3)))),
        (Asked.DAY, "203#", Facts(when=When(date(2027, 2, 3), date(2027, 2, 3)))),
        (Asked.DAY, "1121", Facts(when=When(date(2026, 11, 21), date(2026, 11, 21)))),
        (Asked.DAY, "1120", Facts(when=When(date(2027, 11, 20), date(2027, 11, 20)))),
        (Asked.DAY, "1345", None),
        (Asked.DAY, "0230", None),
        (Asked.DAY, "0000", None),
        (Asked.DAY, "12", None),
        (Asked.DAY, "#", None),
        (Asked.CLOCK, "0930", Facts(when=When(DAY, DAY, at=time(9, 30)))),
        (Asked.CLOCK, "930#", Facts(when=When(DAY, DAY, at=time(9, 30)))),
        (Asked.CLOCK, "0300", Facts(when=When(DAY, DAY, at=time(15)))),
        (Asked.CLOCK, "1500", Facts(when=When(DAY, DAY, at=time(15)))),
        (Asked.CLOCK, "1200", Facts(when=When(DAY, DAY, at=time(12)))),
        (Asked.CLOCK, "2300", Facts(when=When(DAY, DAY, at=time(23)))),
        (Asked.CLOCK, "1260", None),
        (Asked.CLOCK, "2400", None),
        (Asked.PHONE, "5550123456", Facts(phone="+15550123456")),
        (Asked.PHONE, "5550123456#", Facts(phone="+15550123456")),
        (Asked.PHONE, "15550123456", Facts(phone="+15550123456")),
        (Asked.PHONE, "5550123", Facts(phone_digits="5550123")),
        (Asked.PHONE, "0123456#", Facts(phone="+15550123456")),
        (Asked.PHONE, "55501234567", Facts(is_phone_garbled=True)),
        (Asked.PHONE, "1#", Facts(same_number=True)),
        (Asked.PHONE, "0#", HUMAN),
        (Asked.PHONE, "#", None),
        (Asked.PHONE_FOR_NAME, "5550123456", Facts(phone="+15550123456", name="Caller ending 3456")),
        (Asked.BOOKED_PHONE, "5550123456", Facts(phone="+15550123456")),
        (Asked.CONTACT_PHONE, "5550123456", Facts(phone="+15550123456")),
        (Asked.CONTACT_PHONE, "0123456#", Facts(phone="+15550123456")),
    ],
)
def test_entries_of_several_keys_are_days_times_and_numbers(what: Asked, keys: str, facts: Facts | None) -> None:
    assert facts_of(keys, STATES[what], NOW, TENANT) == facts


def test_pound_ends_a_number_pressed_in_pieces() -> None:
    begun = replace(STATES[Asked.PHONE], phone_digits="0123456")
    assert facts_of("#", begun, NOW, TENANT) == Facts(phone="+15550123456")
    assert facts_of("1", replace(begun, phone_digits="012345"), NOW, TENANT) == Facts(phone_digits="1")


def test_a_withheld_number_cannot_be_the_one_called_from() -> None:
    assert facts_of("1", replace(STATES[Asked.PHONE], caller_number=None), NOW, TENANT) is None


def test_the_next_opening_is_after_those_that_were_offered_or_held() -> None:
    state = STATES[Asked.WHEN]
    assert facts_of("1", replace(state, offered=TWO), NOW, TENANT) == NEXT
    assert facts_of("1", replace(state, hold=HOLD), NOW, TENANT) == NEXT


def test_a_changed_number_changes_the_name_that_stands_for_it() -> None:
    state = replace(STATES[Asked.PHONE], name="Caller ending 0001")
    told = facts_of("5550123456", state, NOW, TENANT)
    assert told == Facts(phone="+15550123456", name="Caller ending 3456")
    assert facts_of("5550123456", STATES[Asked.PHONE], NOW, TENANT) == Facts(phone="+15550123456")


@pytest.mark.parametrize("what", [what for what in Asked if what not in (Asked.DAY, Asked.CLOCK)])
@pytest.mark.parametrize("key", list("23456789*"))
def test_one_key_is_an_answer_at_once_unless_a_number_is_asked_for(what: Asked, key: str) -> None:
    waits = "phone" in what.value and key != "*"
    assert patience_s(key, STATES[what]) == (GAP_S if waits else 0.0)


@pytest.mark.parametrize(
    ("what", "keys", "wait_s"),
    [
        (Asked.DAY, "1", GAP_S), (Asked.DAY, "120", GAP_S), (Asked.DAY, "1203", 0.0), (Asked.DAY, "120#", 0.0),
        (Asked.CLOCK, "093", GAP_S), (Asked.CLOCK, "0930", 0.0), (Asked.CLOCK, "*", 0.0),
        (Asked.PHONE, "1", LONE_KEY_GAP_S), (Asked.PHONE, "0", LONE_KEY_GAP_S), (Asked.PHONE, "5", GAP_S),
        (Asked.PHONE, "555012345", GAP_S), (Asked.PHONE, "5550123456", SETTLE_S), (Asked.PHONE, "1555012345", GAP_S),
        (Asked.PHONE, "15550123456", SETTLE_S), (Asked.PHONE, "5550123456#", 0.0), (Asked.PHONE, "4" * MOST_KEYS, 0.0),
    ],
)  # fmt: skip
def test_digits_wait_for_more_as_long_as_more_may_come(what: Asked, keys: str, wait_s: float) -> None:
    assert patience_s(keys, STATES[what]) == wait_s


def test_the_rest_of_a_number_is_whole_with_what_was_entered_before() -> None:
    begun = replace(STATES[Asked.PHONE], phone_digits="555")
    assert patience_s("012345", begun) == GAP_S
    assert patience_s("0123456", begun) == SETTLE_S
    assert patience_s("0", begun) == GAP_S


@pytest.mark.parametrize("what", list(Asked), ids=lambda what: what.value)
def test_pound_alone_says_something_only_where_there_may_be_no_answer(what: Asked) -> None:
    speaks = what in (Asked.NAME, Asked.SPOKEN_NAME, Asked.BOOKED_PHONE, Asked.CONTACT_PHONE)
    assert is_stray("#", "", STATES[what]) is not speaks
    assert not is_stray("#", "5", STATES[what])
    assert is_stray("A", "", STATES[what])


def test_star_takes_back_what_was_entered() -> None:
    assert first_entry("5550*", STATES[Asked.PHONE]) == "*"
    assert first_entry("5550123456#99", STATES[Asked.PHONE]) == "5550123456#"
    assert first_entry("##12", STATES[Asked.YES_NO]) == "1"
    assert first_entry("#", STATES[Asked.YES_NO]) == ""


ASKING = [stage for stage, kind in TABLE if kind is Said and stage not in PENDING_STAGES]


@pytest.mark.parametrize("stage", ASKING, ids=lambda stage: stage.value)
def test_wherever_words_are_heard_keys_are_too(stage: Stage) -> None:
    assert TABLE[stage, Said].to <= TABLE[stage, Pressed].to
    assert (stage, Unheard) in TABLE
    assert stage in {state.stage for state in (*STATES.values(), *(state for _, state in ELSEWHERE))}


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
