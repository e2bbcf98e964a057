"""Which keys answer the open question, as it is said after it: never more than three, and one for more.

Speech prompts stay short: the keys are named once the caller has pressed one or cannot be heard, and after a
silence. The second wording of a question that was not understood names star, which has them named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agent.domain.events import Event, Silent
from agent.domain.key_facts import PAGE, day_in_talk, page_of
from agent.domain.keypad import Asked, asked
from agent.domain.lines import Line, LineKey, line
from agent.domain.state import PENDING_STAGES, CallState, Stage, Transition
from agent.domain.talk import BOOKED_HINTS, HINTS
from agent.domain.tenant import Tenant

#: Every line that only names keys.
MENU_KEYS = frozenset(key for key in LineKey if key.value.startswith("keys_")) - {
    LineKey.KEYS_WRONG,
    LineKey.KEYS_INSTEAD,
}
_HINTS = frozenset(HINTS.values()) | frozenset(BOOKED_HINTS.values())


def menu(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    """The keys of the open question; nothing when the question itself names them."""
    lines = _MENUS[asked(state)](state, tenant)
    return () if state.question[-1:] == lines else lines


def with_menu(event: Event, transition: Transition, tenant: Tenant) -> Transition:
    """What is said, with the keys named after the question where they are to be named."""
    state, said = transition.state, transition.say
    if not said or state.stage in PENDING_STAGES | {Stage.ENDED} or not state.question:
        return transition
    if said[-1].key in _HINTS:
        return replace(transition, say=_hinted(state, said, tenant))
    is_named = said[-1] == state.question[-1] and (state.has_keypad or isinstance(event, Silent))
    if not is_named:
        return transition
    if state.has_keypad and said[-1].key is LineKey.ASK_SERVICE:
        said = said[:-1]  # the keys name the services as well
    return replace(transition, say=(*said, *menu(state, tenant)))


def _hinted(state: CallState, said: tuple[Line, ...], tenant: Tenant) -> tuple[Line, ...]:
    """Both other ways to answer would be too long to listen to: other words for a speaker, the keys for who presses."""
    if not state.has_keypad:
        return (*said, line(LineKey.KEYS_ON_STAR))
    return (*said[:-1], *(menu(state, tenant) or state.question))


def _services(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    page = page_of(state, tenant)
    named = [line(LineKey.KEYS_SERVICE, service=each.name, number=str(number)) for number, each in enumerate(page, 1)]
    more = [line(LineKey.KEYS_MORE)] if len(tenant.services) > PAGE else []
    return (*named, *more)


def _when(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    is_first = day_in_talk(state, tenant) is None
    return (line(LineKey.KEYS_WHEN if is_first else LineKey.KEYS_OTHER_WHEN),)


def _openings(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    return (line(LineKey.KEYS_ONE_OPENING if len(state.offered) == 1 else LineKey.KEYS_TWO_OPENINGS),)


def _phone(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    is_own_known = state.caller_number is not None and not state.phone_digits
    return (line(LineKey.KEYS_OWN_PHONE if is_own_known else LineKey.KEYS_PHONE),)


def _contact_phone(state: CallState, tenant: Tenant) -> tuple[Line, ...]:
    is_nothing_known = state.caller_number is None and not state.phone_digits
    return (line(LineKey.KEYS_NO_PHONE),) if is_nothing_known else _phone(state, tenant)


def _always(key: LineKey) -> Callable[[CallState, Tenant], tuple[Line, ...]]:
    return lambda state, tenant: (line(key),)


_MENUS: dict[Asked, Callable[[CallState, Tenant], tuple[Line, ...]]] = {
    Asked.WISH: _always(LineKey.KEYS_WISH),
    Asked.SERVICE: _services,
    Asked.WHEN: _when,
    Asked.DAY: _always(LineKey.KEYS_DAY),
    Asked.CLOCK: _always(LineKey.KEYS_TIME),
    Asked.OPENING: _openings,
    Asked.APPOINTMENT: _always(LineKey.KEYS_APPOINTMENT),
    Asked.NAME: _always(LineKey.KEYS_NAME),
    Asked.SPOKEN_NAME: _always(LineKey.KEYS_SPOKEN_NAME),
    Asked.PHONE: _phone,
    Asked.PHONE_FOR_NAME: _phone,
    Asked.BOOKED_PHONE: _always(LineKey.KEYS_BOOKED_PHONE),
    Asked.CONTACT_PHONE: _contact_phone,
    Asked.YES_NO: _always(LineKey.KEYS_YES_NO),
    Asked.CHANGE: _always(LineKey.KEYS_CHANGE),
    Asked.MESSAGE: _always(LineKey.KEYS_MESSAGE),
    Asked.MESSAGE_CHANGE: _always(LineKey.KEYS_MESSAGE_CHANGE),
    Asked.OTHER: _always(LineKey.KEYS_OTHER),
}
