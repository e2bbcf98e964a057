"""Every stage against every event."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import BESIDE, PENDING_STAGES, TABLE, CallState, Stage, Transition, advance, new_call
from agent.domain.events import (
    EVENT_KINDS,
    Answered,
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    CalledBack,
    CallerHungUp,
    Cancelled,
    EmergencyHeard,
    Event,
    Held,
    HoldLost,
    Listed,
    Moved,
    OpeningsFound,
    Pressed,
    PromptCut,
    Said,
    Silent,
    StoreFailed,
    Taken,
    Unheard,
)
from agent.domain.facts import Advice, DayConflict, Emergency, Expect, Facts, Step, When, Wish
from agent.domain.intent import Operation
from agent.domain.key_menus import MENU_KEYS
from agent.domain.keypad import KEYS
from agent.domain.lead import Interest, Lead, LeadFacts
from agent.domain.left import Left
from agent.domain.lines import LineKey, line
from agent.domain.notes import Message, Reason, Text, TextKind, WayOut
from agent.domain.objections import Objection
from agent.domain.openings import Opening, window_for
from agent.domain.questions import Question, Topic
from agent.domain.ranking import Offer, OfferReason
from agent.domain.requests import FindAppointments
from agent.domain.side_talk import Paused, SideTalk
from agent.domain.staffing import ANYBODY, StaffWish
from agent.domain.state import Aside, Change, Doubt, EndReason, Lookup, Place
from agent.domain.steps import when_of
from agent.domain.transfers import TransferDone, TransferFailed, TransferRefusal
from agent.domain.ways_out import DIVERTIBLE
from tests.unit.domain.desk import CALLER, NOW, TENANT
from tests.unit.domain.picture import PATH, draw

ID = UUID(int=7)
WISH = window_for(When(date(2026, 11, 26), date(2026, 11, 26), at=time(15)), TENANT)
assert WISH is not None
START = WISH.earliest_at
OPENING = Opening(TENANT.staff[0].id, START, START + timedelta(minutes=45), START, START + timedelta(minutes=45))
LATER = replace(
    OPENING, start_at=START + timedelta(hours=1), end_at=START + timedelta(minutes=105),
    busy_from=START + timedelta(hours=1), busy_to=START + timedelta(minutes=105),
)  # fmt: skip
HOLD = Hold(ID, OPENING, NOW + timedelta(minutes=10))
APPOINTMENT = Appointment(ID, "cleaning", OPENING)
EARLIER = Appointment(UUID(int=8), "filling", LATER)
THIRD = Appointment(UUID(int=9), "whitening", LATER)
FOUND = ((), (APPOINTMENT,), (APPOINTMENT, EARLIER), (APPOINTMENT, EARLIER, THIRD))
CHANGES = [
    Change(operation, lookup=lookup) for operation in (Operation.MOVE, Operation.CANCEL) for lookup in Lookup
]  # fmt: skip
QUESTION = (line(LineKey.ASK_HELP),)

ALL_FACTS = (
    Facts(text="?"),
    Facts(answer=True),
    Facts(answer=False),
    Facts(service_id="filling"),
    Facts(service_id="cleaning", when=When(date(2026, 11, 27), date(2026, 11, 27))),
    Facts(when=When(not_before=when_of(OPENING, TENANT).at)),
    Facts(when=When(date(2026, 11, 1), date(2026, 11, 1))),
    Facts(conflict=DayConflict(0, date(2026, 12, 1))),
    Facts(is_past=True),
    Facts(name="Dana Smith", phone="+15550123456"),
    Facts(phone_digits="555"),
    Facts(staff=StaffWish(only=(TENANT.staff[1].id,))),
    Facts(staff=StaffWish(only=(TENANT.staff[1].id,)), service_id="whitening"),
    Facts(staff=StaffWish(but=(TENANT.staff[0].id,))),
    Facts(staff=StaffWish(is_unknown=True)),
    Facts(staff=ANYBODY, answer=False),
    Facts(same_number=True),
    Facts(choice=1),
    Facts(choice=7),
    *(Facts(wishes=frozenset({wish})) for wish in Wish),
    Facts(answer=True, wishes=frozenset({Wish.GOODBYE})),
    *(Facts(emergency=kind) for kind in Emergency),
    Facts(emergency=Emergency.DANGER, service_id="cleaning", wishes=frozenset({Wish.GOODBYE})),
    *(Facts(advice=kind) for kind in Advice),
    Facts(advice=Advice.MEDICAL, service_id="cleaning"),
    Facts(is_private=True),
    *(Facts(wishes=frozenset({wish}), is_doubtful=True) for wish in (Wish.CANCEL, Wish.BOOK)),
    Facts(service_id="filling", is_doubtful=True),
    Facts(wishes=frozenset({Wish.MESSAGE}), step=Step.EMBEDDING, is_doubtful=True),
    Facts(emergency=Emergency.GAS, is_doubtful=True),
    *(Facts(questions=(Question(topic),)) for topic in Topic),
    Facts(questions=(Question(Topic.PRICE, service_id="cleaning"), Question(Topic.UNKNOWN)), answer=True),
    Facts(questions=(Question(Topic.CLOSES),), when=When(date(2026, 11, 27), date(2026, 11, 27))),
    *(Facts(objection=objection) for objection in Objection),
    Facts(objection=Objection.PRICE, answer=True),
    Facts(asks_offer=0),
    Facts(asks_offer=-1),
    Facts(lead=LeadFacts(Interest.BUY)),
    Facts(lead=LeadFacts(Interest.SELL, 45_000_000, 3)),
    Facts(message="I'm running late", is_private=True, phone="+15550123456"),
    Facts(message="tell Dr. Lee I'm late", recipient="Dr. Lee", wishes=frozenset({Wish.MESSAGE}), is_urgent=True),
    Facts(answer=False, is_urgent=False),
    *(Facts(answer=False, wrong=wrong) for wrong in (Expect.PHONE, Expect.NAME, Expect.MESSAGE)),
    Facts(is_phone_garbled=True),
    Facts(booked_when=when_of(OPENING, TENANT), wishes=frozenset({Wish.CANCEL})),
    Facts(booked_when=when_of(LATER, TENANT), when=When(at=time(10)), wishes=frozenset({Wish.MOVE})),
)
WISHED = when_of(OPENING, TENANT)
#: What a call may have left: drafts with and without a time, changes, a message; each kind done as well.
LEFTS = (
    Left(CALLER, Operation.BOOK, service_id="cleaning", when=WISHED, name="Dana Smith", phone="+15550123456"),
    Left(CALLER, Operation.BOOK, service_id="cleaning", has_keypad=True),
    Left(CALLER, Operation.BOOK, service_id="a service of the past"),
    Left(CALLER, Operation.MOVE, appointment=EARLIER, when=WISHED),
    Left(CALLER, Operation.MOVE, appointment=EARLIER),
    Left(CALLER, Operation.CANCEL, appointment=EARLIER),
    Left(CALLER, None, name="Dana Smith", phone=CALLER),
    *(Left(CALLER, operation, is_done=True, appointment=EARLIER) for operation in (*list(Operation)[:3], None)),
)
ENTRIES = (*KEYS, "1203", "0930", "1345", "5550123456", "5550123#", "555", "15550123456", "55501234567")
ALL_EVENTS: tuple[Event, ...] = (
    Answered(), *(CalledBack(left) for left in LEFTS),
    *(Said(facts) for facts in ALL_FACTS), *(Pressed(keys) for keys in ENTRIES),
    *(EmergencyHeard(kind) for kind in Emergency),
    Pressed("", is_private=True), Unheard(), OpeningsFound(()), OpeningsFound((Offer(OPENING, OfferReason.EXACT),)),
    OpeningsFound((Offer(LATER, OfferReason.NEAREST), Offer(OPENING, OfferReason.OTHER_STAFF))), Listed(),
    Held(HOLD), HoldLost(), Booked(APPOINTMENT), BookingLost(), StoreFailed(),
    *(AppointmentsFound(found) for found in FOUND), Moved(APPOINTMENT), Cancelled(APPOINTMENT), AppointmentGone(),
    TransferDone(), *(TransferFailed(reason) for reason in TransferRefusal),
    Taken(), Taken(was_known=True),
    PromptCut(0.0), PromptCut(1.0), Silent(1), Silent(2), Silent(3), Silent(9), CallerHungUp(),
    CallerHungUp(is_cut_off=True),
)  # fmt: skip


MESSAGE = Message(text="I'm running late", is_urgent=False, name="Dana Smith", phone=CALLER)
PLACES = (None, *(Place(stage, Expect.WHEN, QUESTION) for stage in (Stage.SERVICE, Stage.TIME, Stage.CONFIRMING)))


def states_beside(stage: Stage, whole: CallState) -> list[CallState]:
    """States of a stage beside the call's goal, `whole` being a booking that is under way."""
    plain = replace(whole, hold=None, service_id=None, failed_stage=None)
    drafts = (MESSAGE, Message(text="Late" if stage is not Stage.MESSAGE else "", is_urgent=True))
    match stage:
        case Stage.CALLED_BACK:  # with everything that can be gone on with after a yes
            open_ends = [left for left in LEFTS if not left.is_done and left.operation is not Operation.CANCEL]
            bare = replace(new_call(CALLER), stage=stage, question=QUESTION, last_lines=QUESTION)
            whether = [replace(bare, left=left, expects=Expect.YES_NO) for left in open_ends]
            return [*whether, replace(whether[0], misses=2), replace(whether[0], is_checking=True)]
        case Stage.WAY_OUT:
            offered = [(at, WayOut.MESSAGE) for at in sorted(DIVERTIBLE, key=lambda at: at.value)]
            return [
                replace(
                    states_of(at)[-1], stage=stage, expects=Expect.YES_NO, failed_stage=None,
                    aside=Aside(place=Place(at, Expect.WHEN, QUESTION, misses=2), way_out=way),
                )
                for at, way in [*offered, (Stage.TIME, WayOut.SMS_LINK)]
            ]  # fmt: skip
        case Stage.NOTING:
            text = Text(TextKind.CONFIRMATION, CALLER, "ask_text", "yes", APPOINTMENT)
            notes = [Aside(place=place, message=MESSAGE, said=LineKey.MESSAGE_TAKEN) for place in PLACES]
            owed = Aside(message=Message(Reason.CHANGE), said=LineKey.GIVE_UP_STORE, ending=EndReason.STORE_FAILED)
            sent = Aside(text=text, said=LineKey.TEXT_COMING)
            return [replace(whole, aside=each) for each in (*notes, owed, sent)]
    asides = [Aside(place=place, message=draft) for place in PLACES for draft in drafts]
    expects = Expect.NAME if stage is Stage.MESSAGE_CONTACT else Expect.YES_NO
    states = [replace(state, aside=aside, expects=expects) for aside in asides for state in (plain, whole)]
    return [*states, replace(states[0], misses=2, is_checking=True), replace(states[-1], is_readback_heard=False)]


def states_of(stage: Stage) -> list[CallState]:
    """A fresh, a half-filled and a full state of a stage."""
    bare = replace(new_call(CALLER), stage=stage, question=QUESTION, last_lines=QUESTION)
    booked_before = replace(
        bare, service_id="cleaning", when=when_of(OPENING, TENANT), hold=HOLD, name="Dana Smith", phone="+15550123456",
        offered=(OPENING, LATER), chosen=OPENING, expects=Expect.YES_NO, failed_stage=Stage.BOOKING, store_failures=1,
        is_readback_heard=True,
    )  # fmt: skip
    half = replace(bare, service_id="cleaning", when=when_of(OPENING, TENANT), offered=(OPENING,), chosen=OPENING)
    if stage in (Stage.FINDING, Stage.IDENTIFYING, Stage.WHICH):
        named = [replace(change, found=FOUND[index % 2 + 2]) for index, change in enumerate(CHANGES)]
        asked = replace(bare, name="Dana Smith", phone="+15550123456", phone_digits=None)
        return [replace(state, change=change) for change in named for state in (bare, asked)]
    if stage in (Stage.CONFIRMING_MOVE, Stage.MOVING):
        moved = replace(booked_before, change=Change(Operation.MOVE, target=EARLIER), failed_stage=None, offered=())
        return [moved, replace(moved, misses=2), replace(moved, is_readback_heard=False, appointments=(EARLIER,))]
    if stage in (Stage.CONFIRMING_CANCEL, Stage.CANCELLING):
        called_off = replace(bare, service_id="filling", change=Change(Operation.CANCEL, target=EARLIER))
        return [replace(called_off, is_readback_heard=True), called_off, replace(called_off, appointments=(EARLIER,))]
    if stage in (Stage.OFFERING_LIST, Stage.CONFIRMING_LIST, Stage.LISTING):
        waiting = replace(booked_before, hold=None, chosen=None, failed_stage=None, is_waiting=True)
        return [waiting, replace(waiting, misses=2, is_checking=True, hold=HOLD), replace(waiting, name=None)]
    if stage in (Stage.CONFIRMING, Stage.BOOKING):
        return [booked_before, replace(booked_before, misses=2, is_checking=True)]
    if stage in BESIDE | {Stage.CALLED_BACK}:
        return states_beside(stage, replace(booked_before, failed_stage=None))
    if stage is Stage.OFFERING_TEXT:
        made = replace(bare, appointments=(APPOINTMENT,), phone=CALLER, is_text_asked=True)
        return [made, replace(made, misses=2), replace(made, is_outcome_heard=False), replace(made, is_checking=True)]
    if stage is Stage.TROUBLE:
        moved = replace(booked_before, change=Change(Operation.MOVE, target=EARLIER), failed_stage=Stage.MOVING)
        called_off = replace(moved, change=Change(Operation.CANCEL, target=EARLIER), failed_stage=Stage.CANCELLING)
        sought = replace(bare, change=Change(Operation.CANCEL), failed_stage=Stage.FINDING)
        waiting = replace(booked_before, hold=None, is_waiting=True, failed_stage=Stage.LISTING)
        noted = replace(bare, aside=Aside(message=MESSAGE, said=LineKey.MESSAGE_TAKEN), failed_stage=Stage.NOTING)
        return [booked_before, replace(half, failed_stage=Stage.SEARCHING), moved, called_off, sought, waiting, noted]
    if stage is Stage.QUALIFYING:
        lead = replace(bare, lead=Lead(LeadFacts(Interest.BUY)), question=(line(LineKey.LEAD_BUDGET),))
        told = Lead(LeadFacts(Interest.SELL, 45_000_000, 3), ("decision",))
        return [lead, replace(lead, misses=2), replace(lead, lead=told, question=(line(LineKey.ASK_NAME),))]
    if stage in (Stage.RINGING, Stage.SERVICE):
        unsure = Doubt(Facts(wishes=frozenset({Wish.MOVE}), is_doubtful=True), QUESTION, Expect.SERVICE)
        resting = SideTalk(objections=(Objection.PRICE,), paused=Paused(QUESTION, Expect.SERVICE))
        return [
            bare,
            replace(bare, misses=2),
            replace(bare, doubt=unsure, expects=Expect.YES_NO),
            replace(bare, side=resting, expects=Expect.YES_NO),
        ]
    sought = replace(half, service_id="filling", change=Change(Operation.MOVE, target=EARLIER), when=None)
    if stage is Stage.DONE:
        return [bare, replace(bare, misses=2, appointments=(APPOINTMENT,)), replace(bare, appointments=(EARLIER,))]
    booking = [half, replace(half, misses=2, losses=2), booked_before]
    return booking if stage in (Stage.NAME, Stage.PHONE) else [*booking, sought]


CASES = [(stage, event) for stage in Stage for event in ALL_EVENTS]


@pytest.mark.parametrize(("stage", "event"), CASES, ids=lambda value: getattr(value, "value", type(value).__name__))
def test_every_stage_takes_every_event(stage: Stage, event: Event) -> None:
    for state in states_of(stage):
        step = advance(state, event, NOW, TENANT)
        rule = TABLE.get((stage, type(event)))
        if rule is None:
            assert step == Transition(state)
            continue
        assert step.state.stage in rule.to
        assert CallState.from_json(step.state.to_json()) == step.state
        for read in step.reads:
            if isinstance(read, FindAppointments) and read.name is None:
                assert read.phone == state.caller_number is not None, "looked for by a number nobody called from"
        assert (step.state.stage in PENDING_STAGES) <= bool(step.reads or step.effects or stage in PENDING_STAGES), (
            "a pending stage was entered without asking storage for anything"
        )
        if step.state.stage is Stage.ENDED is not stage and not isinstance(event, CallerHungUp | TransferDone):
            assert step.say, "the call was ended without a word"


def test_every_question_tells_what_it_expects() -> None:
    for stage, event in CASES:
        for state in states_of(stage):
            step = advance(state, event, NOW, TENANT)
            if step.state.stage is stage or step.state.stage in PENDING_STAGES | {Stage.ENDED}:
                continue
            assert step.say, f"{stage} --{event}--> {step.state.stage} says nothing"
            asked = tuple(said for said in step.say if said.key not in MENU_KEYS or said in step.state.question)
            is_named = step.state.has_keypad and step.state.question[-1].key is LineKey.ASK_SERVICE
            assert is_named or step.state.question == asked[-1:]


def test_a_table_row_exists_for_every_event_somewhere() -> None:
    assert {kind for _, kind in TABLE} == set(EVENT_KINDS)


@pytest.mark.parametrize("seed", range(40))
def test_random_walks_never_raise_and_always_can_end(seed: int) -> None:
    chance = random.Random(seed)
    state = new_call(CALLER if seed % 2 else None)
    for _ in range(60):
        state = advance(state, chance.choice(ALL_EVENTS[:-6]), NOW, TENANT).state
        assert CallState.from_json(state.to_json()) == state
    if state.stage not in PENDING_STAGES | {Stage.RINGING}:
        state = advance(state, Silent(3), NOW, TENANT).state
        assert advance(state, Taken(), NOW, TENANT).state.stage is Stage.ENDED


def test_utterances_without_meaning_end_every_stage_within_four_and_what_is_promised_is_stored() -> None:
    for stage in {stage for stage, kind in TABLE if kind is Said} - PENDING_STAGES:
        state = replace(states_of(stage)[0], misses=0)
        for _ in range(4):
            state = advance(state, Said(Facts(text="?")), NOW, TENANT).state
            if state.stage is Stage.NOTING:
                step = advance(state, Taken(), NOW, TENANT)
                state = step.state
        assert state.stage is Stage.ENDED, stage
        has_promised = any(said.key is LineKey.GIVE_UP_NOT_UNDERSTOOD for said in state.last_lines)
        assert has_promised <= (state.wants_callback or state.has_left_message)


def test_a_state_written_by_a_newer_release_is_still_read() -> None:
    document = new_call(CALLER).to_json() | {"a_field_of_tomorrow": 1}
    assert CallState.from_json(document) == new_call(CALLER)


def test_the_picture_in_the_docs_is_the_tables() -> None:
    assert PATH.read_text(encoding="utf-8") == draw(), "run: python -m tests.unit.domain.picture"
