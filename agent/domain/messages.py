"""Leaving a message: what about, how urgent, who and which number, read back, stored.

The words are data: no rule reads them. What a caller said is not lost when they go before they confirm it: it is
stored as unconfirmed. See docs/adr/0025.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import Said, Silent
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import MOST_CHARACTERS, Message
from agent.domain.noting import resume, write_down
from agent.domain.redaction import mask_digits
from agent.domain.state import Aside, CallState, EndReason, Place, Stage, Transition
from agent.domain.steps import absorb, ask, phone_question
from agent.domain.talk import MAX_SILENCES, break_silence, converse, count_miss, end, not_understood
from agent.domain.tenant import Tenant

#: More words of a message than this would make its read-back too long to listen to.
WORDS_READ_BACK = 12


def begin(state: CallState, facts: Facts, tenant: Tenant, place: Place | None) -> Transition:
    """Take up the wish to leave a message, with whatever was said of it already.

    Args:
        place: where the call goes on once it is stored; None: nowhere in particular.
    """
    known = Message(recipient=facts.recipient, name=state.name, phone=state.phone or state.caller_number)
    begun = replace(state, aside=Aside(place=place, message=known), phone_digits=None, misses=0)
    return _next_question(_put(begun, facts, tenant), tenant, _refusal(facts))


def hear_message(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """MESSAGE: whatever is said is the message, unless it is about the conversation."""
    facts = event.facts
    if Wish.NO_MESSAGE in facts.wishes:
        return _drop(state, now, tenant)
    if facts.message is not None:
        return _next_question(_put(state, facts, tenant), tenant, _refusal(facts))
    if facts.answer is False and Wish.GOODBYE not in facts.wishes:
        return _drop(state, now, tenant)
    return _beside(state, facts, tenant) or not_understood(state, line(LineKey.SORRY), tenant)


def hear_urgency(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """MESSAGE_URGENCY: yes or no; other words were the rest of the message, said after a pause."""
    facts, state = event.facts, _without_card(state, event.facts)
    if Wish.NO_MESSAGE in facts.wishes:
        return _drop(state, now, tenant)
    # a "yes" to "are you still there?" answers nothing else
    answer = None if state.is_checking else facts.answer
    said = answer if facts.is_urgent is None else facts.is_urgent
    if said is not None:
        return _next_question(_put(state, replace(facts, is_urgent=said), tenant), tenant)
    talk = _beside(state, facts, tenant)
    if talk is not None:
        return talk
    whole = replace(_draft(state), text=_joined(_draft(state).text, facts.message or facts.text))
    return not_understood(_with(state, whole), line(LineKey.SORRY), tenant)


def hear_contact(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """MESSAGE_CONTACT: the caller's name or number; whoever will not say it goes without."""
    facts, state = event.facts, _without_card(state, event.facts)
    if Wish.NO_MESSAGE in facts.wishes:
        return _drop(state, now, tenant)
    talk = _beside(state, facts, tenant)
    if talk is not None:
        return talk
    if facts.is_phone_garbled:
        question = line(LineKey.ASK_PHONE_AGAIN)
        return count_miss(replace(state, question=(question,)), (question,))
    heard = _put(state, facts, tenant)
    if heard.phone_digits is not None and heard.phone_digits != state.phone_digits:
        return count_miss(replace(heard, question=(phone_question(heard),)), (phone_question(heard),))
    if heard.aside != state.aside:
        return _next_question(heard, tenant)
    if facts.answer is not False:
        return not_understood(state, line(LineKey.SORRY), tenant)
    message = _draft(state)
    refused = replace(message, name="") if state.expects is Expect.NAME else replace(message, phone="")
    return _next_question(_with(state, refused), tenant)


def hear_confirmation(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING_MESSAGE: yes stores it, but only what the caller has heard; a change is read back again."""
    facts = event.facts
    if Wish.NO_MESSAGE in facts.wishes:
        return _drop(state, now, tenant)
    heard = _put(_forgetting(state, facts), facts, tenant)
    is_said_again = state.expects is Expect.MESSAGE and facts.message is not None  # the same words: nothing changes
    if heard.aside != state.aside or heard.phone_digits != state.phone_digits or is_said_again:
        return _next_question(heard, tenant, _refusal(facts))
    talk = _beside(state, facts, tenant)
    if talk is not None:
        return talk
    if facts.is_phone_garbled:
        return _next_question(_with(state, replace(_draft(state), phone=None)), tenant)
    if facts.answer is True and not state.is_readback_heard:
        return _next_question(state, tenant)
    if facts.answer is True:
        return write_down(state, replace(_draft(state), is_confirmed=True), LineKey.MESSAGE_TAKEN, tenant)
    if facts.answer is False and state.expects is Expect.YES_NO:
        unsure = replace(state, is_readback_heard=False)
        return ask(unsure, Stage.CONFIRMING_MESSAGE, Expect.MESSAGE, line(LineKey.ASK_WHAT_TO_CHANGE))
    return not_understood(state, line(LineKey.SORRY), tenant)


def wait_for_words(state: CallState, event: Silent, now: datetime, tenant: Tenant) -> Transition:
    """Any stage of a message: ask again; at the last silence what was said is stored, unconfirmed."""
    if event.count >= MAX_SILENCES and _draft(state).text:
        return write_down(state, _draft(state), LineKey.GIVE_UP_SILENCE, tenant, EndReason.SILENCE)
    return break_silence(state, event, now, tenant)


def _beside(state: CallState, facts: Facts, tenant: Tenant) -> Transition | None:
    """The conversation itself, and goodbye, before which the words are put away safely."""
    if Wish.GOODBYE in facts.wishes and facts.answer is not True:
        if not _draft(state).text:
            return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
        return write_down(state, _draft(state), LineKey.FAREWELL, tenant, EndReason.GOODBYE)
    return converse(state, facts)


def _drop(state: CallState, now: datetime, tenant: Tenant) -> Transition:
    """None is wanted after all: nothing is stored, and the call goes on where it was."""
    return resume(state, now, tenant, (line(LineKey.MESSAGE_DROPPED),))


def _put(state: CallState, facts: Facts, tenant: Tenant) -> CallState:
    """What was said of the message, in its place. Name and number stay the message's own until it is stored."""
    message = _draft(_without_card(state, facts))
    contact = Facts(
        name=facts.name,
        phone=facts.phone,
        phone_digits=facts.phone_digits,
        is_phone_garbled=facts.is_phone_garbled,
        same_number=facts.same_number,
    )
    absorbed = absorb(replace(state, name=message.name, phone=message.phone), contact, tenant)
    put = replace(
        message,
        text=_text(_with(state, message), facts),
        recipient=facts.recipient or message.recipient,
        is_urgent=message.is_urgent if facts.is_urgent is None else facts.is_urgent,
        name=absorbed.name,
        phone=absorbed.phone,
    )
    aside = replace(_aside_of(state), message=put)
    return replace(state, aside=aside, phone_digits=absorbed.phone_digits)


def _text(state: CallState, facts: Facts) -> str:
    """The message with what is said now, which takes its place only as the answer to "what is the message?" or
    where what was read back is refused."""
    text, more = _draft(state).text, facts.message
    if more is None or more.strip(" .?!").lower() in text.lower():
        return text
    is_refused = state.stage is Stage.CONFIRMING_MESSAGE and facts.answer is False
    return more[:MOST_CHARACTERS] if is_refused or state.expects is Expect.MESSAGE else _joined(text, more)


def _without_card(state: CallState, facts: Facts) -> CallState:
    """What was said before may have been the beginning of the card or social security number that was said now."""
    message = _draft(state)
    return _with(state, replace(message, text=mask_digits(message.text))) if facts.is_private else state


def _forgetting(state: CallState, facts: Facts) -> CallState:
    """Without what the caller says is wrong, so that it is asked for anew."""
    message = _draft(state)
    match facts.wrong:
        case Expect.PHONE:
            return _with(state, replace(message, phone=None))
        case Expect.NAME:
            return _with(state, replace(message, name=None))
        case Expect.MESSAGE:
            return _with(state, replace(message, text=""))
    return state


def _next_question(state: CallState, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    message = _draft(state)
    if not message.text:
        return ask(state, Stage.MESSAGE, Expect.MESSAGE, line(LineKey.ASK_MESSAGE), lead=lead)
    if message.is_urgent is None and tenant.messages.asks_urgency:
        return ask(state, Stage.MESSAGE_URGENCY, Expect.YES_NO, line(LineKey.ASK_MESSAGE_URGENT), lead=lead)
    if message.name is None:
        return ask(state, Stage.MESSAGE_CONTACT, Expect.NAME, line(LineKey.ASK_NAME), lead=lead)
    if message.phone is None:
        return ask(state, Stage.MESSAGE_CONTACT, Expect.PHONE, phone_question(state), lead=lead)
    marked = (*lead, line(LineKey.MESSAGE_IS_URGENT)) if message.is_urgent else lead
    heard = replace(state, is_readback_heard=True)
    return ask(heard, Stage.CONFIRMING_MESSAGE, Expect.YES_NO, _read_back(message), lead=marked)


def _read_back(message: Message) -> Line:
    words = message.text.split()
    text = " ".join(words) if len(words) <= WORDS_READ_BACK else " ".join(words[:WORDS_READ_BACK]) + "…"
    text = text.rstrip(" .?!")
    if message.phone:
        return line(LineKey.READ_BACK_MESSAGE, text=text, phone=message.phone)
    return line(LineKey.READ_BACK_MESSAGE_ONLY, text=text)


def _refusal(facts: Facts) -> tuple[Line, ...]:
    return (line(LineKey.NO_PRIVATE_NUMBERS),) if facts.is_private else ()


def _joined(text: str, rest: str) -> str:
    return f"{text} {rest}".strip()[:MOST_CHARACTERS]


def _draft(state: CallState) -> Message:
    return _aside_of(state).message or Message()


def _aside_of(state: CallState) -> Aside:
    assert state.aside is not None
    return state.aside


def _with(state: CallState, message: Message) -> CallState:
    return replace(state, aside=replace(_aside_of(state), message=message))
