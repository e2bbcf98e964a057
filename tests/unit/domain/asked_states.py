"""A state for each kind of question that a key can answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import CallState, Stage, new_call
from agent.domain.facts import Expect, When
from agent.domain.intent import Operation
from agent.domain.keypad import (
    Asked,
)
from agent.domain.lead import Interest, Lead, LeadFacts
from agent.domain.left import Left
from agent.domain.lines import LineKey, line
from agent.domain.notes import Message, WayOut
from agent.domain.openings import Opening, utc_or_none
from agent.domain.state import Aside, Change, Place
from tests.unit.domain.desk import CALLER, NOW, TENANT

#: NOW is a Saturday, November 21st 2026.
DAY = date(2026, 11, 26)


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
