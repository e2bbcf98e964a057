"""Pressed keys to Facts, by what was asked: the same facts that the same answer in words would give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from agent.domain.contact import NATIONAL_DIGITS, e164_or_none, joined_digits
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.keypad import CLOCK_DIGITS, Asked, asked
from agent.domain.state import CallState
from agent.domain.tenant import Service, Tenant

#: Services named in one menu.
PAGE = 3
#: "The first opening" is looked for this far ahead.
_AHEAD_DAYS = 14
#: The last digits of a number, which stand for a name.
_NAME_DIGITS = 4
#: What stands before them.
NAMELESS = "Caller ending "
#: The message of a caller who can only press keys.
CALL_BACK = "Please call me back."

Reader = Callable[[str, CallState, datetime, Tenant], Facts | None]

_WISHES = {"1": Wish.BOOK, "2": Wish.MOVE, "3": Wish.CANCEL}
_ANSWERS = {"1": True, "2": False}
#: What of a message that was read back is not right.
_WRONG = {"1": Expect.PHONE, "2": Expect.MESSAGE}


def facts_of(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """What these keys tell, as an answer to the open question; None when they tell nothing.

    Args:
        keys: one entry, at least one key.
        now: aware; a day is the next one of that date in the tenant's zone.
    """
    if keys == "*":
        return Facts(wishes=frozenset({Wish.REPEAT}))
    if keys in ("0", "0#"):
        return Facts(wishes=frozenset({Wish.HUMAN}))
    reader = _READERS.get(asked(state))
    return reader(keys, state, now, tenant) if reader else None


def page_of(state: CallState, tenant: Tenant) -> tuple[Service, ...]:
    """The services that the keys stand for now, 1 for the first."""
    first = page_number(state) * PAGE
    return tenant.services[first : first + PAGE] or tenant.services[:PAGE]


def page_number(state: CallState) -> int:
    """Which page of the services was asked about, from 0."""
    pages = [value for asked_now in state.question for name, value in asked_now.args if name == "page"]
    return int(pages[-1]) if pages else 0


def day_in_talk(state: CallState, tenant: Tenant) -> date | None:
    """The one day that is being talked about: wished, or else offered."""
    when = state.when
    if when is not None and when.first_on is not None and when.first_on == when.last_on:
        return when.first_on
    starts = _starts(state)
    return starts[0].astimezone(tenant.zone).date() if starts else None


def nameless(phone: str) -> str:
    """What stands for the name of a caller who can only press keys. `phone` is E.164."""
    return f"{NAMELESS}{phone[-_NAME_DIGITS:]}"


def _starts(state: CallState) -> list[datetime]:
    held = [state.hold.opening.start_at] if state.hold else []
    return [*(opening.start_at for opening in state.offered), *held]


def _wish(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    wish = _WISHES.get(keys)
    return Facts(wishes=frozenset({wish})) if wish else None


def _service(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    names = {str(number): service.id for number, service in enumerate(page_of(state, tenant), start=1)}
    return Facts(service_id=names[keys]) if keys in names else None


def _when(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """1: the first opening there is, or the first after the days talked about."""
    if keys != "1":
        return None
    first_on = now.astimezone(tenant.zone).date()
    if starts := _starts(state):
        first_on = max(first_on, max(starts).astimezone(tenant.zone).date() + timedelta(days=1))
    return Facts(when=When(first_on, first_on + timedelta(days=_AHEAD_DAYS)))


def _day(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """Month and day; the next day of that date."""
    digits = _four_digits(keys)
    today = now.astimezone(tenant.zone).date()
    for year in (today.year, today.year + 1) if digits else ():
        try:
            day = date(year, int(digits[:2]), int(digits[2:]))
        except ValueError:
            continue
        if day >= today:
            return Facts(when=When(day, day))
    return None


def _clock(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """Hour and minute on the day talked about: 0300 is in the afternoon where nobody is there at night."""
    digits, day = _four_digits(keys), day_in_talk(state, tenant)
    if not digits or day is None:
        return None
    hour, minute = int(digits[:2]), int(digits[2:])
    if hour > 23 or minute > 59:
        return None
    times = [time(each, minute) for each in ((hour, hour + 12) if 1 <= hour <= 11 else (hour,))]
    is_open = [at for at in times if any(rule.opens <= at < rule.closes for rule in tenant.hours_on(day))]
    return Facts(when=When(day, day, at=(is_open or times)[0]))


def _four_digits(keys: str) -> str:
    """Four digits, the first of which may be left out when it is a zero; empty when these are not."""
    digits = keys.removesuffix("#")
    return digits.zfill(CLOCK_DIGITS) if len(digits) in (CLOCK_DIGITS - 1, CLOCK_DIGITS) else ""


def _opening(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """1 to n: the n openings offered; the next key: none of them."""
    return _choice(keys, len(state.offered))


def _appointment(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    return _choice(keys, len(state.change.found) if state.change else 0)


def _choice(keys: str, count: int) -> Facts | None:
    answers = {str(number): Facts(choice=number - 1) for number in range(1, count + 1)}
    return (answers | {str(count + 1): Facts(answer=False)}).get(keys)


def _name(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    is_skipped = keys in ("1", "#") and state.phone is not None
    return Facts(name=nameless(state.phone or "")) if is_skipped else None


def _spoken_name(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    return Facts(answer=False) if keys in ("1", "#") else None


def _phone(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """A number, or the part of one; pound says that a part is all: a number without its area code."""
    digits, is_ended = keys.removesuffix("#"), keys.endswith("#")
    if digits == "1" and not state.phone_digits:
        return Facts(same_number=True) if state.caller_number else None
    whole = joined_digits(state.phone_digits, digits)
    number = e164_or_none(whole, tenant.area_code if is_ended else "")
    if number is not None:
        return Facts(phone=number)
    if len(whole) > NATIONAL_DIGITS:
        return Facts(is_phone_garbled=True)
    return Facts(phone_digits=digits) if digits else None


def _own_phone(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """A number, which is also the name of a caller without one."""
    is_nameless = state.name is not None and state.name.startswith(NAMELESS)
    return (_phone_for_name if is_nameless else _phone)(keys, state, now, tenant)


def _phone_for_name(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """A number that is also the name."""
    told = _phone(keys, state, now, tenant)
    phone = (state.caller_number if told.same_number else told.phone) if told else None
    return Facts(phone=phone, name=nameless(phone)) if phone else told


def _booked_phone(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """The number an appointment is under, which is not the one called from: that has been tried."""
    if keys == "#":
        return Facts(answer=False)
    told = _phone(keys, state, now, tenant)
    return None if told is not None and told.same_number else told


def _contact_phone(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """The number to call back; pound alone gives none."""
    if keys == "#" and not state.phone_digits:
        return Facts(answer=False)
    return _phone(keys, state, now, tenant)


def _message(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    """1: what can be passed on without a word; 2: nothing."""
    return {"1": Facts(message=CALL_BACK), "2": Facts(answer=False)}.get(keys)


def _message_change(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    wrong = _WRONG.get(keys)
    return Facts(answer=False, wrong=wrong) if wrong else None


def _yes_no(keys: str, state: CallState, now: datetime, tenant: Tenant) -> Facts | None:
    return Facts(answer=_ANSWERS[keys]) if keys in _ANSWERS else None


_READERS: dict[Asked, Reader] = {
    Asked.WISH: _wish,
    Asked.SERVICE: _service,
    Asked.WHEN: _when,
    Asked.DAY: _day,
    Asked.CLOCK: _clock,
    Asked.OPENING: _opening,
    Asked.APPOINTMENT: _appointment,
    Asked.NAME: _name,
    Asked.SPOKEN_NAME: _spoken_name,
    Asked.PHONE: _own_phone,
    Asked.PHONE_FOR_NAME: _phone_for_name,
    Asked.BOOKED_PHONE: _booked_phone,
    Asked.CONTACT_PHONE: _contact_phone,
    Asked.MESSAGE: _message,
    Asked.MESSAGE_CHANGE: _message_change,
    Asked.YES_NO: _yes_no,
}
