"""What is left of a call that ended before its caller was done, by the stage it ended at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from agent.domain.intent import Operation, change_key, intent_key
from agent.domain.left import Left
from agent.domain.notes import Reason
from agent.domain.state import CallState, Lookup, Stage


def what_is_left(state: CallState, tenant_id: UUID) -> Left | None:
    """What the caller is told when they call back; None when nothing is, or when the number was withheld.

    Args:
        state: as the call ended, or as it was stored last by an agent that was lost.
    """
    at = state.left_at if state.stage is Stage.ENDED else state.stage
    left = _left_at(at, state, tenant_id) if state.caller_number is not None else None
    return None if left is None else replace(left, has_keypad=state.has_keypad)


def _left_at(at: Stage | None, state: CallState, tenant_id: UUID) -> Left | None:
    find = _BY_STAGE.get(at) if at is not None else None
    return None if find is None else find(state, tenant_id)


def _draft(state: CallState, tenant_id: UUID) -> Left | None:
    """What was being arranged. What took a name to be found is not told to a number alone."""
    change = state.change
    if change is not None:
        if change.target is None or change.lookup is not Lookup.CALLING_NUMBER:
            return None
        return replace(_left(state, change.operation), appointment=change.target, when=state.when, staff=state.staff)
    if state.service_id is None:
        return None
    return replace(
        _left(state, Operation.BOOK),
        service_id=state.service_id,
        when=state.when,
        staff=state.staff,
        name=state.name,
        phone=state.phone,
    )


def _booking(state: CallState, tenant_id: UUID) -> Left | None:
    """A yes was being carried out: the answer came after the caller had gone, or never."""
    draft = _draft(state, tenant_id)
    if state.hold is None or draft is None or draft.service_id is None:
        return _news(state)
    key = intent_key(
        tenant_id, draft.caller_number, draft.service_id, state.hold.opening.start_at, Operation.BOOK
    )  # fmt: skip
    return replace(draft, key=key)


def _moving(state: CallState, tenant_id: UUID) -> Left | None:
    draft = _draft(state, tenant_id)
    if state.hold is None or draft is None or draft.appointment is None:
        return _news(state)
    key = change_key(tenant_id, draft.appointment.id, Operation.MOVE, state.hold.opening.start_at)
    return replace(draft, key=key)


def _cancelling(state: CallState, tenant_id: UUID) -> Left | None:
    draft = _draft(state, tenant_id)
    if Operation.CANCEL in state.done[-1:] or draft is None or draft.appointment is None:
        return _news(state)
    return replace(draft, key=change_key(tenant_id, draft.appointment.id, Operation.CANCEL))


def _message(state: CallState, tenant_id: UUID) -> Left | None:
    message = state.aside.message if state.aside else None
    if message is None or message.reason is not Reason.MESSAGE:
        return None
    is_done = state.has_left_message and bool(message.text)
    return replace(_left(state, None), is_done=is_done, name=message.name or None, phone=message.phone or None)


def _unheard(state: CallState, tenant_id: UUID) -> Left | None:
    """Nothing was open; news that was talked over, or that we did not finish, is told."""
    if state.is_outcome_heard and state.stage is Stage.ENDED:
        return None
    if state.news is None and state.has_left_message:
        return replace(_left(state, None), is_done=True)
    return _news(state)


def _again(state: CallState, tenant_id: UUID) -> Left | None:
    return state.left


def _in_trouble(state: CallState, tenant_id: UUID) -> Left | None:
    return _left_at(state.failed_stage, state, tenant_id)


def _put_through(state: CallState, tenant_id: UUID) -> Left | None:
    return _left_at(state.resumes, state, tenant_id)


def _led_out(state: CallState, tenant_id: UUID) -> Left | None:
    place = state.aside.place if state.aside else None
    return None if place is None else _left_at(place.stage, state, tenant_id)


def _news(state: CallState) -> Left | None:
    news = state.news
    if news is None:
        return None
    return replace(_left(state, news.operation), is_done=True, appointment=news.appointment)


def _left(state: CallState, operation: Operation | None) -> Left:
    return Left(state.caller_number or "", operation)


_DRAFTED = (
    Stage.SERVICE, Stage.TIME, Stage.SEARCHING, Stage.CHOOSING, Stage.HOLDING, Stage.NAME, Stage.PHONE,
    Stage.CONFIRMING, Stage.CONFIRMING_MOVE, Stage.CONFIRMING_CANCEL, Stage.OFFERING_LIST, Stage.CONFIRMING_LIST,
)  # fmt: skip
#: At every other stage nothing is left that could be told to a number, or nothing at all.
_BY_STAGE: dict[Stage, Callable[[CallState, UUID], Left | None]] = {
    **dict.fromkeys(_DRAFTED, _draft),
    **dict.fromkeys((Stage.DONE, Stage.OFFERING_TEXT), _unheard),
    **dict.fromkeys(
        (Stage.MESSAGE, Stage.MESSAGE_URGENCY, Stage.MESSAGE_CONTACT, Stage.CONFIRMING_MESSAGE, Stage.NOTING), _message
    ),
    Stage.BOOKING: _booking,
    Stage.MOVING: _moving,
    Stage.CANCELLING: _cancelling,
    Stage.TROUBLE: _in_trouble,
    Stage.TRANSFERRING: _put_through,
    Stage.WAY_OUT: _led_out,
    Stage.CALLED_BACK: _again,
}
