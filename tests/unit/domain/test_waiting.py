"""The waiting list beside the rest of a call: messages, words cut off, storage that fails, a caller who leaves."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.appointments import Appointment
from agent.domain.call import advance
from agent.domain.events import CallerHungUp, Listed, PromptCut, Said
from agent.domain.facts import Facts
from agent.domain.lines import LineKey as K
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import JoinWaitlist
from agent.domain.state import Stage
from tests.unit.domain.desk import NOW, TENANT, Desk

OTHER = "+15550199999"


def declined() -> Desk:
    """Thursday at three is taken, and the caller wants none of the next best."""
    desk = Desk()
    made = desk.has_booked("filling", "Thursday at 3 PM", "Somebody Else", OTHER)
    theirs = replace(made.opening, staff_id=TENANT.staff[1].id)
    desk.booked["with the other"] = Appointment(TENANT.id, "filling", theirs)
    desk.customers[TENANT.id] = ("Somebody Else", OTHER)
    desk.answer()
    assert desk.hear("A cleaning on Thursday at 3.") == [K.NOT_FREE, K.OFFER_TWO_SAME_DAY]
    assert desk.hear("No, neither.") == [K.OFFER_LIST]
    return desk


def read_back() -> Desk:
    desk = declined()
    assert desk.hear("Yes, please.") == [K.ASK_NAME]
    assert desk.hear("Dana Smith.") == [K.ASK_PHONE]
    assert desk.hear("The number I'm calling from.") == [K.READ_BACK_LIST]
    return desk


def joined(desk: Desk) -> list[JoinWaitlist]:
    return [effect for effect in desk.effects if isinstance(effect, JoinWaitlist)]


def test_only_a_yes_to_what_was_heard_puts_on_the_list() -> None:
    desk = read_back()
    desk.happen(PromptCut(heard_fraction=0.3))
    assert desk.hear("Yes.") == [K.READ_BACK_LIST]
    assert not joined(desk)
    assert desk.hear("Yes.") == [K.LISTED, K.ASK_ANYTHING_ELSE]
    assert [(place.name, place.wish.service_id) for place in joined(desk)] == [("Dana Smith", "cleaning")]
    assert disposition(desk.state) is Disposition.WAITLISTED


def test_a_no_to_the_read_back_asks_what_to_change_and_the_change_is_read_back() -> None:
    desk = read_back()
    assert desk.hear("No.") == [K.ASK_WHAT_TO_CHANGE]
    assert desk.hear("My name is Dana Smythe.") == [K.READ_BACK_LIST]
    desk.hear("Yes.")
    assert [place.name for place in joined(desk)] == ["Dana Smythe"]


def test_after_a_message_the_list_goes_on_with_what_the_message_told() -> None:
    desk = declined()
    desk.hear("Yes, please.")
    desk.hear("Just tell Dr. Lee that I'm running late, no rush.")
    desk.hear("Dana Smith.")
    assert desk.hear("Yes.") == [K.MESSAGE_TAKEN, K.READ_BACK_LIST]
    assert desk.hear("Yes.") == [K.LISTED, K.ASK_ANYTHING_ELSE]


def test_a_message_in_place_of_an_answer_comes_back_to_the_question() -> None:
    desk = declined()
    assert desk.hear("Can I leave a message?") == [K.ASK_MESSAGE]
    assert desk.hear("No.") == [K.MESSAGE_DROPPED, K.OFFER_LIST]


def test_a_place_that_could_not_be_stored_is_tried_again_word_for_word() -> None:
    desk = read_back()
    desk.failing = 1
    assert desk.hear("Yes.") == [K.STORE_TROUBLE]
    assert desk.hear("Yes, try again.") == [K.LISTED, K.ASK_ANYTHING_ELSE]
    first, second = joined(desk)
    assert first == second


def test_who_hangs_up_while_it_is_stored_is_on_the_list_for_the_record() -> None:
    state = read_back().state
    listing = advance(state, Said(Facts(answer=True)), NOW, TENANT)
    assert listing.state.stage is Stage.LISTING
    left = advance(listing.state, CallerHungUp(), NOW, TENANT)
    assert disposition(advance(left.state, Listed(), NOW, TENANT).state) is Disposition.WAITLISTED
    assert disposition(left.state) is Disposition.ABANDONED
