"""Every stage against every event."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import PENDING_STAGES, TABLE, CallState, Stage, Transition, advance, new_call
from agent.domain.events import (
    EVENT_KINDS,
    Answered,
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    CallerHungUp,
    Cancelled,
    Event,
    Held,
    HoldLost,
    Moved,
    OpeningsFound,
    PromptCut,
    Said,
    Silent,
    StoreFailed,
)
from agent.domain.facts import Advice, DayConflict, Emergency, Expect, Facts, When, Wish
from agent.domain.intent import Operation
from agent.domain.lines import LineKey, line
from agent.domain.openings import Opening, window_for
from agent.domain.requests import FindAppointments
from agent.domain.state import Change, Lookup
from agent.domain.steps import when_of
from agent.domain.transfers import TransferDone, TransferFailed, TransferRefusal
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
    Facts(booked_when=when_of(OPENING, TENANT), wishes=frozenset({Wish.CANCEL})),
    Facts(booked_when=when_of(LATER, TENANT), when=When(at=time(10)), wishes=frozenset({Wish.MOVE})),
)
ALL_EVENTS: tuple[Event, ...] = (
    Answered(), *(Said(facts) for facts in ALL_FACTS), OpeningsFound(()), OpeningsFound((OPENING,)),
    OpeningsFound((LATER, OPENING)), Held(HOLD), HoldLost(), Booked(APPOINTMENT), BookingLost(), StoreFailed(),
    *(AppointmentsFound(found) for found in FOUND), Moved(APPOINTMENT), Cancelled(APPOINTMENT), AppointmentGone(),
    TransferDone(), *(TransferFailed(reason) for reason in TransferRefusal),
    PromptCut(0.0), PromptCut(1.0), Silent(1), Silent(2), Silent(3), Silent(9), CallerHungUp(),
)  # fmt: skip


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
    if stage in (Stage.CONFIRMING, Stage.BOOKING):
        return [booked_before, replace(booked_before, misses=2, is_checking=True)]
    if stage is Stage.TROUBLE:
        moved = replace(booked_before, change=Change(Operation.MOVE, target=EARLIER), failed_stage=Stage.MOVING)
        called_off = replace(moved, change=Change(Operation.CANCEL, target=EARLIER), failed_stage=Stage.CANCELLING)
        sought = replace(bare, change=Change(Operation.CANCEL), failed_stage=Stage.FINDING)
        return [booked_before, replace(half, failed_stage=Stage.SEARCHING), moved, called_off, sought]
    if stage in (Stage.RINGING, Stage.SERVICE):
        return [bare, replace(bare, misses=2)]
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
            assert step.state.question == step.say[-1:]


def test_a_table_row_exists_for_every_event_somewhere() -> None:
    assert {kind for _, kind in TABLE} == set(EVENT_KINDS)


@pytest.mark.parametrize("seed", range(40))
def test_random_walks_never_raise_and_always_can_end(seed: int) -> None:
    chance = random.Random(seed)
    state = new_call(CALLER if seed % 2 else None)
    for _ in range(60):
        state = advance(state, chance.choice(ALL_EVENTS[:-5]), NOW, TENANT).state
        assert CallState.from_json(state.to_json()) == state
    if state.stage not in PENDING_STAGES | {Stage.RINGING}:
        assert advance(state, Silent(3), NOW, TENANT).state.stage is Stage.ENDED


def test_utterances_without_meaning_end_every_stage_within_three() -> None:
    for stage in {stage for stage, kind in TABLE if kind is Said} - PENDING_STAGES:
        state = replace(states_of(stage)[0], misses=0)
        for _ in range(3):
            state = advance(state, Said(Facts(text="?")), NOW, TENANT).state
        assert state.stage is Stage.ENDED, stage


def test_a_state_written_by_a_newer_release_is_still_read() -> None:
    document = new_call(CALLER).to_json() | {"a_field_of_tomorrow": 1}
    assert CallState.from_json(document) == new_call(CALLER)


def test_the_picture_in_the_docs_is_the_tables() -> None:
    assert PATH.read_text(encoding="utf-8") == draw(), "run: python -m tests.unit.domain.picture"
