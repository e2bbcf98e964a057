"""A caller whose last call was cut off calls back: told where things stand, and taken on from there.

What the number alone may know is said at once: the service and the time. Name and number of the draft are said, and
the diary is asked, after a yes in this call. See docs/adr/0037.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent.domain import booking, messages
from agent.domain.appointments import Appointment
from agent.domain.changing import settle
from agent.domain.details import take_details
from agent.domain.events import CalledBack, Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.intent import Operation
from agent.domain.left import Left, News
from agent.domain.lines import Line, LineKey, line
from agent.domain.openings import window_for
from agent.domain.state import CallState, Change, Stage, Transition
from agent.domain.steps import absorb, appointment_args, ask, next_step
from agent.domain.talk import converse, greeting, not_understood
from agent.domain.tenant import Tenant

_NEWS: dict[Operation | None, LineKey] = {
    Operation.BOOK: LineKey.STILL_BOOKED,
    Operation.MOVE: LineKey.STILL_MOVED,
    Operation.CANCEL: LineKey.STILL_CANCELLED,
    None: LineKey.STILL_NOTED,
}
#: Wishes to do something to an appointment; of another kind than what was left, they begin anew.
_GOALS: dict[Wish, Operation] = {
    Wish.BOOK: Operation.BOOK,
    Wish.MOVE: Operation.MOVE,
    Wish.CANCEL: Operation.CANCEL,
}


def greet(state: CallState, event: CalledBack, now: datetime, tenant: Tenant) -> Transition:
    """Greet as ever, say that we were cut off and where things stand, and ask whether to go on."""
    left, lead = event.left, greeting(tenant)
    known = replace(state, left=left, has_keypad=left.has_keypad)
    if left.is_done:
        return _tell(known, left, lead, tenant)
    if left.operation is Operation.CANCEL and left.appointment is not None:
        begun = replace(state, change=Change(Operation.CANCEL), has_keypad=left.has_keypad)
        step = settle(begun, left.appointment, now, tenant)
        return ask(
            step.state, step.state.stage, step.state.expects, step.say[-1], lead=(*lead, line(LineKey.WAS_CUT_OFF))
        )  # fmt: skip
    question = _question(left, now, tenant)
    if question is None:
        return ask(state, Stage.SERVICE, Expect.SERVICE, line(LineKey.ASK_HELP), lead=lead)
    return ask(known, Stage.CALLED_BACK, Expect.YES_NO, question, lead=(*lead, line(LineKey.WAS_CUT_OFF)))


def _tell(state: CallState, left: Left, lead: tuple[Line, ...], tenant: Tenant) -> Transition:
    """What is done stays done: it is said, and may be changed as if it had been made in this call."""
    made = left.appointment
    args = {} if made is None else appointment_args(made, tenant)
    news = None if made is None or left.operation is None else News(left.operation, made)
    standing = () if made is None or left.operation is Operation.CANCEL else (made,)
    told = replace(state, left=None, news=news, appointments=standing, has_left_message=left.operation is None)
    lines = (*lead, line(LineKey.WAS_CUT_OFF), line(_NEWS[left.operation], **args))
    return ask(told, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lines)


def _question(left: Left, now: datetime, tenant: Tenant) -> Line | None:
    """Whether to go on, in words that the number may hear; None when it cannot be gone on with any more."""
    if left.operation is None:
        return line(LineKey.GO_ON_MESSAGE) if tenant.messages.is_taken else None
    if left.appointment is not None:
        return line(LineKey.GO_ON_MOVE, **appointment_args(left.appointment, tenant))
    if left.service_id is None or not tenant.has_service(left.service_id):
        return None
    service = "visit" if tenant.is_private else tenant.service(left.service_id).name
    window = window_for(left.when, tenant) if left.when is not None and left.when.at is not None else None
    if window is None or window.earliest_at != window.latest_at or window.earliest_at <= now:
        return line(LineKey.GO_ON_SERVICE, service=service)
    return line(LineKey.GO_ON_BOOKING, service=service, start_at=window.earliest_at.isoformat())


def hear(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CALLED_BACK: yes goes on, be it with a change; no, or another wish, begins anew."""
    facts, left = event.facts, _left(state)
    talk = converse(state, facts)
    if talk is not None:
        return talk
    if _is_dropped(facts, left):
        return _begin_anew(state, facts, now, tenant)
    if facts.answer is True or facts.has_details:
        return _GO_ON[left.operation](state, facts, now, tenant)
    return not_understood(state, line(LineKey.SORRY), tenant)


def _is_dropped(facts: Facts, left: Left) -> bool:
    """Whether something else is wanted. Who names a service without a yes may be somebody else on the same line."""
    goals = {_GOALS[wish] for wish in _wishes(facts, left) & _GOALS.keys()}
    is_own = facts.answer is True or left.operation is Operation.MOVE
    is_refused = (facts.answer is False and not facts.has_details) or _is_taken_back(facts, left)
    is_other = bool(goals - {left.operation}) or (not is_own and (bool(goals) or facts.service_id is not None))
    return is_refused or is_other or Wish.OTHER in facts.wishes


def _is_taken_back(facts: Facts, left: Left) -> bool:
    """ "Cancel that", said of a booking that was never made."""
    is_draft = left.operation is Operation.BOOK and not facts.has_appointment
    return is_draft and Wish.CANCEL in facts.wishes


def _wishes(facts: Facts, left: Left) -> frozenset[Wish]:
    """Without those that are about the draft: "move it to four" changes it."""
    is_draft = left.operation is Operation.BOOK and not facts.has_appointment
    return facts.wishes - ({Wish.MOVE, Wish.CANCEL} if is_draft else set())


def _begin_anew(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    """Nothing of the draft is kept; what else was said counts as said to "how can I help you?"."""
    wishes = _wishes(facts, _left(state)) - {Wish.OTHER, Wish.THANKS}
    fresh = ask(replace(state, left=None), Stage.SERVICE, Expect.SERVICE, line(LineKey.ASK_HELP))
    rest = replace(facts, answer=None, wishes=wishes)
    if not rest.has_details and not rest.wishes:
        return fresh
    return booking.hear(fresh.state, Said(rest), now, tenant)


def _go_on_booking(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    """The facts of the draft as if they had just been said, then those that were."""
    left = _left(state)
    told = Facts(service_id=left.service_id, when=left.when, staff=left.staff, name=left.name, phone=left.phone)
    taken_over = absorb(replace(state, left=None), told, tenant)
    said = replace(facts, answer=None, choice=None)
    if said.conflict is not None or (said.is_past and said.when is None):
        return take_details(taken_over, said, now, tenant)
    return next_step(absorb(taken_over, said, tenant), now, tenant)


def _go_on_moving(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    left = _left(state)
    wished = left.when if facts.when is None else facts.when.merged_with(left.when)
    begun = replace(
        state, left=None, change=Change(Operation.MOVE), when=wished, staff=facts.staff or left.staff
    )  # fmt: skip
    return settle(begun, _appointment(left), now, tenant)


def _go_on_with_message(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    left = _left(state)
    known = replace(state, left=None, name=left.name, phone=left.phone)
    return messages.begin(known, facts, tenant, None)


#: A cancellation is asked about in a stage of its own.
_GO_ON: dict[Operation | None, Callable[[CallState, Facts, datetime, Tenant], Transition]] = {
    Operation.BOOK: _go_on_booking,
    Operation.MOVE: _go_on_moving,
    None: _go_on_with_message,
}


def _left(state: CallState) -> Left:
    assert state.left is not None
    return state.left


def _appointment(left: Left) -> Appointment:
    assert left.appointment is not None
    return left.appointment
