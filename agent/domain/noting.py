"""Writing something down for after the call, and what follows once it is stored.

A promise ("someone will call you back") is spoken only after what makes it true is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import CallerHungUp, Taken
from agent.domain.facts import Expect
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Message, Reason, Text, message_key
from agent.domain.redaction import mask_digits, may_go_on
from agent.domain.requests import Effect, ReleaseHold, SendText, TakeMessage
from agent.domain.state import COMMITTING_STAGES, Aside, CallState, EndReason, Place, Stage, Transition
from agent.domain.steps import ask, next_step, put_away
from agent.domain.talk import MAX_MISSES, close, end, say
from agent.domain.tenant import Tenant
from agent.domain.waiting import gather

#: Stages of a booking or change that go on after a message; the others have nothing to go on with.
_GOES_ON = frozenset(
    {
        Stage.TIME, Stage.CHOOSING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING, Stage.IDENTIFYING, Stage.WHICH,
        Stage.CONFIRMING_MOVE, Stage.CONFIRMING_CANCEL, Stage.OFFERING_LIST, Stage.CONFIRMING_LIST, Stage.QUALIFYING,
    }
)  # fmt: skip
#: Where the call may be once something is stored.
RESUMED = _GOES_ON | {Stage.DONE}
#: Their question depends on name and number, which a message may have told.
_ASKED_ANEW = frozenset({Stage.NAME, Stage.PHONE, Stage.CONFIRMING, Stage.CONFIRMING_LIST})


def place_of(state: CallState) -> Place:
    """Where the call is now, to come back to."""
    return Place(state.stage, state.expects, state.question, min(state.misses, MAX_MISSES - 1))


def last_words(tenant: Tenant) -> LineKey:
    """What is said when nothing can be done and nothing could be stored: it promises nothing."""
    return LineKey.GIVE_UP_OVERFLOW if tenant.overflow_number else LineKey.GIVE_UP_CALL_AGAIN


def write_down(
    state: CallState, message: Message, said: LineKey, tenant: Tenant, ending: EndReason | None = None
) -> Transition:
    """Store a message or a wish to be called back; `said` follows once that is done, and the end if there is one."""
    aside = replace(state.aside or Aside(), message=_whole(message), text=None, said=said, ending=ending)
    return _store(replace(state, aside=aside), tenant)


def owe_callback(
    state: CallState, reason: Reason, said: LineKey, tenant: Tenant, ending: EndReason | None = None, words: str = ""
) -> Transition:
    """Somebody has to call this caller back: store that before it is promised, and promise it to a number only."""
    phone = state.phone or state.caller_number
    if phone is None and ending is None:
        return _ask_what_else(state, (line(LineKey.NO_NUMBER_TO_CALL),))
    if phone is None and ending is not None:
        return end(state, ending, last_words(tenant))
    message = Message(reason, text=words, name=state.name, phone=phone, is_confirmed=True)
    return write_down(replace(state, aside=None), message, said, tenant, ending)


def send_text(state: CallState, text: Text, said: LineKey, tenant: Tenant) -> Transition:
    """Put a text in the outbox, with the consent to it."""
    aside = replace(state.aside or Aside(), message=None, text=text, said=said)
    return _store(replace(state, aside=aside), tenant)


def store_again(state: CallState, tenant: Tenant) -> Transition:
    """NOTING failed: the very same once more."""
    return _store(state, tenant)


def _store(state: CallState, tenant: Tenant) -> Transition:
    noting = replace(state, stage=Stage.NOTING, is_checking=False, misses=0)
    effect = _effect(state, tenant)
    assert effect is not None
    return Transition(noting, effects=(effect,))


def _effect(state: CallState, tenant: Tenant) -> Effect | None:
    aside = state.aside
    if aside is None or (aside.text is None and aside.message is None):
        return None
    if aside.text is not None:
        return SendText(aside.text)
    assert aside.message is not None
    caller = state.caller_number or aside.message.phone or ""
    return TakeMessage(message_key(tenant.id, caller, aside.message), aside.message, state.caller_number)


def take_stored(state: CallState, event: Taken, now: datetime, tenant: Tenant) -> Transition:
    """NOTING: it is stored; say so and go on, or end."""
    assert state.aside is not None
    said, ending = state.aside.said, state.aside.ending
    stored = _remembered(state)
    if ending is not None and said is not None:
        return end(replace(stored, aside=None), ending, said)
    return resume(stored, now, tenant, () if said is None else (line(said),))


def take_late(state: CallState, event: Taken, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being stored; the record must still say so."""
    return Transition(_remembered(state))


def _remembered(state: CallState) -> CallState:
    message = state.aside.message if state.aside else None
    failed = None if state.failed_stage is Stage.NOTING else state.failed_stage
    known = replace(state, failed_stage=failed)
    if message is None:
        return known
    if message.reason is not Reason.MESSAGE:
        return replace(known, wants_callback=True)
    known = replace(known, has_left_message=True, phone_digits=None)
    if state.change is not None:  # there name and number tell whose appointment it is
        return known
    return replace(known, name=state.name or message.name or None, phone=state.phone or message.phone or None)


def resume(state: CallState, now: datetime, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Go on where the call was, or ask what else there is; a booking that cannot go on is given back."""
    place = state.aside.place if state.aside else None
    if place is None or place.stage not in _GOES_ON:
        return _ask_what_else(state, lead)
    if place.stage in _ASKED_ANEW and state.change is None:
        known = replace(state, aside=None, misses=0)
        return gather(known, tenant, lead) if known.is_waiting else next_step(known, now, tenant, lead)
    return back(state, place, lead)


def _ask_what_else(state: CallState, lead: tuple[Line, ...]) -> Transition:
    """Nothing is left to go on with: what was under way is put away, and its hold given back."""
    is_unsure = state.failed_stage in COMMITTING_STAGES
    release = (ReleaseHold(state.hold.id),) if state.hold and not is_unsure else ()
    rest = replace(put_away(state), aside=None)
    asked = ask(rest, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    return replace(asked, effects=release)


def back(state: CallState, place: Place, lead: tuple[Line, ...] = ()) -> Transition:
    """The question that was open, once more."""
    there = replace(
        state, stage=place.stage, expects=place.expects, question=place.question, misses=place.misses, aside=None
    )
    return say(there, (*lead, *place.question))


def leave(state: CallState, event: CallerHungUp, now: datetime, tenant: Tenant) -> Transition:
    """The caller left: give back what is reserved, and put down what must not be lost."""
    closed = close(state, event, now, tenant)
    message = _left_behind(state, event)
    return closed if message is None else left_with(closed, message, tenant)


def left_with(closed: Transition, message: Message, tenant: Tenant) -> Transition:
    """The end of a call at which something is put down that nobody waits for."""
    left = replace(closed.state, aside=Aside(message=_whole(message)))
    effect = _effect(left, tenant)
    return replace(closed, state=left, effects=closed.effects if effect is None else (*closed.effects, effect))


def _left_behind(state: CallState, event: CallerHungUp) -> Message | None:
    """Words that were not confirmed, or a call back to a caller whom we have lost; None when neither is owed."""
    if state.stage is Stage.NOTING:  # it is on its way
        return None
    if state.aside is not None and state.aside.message is not None and state.aside.message.text:
        return state.aside.message
    if not event.is_cut_off or state.stage is Stage.RINGING:
        return None
    return Message(Reason.CUT_OFF, name=state.name, phone=state.phone or state.caller_number)


def _whole(message: Message) -> Message:
    """A caller's words that end in the middle of a number are kept without it: the rest may have made it a card."""
    is_open = message.reason is Reason.MESSAGE and not message.is_confirmed and may_go_on(message.text)
    return replace(message, text=mask_digits(message.text)) if is_open else message
