"""Leads whose caller goes before the last question: what they told is not lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import Stage
from agent.domain.events import CallerHungUp, Pressed, Silent
from agent.domain.lines import LineKey
from agent.domain.notes import Message, Reason
from agent.domain.outcome import Disposition, disposition
from tests.unit.domain.desk import CALLER, Desk
from tests.unit.domain.test_leads import agency_call

K = LineKey
TOLD = ("I'm looking to buy a house.", "450 thousand", "Three months.", "Cash.", "Dana Smith")
LEFT = Message(Reason.LEAD, "buy; $450,000; in 3 months; pays cash; hot, 85 of 100", name="Dana Smith", phone=CALLER)


def test_a_lead_who_says_goodbye_before_the_end_is_stored() -> None:
    call = agency_call()
    for words in TOLD:
        call.hear(words)
    assert call.hear("Sorry, I have to go, bye.") == [K.FAREWELL]
    assert call.state.stage is Stage.ENDED
    assert list(call.messages.values()) == [LEFT]
    assert disposition(call.state) is Disposition.CALLBACK


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_a_lead_who_hangs_up_is_stored(is_cut_off: bool) -> None:
    call = agency_call()
    for words in TOLD:
        call.hear(words)
    call.happen(CallerHungUp(is_cut_off=is_cut_off))
    assert list(call.messages.values()) == [LEFT]


def test_a_lead_who_falls_silent_is_stored() -> None:
    call = agency_call()
    for words in TOLD:
        call.hear(words)
    for count in (1, 2, 3):
        call.happen(Silent(count))
    assert list(call.messages.values()) == [LEFT]


def test_a_lead_who_leaves_while_a_message_is_begun_is_stored_all_the_same() -> None:
    call = agency_call()
    for words in (*TOLD, "Can I leave a message?"):
        call.hear(words)
    call.hear("Bye.")
    assert list(call.messages.values()) == [LEFT]


def test_a_lead_is_stored_once() -> None:
    call = agency_call()
    for words in (*TOLD, "The number I'm calling from.", "No, that's all."):
        call.hear(words)
    assert call.state.stage is Stage.ENDED
    (message,) = call.messages.values()
    assert message.is_confirmed


def test_a_lead_nobody_could_call_back_is_not_stored() -> None:
    call = agency_call()
    call.state = replace(call.state, caller_number=None)
    call.hear("I'm looking to buy a house.")
    call.hear("Bye.")
    assert not call.messages


def test_a_lead_who_can_only_press_keys_is_stored_under_the_number_typed() -> None:
    call = agency_call()
    for words in TOLD[:-1]:
        call.hear(words)
    assert press(call, "1")[0] is K.ASK_PHONE_FOR_NAME
    assert call.state.stage is Stage.QUALIFYING
    press(call, "5550123456")
    assert [(each.reason, each.phone) for each in call.messages.values()] == [(Reason.LEAD, "+15550123456")]
    call.hear("No, that's all.")
    assert disposition(call.state) is Disposition.QUALIFIED


def press(call: Desk, keys: str) -> list[LineKey]:
    return call.happen(Pressed(keys))
