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
from agent.domain.lines import Line, LineKey, line
from agent.domain.openings import Opening, utc_or_none
from agent.domain.state import PENDING_STAGES, Change, EndReason
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


TWO = (opening_at(time(15)), opening_at(time(16)))
FOUND = tuple(Appointment(UUID(int=n), "checkup", opening) for n, opening in enumerate(TWO))
HOLD = Hold(UUID(int=1), TWO[0], NOW + timedelta(minutes=5))
CHANGE = Change(Operation.CANCEL, found=FOUND)
BARE = replace(new_call(CALLER), service_id="cleaning", question=(line(LineKey.ASK_ANYTHING_ELSE),))


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
    Asked.BOOKED_NAME: at(Stage.IDENTIFYING, Expect.NAME, change=CHANGE),
    Asked.PHONE: at(Stage.PHONE, Expect.PHONE, name="Dana Smith"),
    Asked.PHONE_FOR_NAME: at(Stage.PHONE, Expect.PHONE, LineKey.ASK_PHONE_FOR_NAME),
    Asked.BOOKED_PHONE: at(Stage.IDENTIFYING, Expect.PHONE, change=CHANGE),
    Asked.YES_NO: at(Stage.CONFIRMING, Expect.YES_NO, hold=HOLD),
    Asked.CHANGE: at(Stage.CONFIRMING, Expect.ANY, LineKey.ASK_WHAT_TO_CHANGE),
    Asked.OTHER: at(Stage.DONE, Expect.ANY),
}
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
    Asked.BOOKED_NAME: {"1": NO, "#": NO},
    Asked.PHONE: {"1": Facts(same_number=True), **DIGITS},
    Asked.PHONE_FOR_NAME: {"1": Facts(phone=CALLER, name="Caller ending 0001"), **DIGITS},
    Asked.BOOKED_PHONE: {"#": NO, **DIGITS},
    Asked.YES_NO: {"1": YES, "2": NO},
    Asked.CHANGE: {},
    Asked.OTHER: {},
}


@pytest.mark.parametrize("what", list(Asked), ids=lambda what: what.value)
@pytest.mark.parametrize("key", list(KEYS))
def test_every_key_tells_what_it_is_said_to_tell_and_no_other_key_tells_anything(what: Asked, key: str) -> None:
    state = STATES[what]
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
    speaks = what in (Asked.NAME, Asked.BOOKED_NAME, Asked.BOOKED_PHONE)
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


def keys_of(lines: tuple[Line, ...]) -> list[LineKey]:
    return [said.key for said in lines]


#: The keys that the menus' texts name, beside those that enter digits.
NAMED = {
    Asked.WISH: "123", Asked.SERVICE: "1239", Asked.WHEN: "12", Asked.OPENING: "123", Asked.APPOINTMENT: "123",
    Asked.NAME: "1", Asked.BOOKED_NAME: "1", Asked.PHONE: "1", Asked.PHONE_FOR_NAME: "1", Asked.BOOKED_PHONE: "#",
    Asked.YES_NO: "12", Asked.CHANGE: "123", Asked.OTHER: "*0",
}  # fmt: skip


@pytest.mark.parametrize(("what", "key"), [(what, key) for what, keys in NAMED.items() for key in keys])
def test_every_key_that_a_menu_names_does_something(what: Asked, key: str) -> None:
    step = advance(STATES[what], Pressed(key), NOW, TENANT)
    assert step.say or step.reads or step.effects
    assert LineKey.KEYS_WRONG not in keys_of(step.say)


@pytest.mark.parametrize("what", list(Asked), ids=lambda what: what.value)
def test_a_menu_names_three_keys_at_most_and_one_for_more(what: Asked) -> None:
    named = menu(STATES[what], TENANT)
    assert set(keys_of(named)) <= MENU_KEYS
    assert len(named) <= 4
    assert bool(named) is (what not in (Asked.DAY, Asked.CLOCK)), "the question names its keys itself"


@pytest.mark.parametrize("what", [what for what in Asked if what is not Asked.OTHER], ids=lambda what: what.value)
def test_a_wrong_key_is_answered_by_the_keys_there_are_and_the_third_ends_the_call(what: Asked) -> None:
    state = STATES[what]
    wrong = "1345" if what in (Asked.DAY, Asked.CLOCK) else "#" if what in (Asked.PHONE, Asked.PHONE_FOR_NAME) else "8"
    if what is Asked.CLOCK:
        wrong = "2400"
    if what is Asked.BOOKED_PHONE:
        wrong = "1"
    for _ in range(2):
        step = advance(state, Pressed(wrong), NOW, TENANT)
        assert step.say == (line(LineKey.KEYS_WRONG), *(menu(state, TENANT) or state.question))
        assert (step.state.stage, step.state.question) == (state.stage, state.question)
        assert step.state.last_lines == state.last_lines, "star must repeat the question"
        state = step.state
    ended = advance(state, Pressed(wrong), NOW, TENANT)
    assert (ended.state.stage, ended.state.end_reason) == (Stage.ENDED, EndReason.NOT_UNDERSTOOD)


def test_once_a_key_was_pressed_every_question_names_its_keys() -> None:
    first = advance(STATES[Asked.SERVICE], Said(Facts(service_id="cleaning")), NOW, TENANT)
    assert keys_of(first.say) == [LineKey.ASK_WHEN]
    pressed = advance(STATES[Asked.SERVICE], Pressed("1"), NOW, TENANT)
    assert keys_of(pressed.say) == [LineKey.ASK_WHEN, LineKey.KEYS_WHEN]
    said = advance(pressed.state, Said(Facts(text="?")), NOW, TENANT)
    assert keys_of(said.say) == [LineKey.SORRY, LineKey.ASK_WHEN, LineKey.KEYS_WHEN]


def test_a_caller_who_speaks_hears_of_the_keys_after_a_silence_and_with_a_hint() -> None:
    state = STATES[Asked.YES_NO]
    silent = advance(state, Silent(1), NOW, TENANT)
    assert keys_of(silent.say)[-1] is LineKey.KEYS_YES_NO
    missed = advance(state, Said(Facts(text="?")), NOW, TENANT)
    assert LineKey.KEYS_YES_NO not in keys_of(missed.say)
    again = advance(missed.state, Said(Facts(text="?")), NOW, TENANT)
    assert keys_of(again.say) == [LineKey.HINT_YES_NO, LineKey.KEYS_YES_NO]
    assert not again.state.has_keypad


def test_a_caller_who_cannot_be_heard_is_offered_the_keys_at_once_and_not_for_ever() -> None:
    state = STATES[Asked.YES_NO]
    for _ in range(2):
        step = advance(state, Unheard(), NOW, TENANT)
        assert keys_of(step.say) == [LineKey.KEYS_INSTEAD, LineKey.SORRY, LineKey.KEYS_YES_NO]
        state = step.state
        assert state.has_keypad
    assert advance(state, Unheard(), NOW, TENANT).state.stage is Stage.ENDED


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
