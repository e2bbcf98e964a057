"""What pressed keys do: the answer they stand for, taken by the rule that takes it in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent.domain import digressions, doubt
from agent.domain.events import Pressed, Said, Unheard
from agent.domain.facts import Expect, Facts
from agent.domain.key_facts import PAGE, day_in_talk, facts_of, page_number
from agent.domain.key_menus import menu
from agent.domain.keypad import Asked, asked, spelled
from agent.domain.lines import LineKey, line
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import absorb, ask, next_step, spoken_names
from agent.domain.talk import count_miss, say
from agent.domain.tenant import Tenant
from agent.domain.ways_out import divert, is_lost

Hear = Callable[[CallState, Said, datetime, Tenant], Transition]
Press = Callable[[CallState, Pressed, datetime, Tenant], Transition]


def pressing(hear: Hear) -> Press:
    """The rule for keys at a stage, from the one for words."""

    def press(state: CallState, event: Pressed, now: datetime, tenant: Tenant) -> Transition:
        """Keys: what the answer they stand for does; those that answer nothing are told which do."""
        using = replace(state, has_keypad=True)
        if event.is_private:
            return hear(using, Said(Facts(is_private=True)), now, tenant)
        if state.is_checking and len(event.keys) == 1 and event.keys.isdigit():
            return say(using, using.question)  # it answers "are you still there?", not the question before it
        step = _STEPS.get((asked(using), event.keys))
        stepped = step(using, tenant) if step else None
        if stepped is not None:
            return stepped
        facts = facts_of(event.keys, using, now, tenant)
        if facts is None:
            return _wrong(using, tenant)
        if _is_known(using, facts, tenant):
            return next_step(using, now, tenant)
        told = Said(replace(facts, text=spelled(event.keys)))  # a consent is kept with the words that gave it
        using, told = doubt.settle(using, told)
        return divert(using, told.facts, now, tenant) or digressions.hear(hear, using, told, now, tenant)

    return press


def offer_keys(state: CallState, event: Unheard, now: datetime, tenant: Tenant) -> Transition:
    """Speech cannot be recognised: every question names its keys from here on."""
    using = replace(state, has_keypad=True)
    return count_miss(using, (line(LineKey.KEYS_INSTEAD), *using.question))


def _wrong(state: CallState, tenant: Tenant) -> Transition:
    """Name the keys of the question, without the question; the third time in a row there is a way out instead."""
    missed = count_miss(state, (line(LineKey.KEYS_WRONG), *(menu(state, tenant) or state.question)))
    if missed.state.stage is Stage.ENDED or is_lost(missed.state):
        return missed
    return replace(missed, state=replace(missed.state, last_lines=state.last_lines))


def _is_known(state: CallState, facts: Facts, tenant: Tenant) -> bool:
    """A service or number that is what it was: words like these would not be understood, keys are."""
    is_told = facts.service_id is not None or facts.phone is not None or facts.same_number
    return is_told and state.stage in (Stage.SERVICE, Stage.PHONE) and absorb(state, facts, tenant) == state


def _turn_page(state: CallState, tenant: Tenant) -> Transition | None:
    """The next services, and after the last the first again."""
    pages = -(-len(tenant.services) // PAGE)
    if pages == 1:
        return None
    page = (page_number(state) + 1) % pages
    services = spoken_names(tenant.services[page * PAGE : (page + 1) * PAGE])
    return ask(state, state.stage, Expect.SERVICE, line(LineKey.ASK_SERVICE, services=services, page=str(page)))


def _ask_day(state: CallState, tenant: Tenant) -> Transition:
    return ask(state, state.stage, Expect.WHEN, line(LineKey.KEYS_DAY))


def _ask_time(state: CallState, tenant: Tenant) -> Transition | None:
    if day_in_talk(state, tenant) is None:
        return None
    return ask(state, state.stage, Expect.WHEN, line(LineKey.KEYS_TIME))


def _ask_phone_for_name(state: CallState, tenant: Tenant) -> Transition | None:
    if state.phone is not None:
        return None
    stage = state.stage if state.stage is Stage.QUALIFYING else Stage.PHONE
    return ask(state, stage, Expect.PHONE, line(LineKey.ASK_PHONE_FOR_NAME))


def _change_time(state: CallState, tenant: Tenant) -> Transition:
    return ask(state, Stage.TIME, Expect.WHEN, line(LineKey.ASK_OTHER_TIME))


def _change_service(state: CallState, tenant: Tenant) -> Transition:
    services = spoken_names(tenant.services[:PAGE])
    return ask(state, Stage.SERVICE, Expect.SERVICE, line(LineKey.ASK_SERVICE, services=services))


def _change_phone(state: CallState, tenant: Tenant) -> Transition:
    return ask(state, Stage.PHONE, Expect.PHONE, line(LineKey.ASK_PHONE))


#: Keys that ask a further question; those that answer one are facts.
_STEPS: dict[tuple[Asked, str], Callable[[CallState, Tenant], Transition | None]] = {
    (Asked.SERVICE, "9"): _turn_page,
    (Asked.WHEN, "2"): _ask_day,
    (Asked.WHEN, "3"): _ask_time,
    (Asked.NAME, "1"): _ask_phone_for_name,
    (Asked.NAME, "#"): _ask_phone_for_name,
    (Asked.CHANGE, "1"): _change_time,
    (Asked.CHANGE, "2"): _change_service,
    (Asked.CHANGE, "3"): _change_phone,
}
