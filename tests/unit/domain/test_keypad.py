"""Every question against every key, and when an entry is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from agent.domain.call import TABLE, CallState, Stage
from agent.domain.events import Pressed, Said, Unheard
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.key_facts import facts_of
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
from agent.domain.state import PENDING_STAGES
from tests.unit.domain.asked_states import DAY, ELSEWHERE, HOLD, QUESTIONS, STATES, TWO
from tests.unit.domain.desk import CALLER, NOW, TENANT

REPEAT, HUMAN = (Facts(wishes=frozenset({wish})) for wish in (Wish.REPEAT, Wish.HUMAN))
WISHES = {str(n): Facts(wishes=frozenset({w})) for n, w in enumerate((Wish.BOOK, Wish.MOVE, Wish.CANCEL), start=1)}
NEXT = Facts(when=When(DAY + timedelta(days=1), DAY + timedelta(days=15)))
FIRST = Facts(when=When(date(2026, 11, 21), date(2026, 12, 5)))
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
