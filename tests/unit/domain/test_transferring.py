"""Asking for a person: who is put through, what the person is told, and what a failure leaves as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import PENDING_STAGES, TABLE, CallState, Stage, advance, new_call
from agent.domain.events import CallerHungUp, Event, Said, Silent, StoreFailed
from agent.domain.facts import Facts, Wish
from agent.domain.lines import LineKey, line
from agent.domain.notes import WayOut
from agent.domain.openings import Opening
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import Effect, ReleaseHold, TakeMessage
from agent.domain.state import EndReason, Transition
from agent.domain.tenant import MessageRules, Tenant
from agent.domain.transfers import (
    Transfer,
    TransferDone,
    TransferFailed,
    TransferKind,
    TransferRefusal,
    TransferRule,
)
from tests.unit.domain.desk import CALLER, NOW, TENANT, Desk
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


def _of(rule: TransferRule | None, *, takes_messages: bool = False) -> Tenant:
    return replace(TENANT, transfer=rule, messages=MessageRules(is_taken=takes_messages))


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
        place = state.aside.place if state.aside and stage is Stage.WAY_OUT else None
        expected = (stage, state.question) if place is None else (place.stage, place.question)
        assert (back.state.stage, back.state.question) == expected


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
def test_a_caller_whom_nobody_takes_and_can_leave_no_message_goes_on(reason: TransferRefusal) -> None:
    away = _asked(AT_NAME).state
    back = advance(away, TransferFailed(reason), NOW, _of(WARM))
    assert back.say[-1:] == QUESTION
    assert len(back.say) == 2
    assert back.state == replace(AT_NAME, transfers=1, ways_refused=(WayOut.HUMAN,), last_lines=back.say)


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


def test_a_message_for_the_manager_is_a_message_and_nobody_is_dialled() -> None:
    facts = Facts(wishes=frozenset({Wish.HUMAN, Wish.MESSAGE}), recipient="the manager")
    step = advance(AT_NAME, Said(facts), NOW, _of(WARM, takes_messages=True))
    assert (step.state.stage, step.effects) == (Stage.MESSAGE, ())


def test_what_a_private_business_does_is_not_told_to_who_picks_up() -> None:
    private = replace(_of(WARM), is_private=True)
    (who,) = _transfer(advance(AT_NAME, ASKED, NOW, private)).briefing
    assert who.key is LineKey.BRIEFING_NUMBER


def _front(*words: str) -> Desk:
    desk = Desk(tenant=_of(WARM, takes_messages=True))
    desk.answer()
    for each in words:
        desk.hear(each)
    return desk


def _dialled(desk: Desk) -> list[Effect]:
    return [effect for effect in desk.effects if isinstance(effect, Transfer)]


def test_a_caller_whom_nobody_takes_is_offered_a_message_and_keeps_what_was_said() -> None:
    desk = _front("A cleaning on Thursday at 3.")
    before = desk.state
    assert desk.hear("Can I speak to a person?") == [
        LineKey.TRANSFER_STARTS, LineKey.TRANSFER_NO_ANSWER, LineKey.OFFER_MESSAGE,
    ]  # fmt: skip
    assert desk.hear("No.") == [LineKey.ASK_NAME]
    assert (desk.state.stage, desk.state.hold, desk.state.when) == (Stage.NAME, before.hold, before.when)


def test_a_message_left_instead_of_a_person_is_stored() -> None:
    desk = _front("Can I speak to a person?", "Yes, please.", "I have a question about my bill.", "No.", "Dana Smith.")
    assert desk.hear("Yes.") == [LineKey.MESSAGE_TAKEN, LineKey.ASK_ANYTHING_ELSE]
    (message,) = desk.messages.values()
    assert (message.text, message.is_confirmed) == ("I have a question about my bill.", True)


def test_a_second_wish_is_dialled_again_and_what_was_refused_is_not_offered_again() -> None:
    desk = _front("Can I speak to a person?", "No.")
    said = desk.hear("I want to talk to a human.")
    assert said == [LineKey.TRANSFER_STARTS, LineKey.TRANSFER_NO_ANSWER, LineKey.ASK_HELP]
    assert desk.hear("I want a human.") == [LineKey.HUMAN_NOT_AVAILABLE, LineKey.ASK_HELP]
    assert len(_dialled(desk)) == 2


def test_whoever_is_not_understood_is_offered_a_person_first_and_then_a_message() -> None:
    desk = _front("A cleaning.", "Banana.", "Banana.")
    assert desk.hear("Banana.") == [LineKey.LOST, LineKey.OFFER_HUMAN]
    said = desk.hear("Yes, please.")
    assert said == [LineKey.TRANSFER_STARTS, LineKey.TRANSFER_NO_ANSWER, LineKey.OFFER_MESSAGE]
    assert desk.hear("No.") == [LineKey.ASK_WHEN]


def test_a_person_who_is_refused_is_not_dialled() -> None:
    desk = _front("A cleaning.", "Banana.", "Banana.", "Banana.")
    assert desk.hear("No, thanks.") == [LineKey.OFFER_MESSAGE]
    assert _dialled(desk) == []


def test_a_message_being_taken_goes_on_when_nobody_takes_the_call() -> None:
    desk = _front("I'd like to leave a message.", "I have a question about my bill.")
    assert desk.hear("Can I talk to a real person?")[-1] is LineKey.ASK_MESSAGE_URGENT
    desk.hear("No.")
    assert desk.state.aside is not None
    assert desk.state.aside.message is not None
    assert desk.state.aside.message.text == "I have a question about my bill."


def test_a_caller_who_hangs_up_while_it_rings_leaves_the_words_they_had_said() -> None:
    desk = _front("I'd like to leave a message.", "I have a question about my bill.")
    away = advance(desk.state, ASKED, NOW, desk.tenant).state
    (effect,) = advance(away, CallerHungUp(), NOW, desk.tenant).effects
    assert isinstance(effect, TakeMessage)
    assert not effect.message.is_confirmed
