"""Doubts about booking: answered once, then let rest."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.call import Stage, advance, new_call
from agent.domain.events import PromptCut, Said, Silent
from agent.domain.facts import Expect, Facts
from agent.domain.lines import LineKey
from agent.domain.objections import Objection
from agent.domain.requests import ConfirmBooking
from tests.unit.domain.asking import BOOKING, desk_after
from tests.unit.domain.desk import NOW, TENANT

K = LineKey


def test_a_doubt_is_answered_in_the_businesss_words_once_and_then_let_rest() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("That's too expensive.") == [K.OWN_WORDS, K.READ_BACK_SHORT]
    assert desk.hear("It's really too expensive.") == [K.OFFER_REST]
    assert desk.hear("No.") == [K.READ_BACK_SHORT]
    assert desk.state.side.paused is None
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_yes_to_leave_it_books_nothing_and_gives_the_hold_back() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("I need to think about it.") == [K.OBJECTION_HEARD, K.OFFER_REST]
    assert desk.hear("Yes.") == [K.FAREWELL]
    assert desk.is_hung_up
    assert not desk.booked
    assert not desk.holds


def test_leaving_it_stays_the_open_question_through_silence_and_interruption() -> None:
    desk = desk_after(*BOOKING)
    desk.hear("I need to think about it.")
    assert desk.happen(Silent(1)) == [K.OFFER_REST, K.KEYS_YES_NO]
    desk.happen(PromptCut(0.1))
    assert desk.hear("What?") == [K.OFFER_REST]
    assert desk.hear("Louder, please.") == [K.LOUDER_NOW, K.OFFER_REST]
    desk.happen(Silent(2))
    assert desk.hear("Yes.") == [K.OFFER_REST]
    assert desk.hear("Yes.") == [K.FAREWELL]
    assert not desk.booked


def test_another_wish_instead_of_leaving_it_is_followed() -> None:
    desk = desk_after(*BOOKING)
    desk.hear("I need to think about it.")
    assert desk.hear("Actually, Friday at ten.") == [K.READ_BACK]
    assert desk.state.expects is Expect.YES_NO


def test_a_doubt_beside_a_yes_takes_the_yes_back() -> None:
    desk = desk_after(*BOOKING)
    desk.happen(Said(Facts(objection=Objection.PRICE, answer=True)))
    assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects)


def test_not_now_ends_a_call_in_which_nothing_is_open() -> None:
    parting = replace(new_call(None), stage=Stage.DONE, expects=Expect.YES_NO)
    step = advance(parting, Said(Facts(objection=Objection.TIMING)), NOW, TENANT)
    assert step.state.stage is Stage.ENDED
