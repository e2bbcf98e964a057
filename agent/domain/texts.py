"""May we text you? Asked once after a booking, where the business sends texts and the caller has not agreed before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.booking import hear_when_done
from agent.domain.events import Said
from agent.domain.facts import Expect, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Text, TextKind
from agent.domain.noting import send_text
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import ask
from agent.domain.talk import say
from agent.domain.tenant import Tenant


def after_booking(state: CallState, made: Appointment, lead: tuple[Line, ...], tenant: Tenant) -> Transition:
    """The news of a booking, and the question that follows it."""
    if made.is_texted:
        lead = (*lead, line(LineKey.TEXT_COMING))
    is_open = tenant.texts.is_enabled and not made.is_texted and not state.is_text_asked
    if not is_open or state.phone is None:
        return ask(state, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    asked = replace(state, is_text_asked=True)
    return ask(asked, Stage.OFFERING_TEXT, Expect.YES_NO, line(LineKey.ASK_TEXT), lead=lead)


def hear_offer(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """OFFERING_TEXT: only a yes to the question they have heard is a consent; other words go on with the call."""
    facts = event.facts
    is_plain = not facts.has_details and not facts.wishes - {Wish.THANKS}
    is_plain_yes = facts.answer is True and is_plain
    if is_plain_yes and (state.is_checking or not state.is_outcome_heard):
        return say(replace(state, is_outcome_heard=True), state.last_lines)
    if is_plain_yes and state.phone is not None and state.appointments:
        text = Text(TextKind.CONFIRMATION, state.phone, LineKey.ASK_TEXT.value, facts.text, state.appointments[-1])
        return send_text(state, text, LineKey.TEXT_COMING, tenant)
    if facts.answer is False and is_plain:
        return ask(state, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE))
    return hear_when_done(state, event, now, tenant)
