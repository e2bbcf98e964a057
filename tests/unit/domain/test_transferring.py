"""Asking for a person: who is put through, what the person is told, and what a failure leaves as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import PENDING_STAGES, TABLE, CallState, Stage, advance, new_call
from agent.domain.events import Event, Said, Silent, StoreFailed
from agent.domain.facts import Facts, Wish
from agent.domain.lines import LineKey, line
from agent.domain.openings import Opening
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ReleaseHold
from agent.domain.state import EndReason, Transition
from agent.domain.tenant import Tenant
from agent.domain.transfers import (
    Transfer,
    TransferDone,
    TransferFailed,
    TransferKind,
    TransferRefusal,
    TransferRule,
)
from tests.unit.domain.desk import CALLER, NOW, TENANT
from tests.unit.domain.test_call_table import states_of

WARM = TransferRule("+15550109300", TransferKind.WARM, is_always=True)
COLD = replace(WARM, kind=TransferKind.COLD)
OPEN_HOURS = replace(WARM, is_always=False)
#: A Thursday, 10 AM in New York; NOW is a Saturday, when the business is closed.
OPEN_AT = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
ASKED = Said(Facts(wishes=frozenset({Wish.HUMAN})))
OPENING = Opening(TENANT.staff[0].id, OPEN_AT, OPEN_AT + timedelta(minutes=45), OPEN_AT, OPEN_AT)
QUESTION = (line(LineKey.ASK_NAME),)
AT_NAME = replace(
    new_call(CALLER), stage=Stage.NAME, service_id="cleaning", question=QUESTION,
    hold=Hold(UUID(int=1), OPENING, OPEN_AT),
)  # fmt: skip


def _of(rule: TransferRule | None) -> Tenant:
    return replace(TENANT, transfer=rule)


def _asked(state: CallState, rule: TransferRule | None = WARM, event: Event = ASKED) -> Transition:
    return advance(state, event, NOW, _of(rule))


def _transfer(step: Transition) -> Transfer:
    (effect,) = step.effects
    assert isinstance(effect, Transfer)
    return effect


def test_a_caller_who_asks_for_a_person_is_put_through_and_told_so() -> None:
    step = _asked(AT_NAME)
    assert step.state.stage is Stage.TRANSFERRING
    assert [said.key for said in step.say] == [LineKey.TRANSFER_STARTS]
    assert (_transfer(step).to, _transfer(step).kind) == (WARM.to, TransferKind.WARM)


@pytest.mark.parametrize("stage", [stage for stage in Stage if TABLE.get((stage, Said))])
def test_from_every_stage_that_waits_for_the_caller_a_person_may_be_had_and_the_stage_comes_back(stage: Stage) -> None:
    for state in states_of(stage):
        step = _asked(state)
        assert (step.state.stage is Stage.TRANSFERRING) == (stage not in PENDING_STAGES or stage is Stage.TRANSFERRING)
        if stage in PENDING_STAGES:
            continue
        assert CallState.from_json(step.state.to_json()) == step.state
        back = advance(step.state, TransferFailed(TransferRefusal.BUSY), NOW, _of(WARM))
        assert (back.state.stage, back.state.question) == (stage, state.question)


def test_a_business_without_anybody_to_put_through_to_answers_as_before() -> None:
    step = _asked(AT_NAME, rule=None)
    assert (step.state.stage, step.effects) == (Stage.NAME, ())
    assert [said.key for said in step.say] == [LineKey.HUMAN_NOT_AVAILABLE, LineKey.ASK_NAME]


@pytest.mark.parametrize(("at", "stage"), [(OPEN_AT, Stage.TRANSFERRING), (NOW, Stage.NAME)])
def test_outside_its_hours_nobody_is_dialled(at: datetime, stage: Stage) -> None:
    assert advance(AT_NAME, ASKED, at, _of(OPEN_HOURS)).state.stage is stage


def test_the_person_is_told_who_calls_from_where_and_about_what() -> None:
    (who, what) = _transfer(_asked(replace(AT_NAME, name="Dana Smith", phone="+15550123456"))).briefing
    assert who == line(LineKey.BRIEFING_NAME_AND_NUMBER, name="Dana Smith", phone="+15550123456")
    assert what == line(LineKey.BRIEFING_WISHED, service="cleaning")


def test_what_was_booked_matters_more_than_what_was_wished() -> None:
    booked = replace(AT_NAME, appointments=(Appointment(UUID(int=2), "filling", OPENING),))
    last = _transfer(_asked(booked)).briefing[-1]
    assert last == line(LineKey.BRIEFING_BOOKED, service="filling", start_at=OPEN_AT.isoformat())


@pytest.mark.parametrize("rule", [COLD, replace(WARM, has_briefing=False)])
def test_nobody_is_briefed_by_a_carrier_or_against_the_wish_of_the_business(rule: TransferRule) -> None:
    assert _transfer(_asked(AT_NAME, rule)).briefing == ()


def test_a_caller_without_a_number_is_a_caller_on_the_line() -> None:
    state = replace(AT_NAME, caller_number=None, service_id=None, hold=None)
    assert _transfer(_asked(state)).briefing == (line(LineKey.BRIEFING_NOBODY),)


@pytest.mark.parametrize("reason", TransferRefusal)
def test_a_caller_whom_nobody_takes_goes_on_where_they_were(reason: TransferRefusal) -> None:
    away = _asked(AT_NAME).state
    back = advance(away, TransferFailed(reason), NOW, _of(WARM))
    assert back.say[-1:] == QUESTION
    assert len(back.say) == 2
    assert back.state == replace(AT_NAME, transfers=1, last_lines=back.say)


def test_an_agent_that_finds_a_transfer_under_way_goes_on_with_the_caller() -> None:
    back = advance(_asked(AT_NAME).state, StoreFailed(), NOW, _of(WARM))
    assert (back.state.stage, back.say[-1:]) == (Stage.NAME, QUESTION)


def test_who_is_put_through_leaves_nothing_reserved_and_was_transferred() -> None:
    gone = advance(_asked(AT_NAME).state, TransferDone(), NOW, _of(WARM))
    assert (gone.state.end_reason, gone.say) == (EndReason.TRANSFERRED, ())
    assert gone.effects == (ReleaseHold(UUID(int=1)),)
    assert disposition(gone.state) is Disposition.TRANSFERRED


def test_each_attempt_has_a_key_of_its_own_and_the_third_is_not_made() -> None:
    state, keys = AT_NAME, []
    for _ in range(2):
        step = _asked(state)
        keys.append(_transfer(step).key)
        state = advance(step.state, TransferFailed(TransferRefusal.BUSY), NOW, _of(WARM)).state
    assert len(set(keys)) == 2
    assert _asked(state).say[0].key is LineKey.HUMAN_NOT_AVAILABLE


def test_asking_again_while_it_rings_dials_nobody_a_second_time() -> None:
    away = _asked(AT_NAME).state
    again = _asked(away)
    assert (again.state, again.effects) == (away, ())


@pytest.mark.parametrize(("rule", "said"), [(WARM, [LineKey.TRANSFER_WAIT]), (COLD, [])])
def test_only_a_warm_transfer_speaks_to_the_waiting_caller(rule: TransferRule, said: list[LineKey]) -> None:
    """In a cold one they hear it ring, and nothing of ours."""
    away = _asked(AT_NAME, rule).state
    for event in (Silent(3), Said(Facts(answer=True))):
        assert [spoken.key for spoken in _asked(away, rule, event).say] == said


def test_a_goodbye_while_it_rings_ends_the_call() -> None:
    bye = _asked(_asked(AT_NAME).state, event=Said(Facts(wishes=frozenset({Wish.GOODBYE}))))
    assert (bye.state.stage, bye.say[-1].key) == (Stage.ENDED, LineKey.FAREWELL)


def test_a_person_asked_for_beside_a_time_does_not_cost_the_caller_the_time() -> None:
    step = _asked(AT_NAME, event=Said(Facts(name="Dana Smith", wishes=frozenset({Wish.HUMAN}))))
    assert (step.state.stage, step.state.name) == (Stage.PHONE, "Dana Smith")
