"""Words to Facts: each grammar takes its words, the next one reads what is left.

Order matters. A telephone number goes first, or its digits would be read as times; services next, or
a "check up at three" would be a name; days before hours, or "the 26th at 3" would be 26 past three.
"""

from __future__ import annotations

import re
from datetime import datetime

from agent.domain.contact import LOCAL_DIGITS, NATIONAL_DIGITS, e164_or_none
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.tenant import Tenant
from agent.understanding.advice import read_advice
from agent.understanding.answers import (
    read_answer,
    read_choice,
    read_wishes,
    reads_correction,
    reads_not_knowing,
    reads_same_number,
    reads_yes_first,
)
from agent.understanding.changes import (
    is_cancel_order,
    is_yes_with_a_reason,
    read_change,
    reads_existing,
    split_times,
)
from agent.understanding.day_values import Days
from agent.understanding.days import any_day, read_days, reads_any_day
from agent.understanding.delays import read_delay
from agent.understanding.emergencies import read_emergency
from agent.understanding.hours import Hours, read_hours
from agent.understanding.messages import with_message
from agent.understanding.names import read_name
from agent.understanding.numbers import DigitRun, digit_runs, with_numerals
from agent.understanding.services import find_service
from agent.understanding.staff import read_staff
from agent.understanding.words import Word, joined, split_words

#: Fewer digits than this are a time or a date unless a number is plainly being said.
MIN_FRAGMENT_DIGITS = 3
#: Between so many a caller chooses; "the fourth" is a day then. While digits are said, no ordinal is one.
MOST_OFFERS = 2
_EVERY_DAY = 31
#: What is expected while everything is read back, or asked what to change of it.
_READ_BACK = (Expect.YES_NO, Expect.ANY)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|,\s+(?=(?:and |but )?(?:what|where|when|which|how|can|could|do|does)\b)")
_PHONE_WORDS = frozenset({"number", "phone", "cell", "mobile", "reach", "call"})


def understand(text: str, *, expects: Expect, tenant: Tenant, now: datetime) -> Facts:
    """What an utterance tells us.

    Args:
        text: as recognised; punctuation and capitals are optional.
        expects: what the last question asked for; settles short answers.
        now: aware; "tomorrow" is counted in the tenant's zone.
    Returns: empty facts when nothing was understood; never raises.
    """
    words = split_words(text)
    whole = joined(words)
    run = _phone_run(words, expects)
    if run is not None:
        words = [*words[: run.start], Word("|", "|"), *words[run.stop :]]
    service = find_service(words, tenant, is_asked=expects is Expect.SERVICE)
    if service is not None:
        words = [*words[: service.start], Word("|", "|"), *words[service.stop :]]
    staff, words = read_staff(words, tenant, expects)
    choice = read_choice(whole) if expects is Expect.CHOICE else None
    change = read_change(whole)
    wishes = read_wishes(whole, expects)
    named, wished = split_times(words, change) if change else ([], words)
    booked_when, _ = _read_time(named, False, Expect.WHEN, tenant, now)
    when, days = _read_time(wished, choice is not None, expects, tenant, now)
    phone = _number(run.digits, tenant) if run else None
    answer = _read_yes_or_no(text, words, expects, has_number=run is not None)
    if answer is None and days.was_negated and when is None:
        answer = False
    facts = Facts(
        text=text,
        service_id=service.service_id if service else None,
        when=when,
        booked_when=booked_when,
        staff=staff,
        has_appointment=reads_existing(whole),
        conflict=days.conflict,
        name=read_name(words, is_asked=expects is Expect.NAME, is_corrected=answer is False and expects in _READ_BACK),
        phone=phone,
        phone_digits=run.digits if run and phone is None and len(run.digits) < NATIONAL_DIGITS else None,
        is_phone_garbled=run is not None and phone is None and len(run.digits) >= NATIONAL_DIGITS,
        same_number=run is None and reads_same_number(whole, is_asked=expects is Expect.PHONE),
        answer=answer,
        choice=choice,
        wishes=wishes if change is None else (wishes - {Wish.BOOK}) | {change},
        correction=reads_correction(whole),
        is_past=days.is_past,
        is_order=change is Wish.CANCEL and is_cancel_order(whole),
        emergency=read_emergency(text, tenant),
        advice=read_advice(text),
    )
    return with_message(facts, text, whole, expects, tenant)


def _read_yes_or_no(text: str, words: list[Word], expects: Expect, *, has_number: bool) -> bool | None:
    """The answer in an utterance; `words` are those of it that no telephone number, service or staff took."""
    whole = joined(split_words(text))
    answer = read_answer(
        whole,
        is_asked=expects in (Expect.YES_NO, Expect.CHOICE),
        may_part=expects is Expect.YES_NO,
        has_question_mark=text.rstrip().endswith("?"),
    )
    if expects is Expect.YES_NO and is_yes_with_a_reason(whole):
        answer = True
    if answer is None and expects is Expect.YES_NO:
        answer = True if reads_yes_first(_sentences(text)) else None
    if answer is True and not has_number and _has_stray_number(words):
        answer = None
    if answer is None and expects is Expect.PHONE and reads_not_knowing(whole):
        answer = False
    return answer


def _sentences(text: str) -> list[str]:
    """Each sentence in normal form; a comma before a question word parts two as well."""
    return [joined(split_words(part)) for part in _SENTENCE_END.split(text)]


def _phone_run(words: list[Word], expects: Expect) -> DigitRun | None:
    """The run of digits that is a telephone number or plainly a part of one; the last one said."""
    is_mentioned = any(word.norm in _PHONE_WORDS for word in words)
    for run in reversed(digit_runs(words)):
        count = len(run.digits)
        if count >= NATIONAL_DIGITS or (count == LOCAL_DIGITS and (is_mentioned or expects is Expect.PHONE)):
            return run
        is_alone = run.stop - run.start == len(words)
        if expects is Expect.PHONE and (count >= MIN_FRAGMENT_DIGITS or is_alone):
            return run
        is_announced = is_mentioned and words[max(0, run.start - 1)].norm in _PHONE_WORDS | {"is", "its"}
        if is_announced and count >= MIN_FRAGMENT_DIGITS:
            return run
    return None


def _has_stray_number(words: list[Word]) -> bool:
    """Whether most of a telephone number was said in words that were not taken for one: "… four six four correct five"
    corrects what was read back, and is no yes to it."""
    return any(len(run.digits) > NATIONAL_DIGITS // 2 for run in digit_runs(words))


def _number(digits: str, tenant: Tenant) -> str | None:
    """A complete number; of two in a row ("not this, that") the second."""
    if len(digits) == 2 * NATIONAL_DIGITS:
        digits = digits[NATIONAL_DIGITS:]
    return e164_or_none(digits, tenant.area_code)


def _read_when(
    words: list[Word], is_choice: bool, expects: Expect, tenant: Tenant, now: datetime
) -> tuple[Days, Hours]:
    if expects is Expect.PHONE and all(word.norm == "|" for word in words):
        return Days(), Hours()
    local = now.astimezone(tenant.zone)
    text = with_numerals(words)
    moment = read_delay(text, local, tenant.start_every_min)
    if moment is not None:
        return Days(moment.date(), moment.date()), Hours(at=moment.time())
    offers = MOST_OFFERS if is_choice or expects is Expect.CHOICE else 0
    days, rest = read_days(text, local.date(), offers=_EVERY_DAY if expects is Expect.PHONE else offers)
    day = days.first_on if days.first_on == days.last_on else None
    takes_bare = expects in (Expect.WHEN, Expect.CHOICE) or days.first_on is not None or reads_correction(joined(words))
    return days, Hours() if is_choice else read_hours(rest, day, tenant, takes_bare=takes_bare)


def _read_time(
    words: list[Word], is_choice: bool, expects: Expect, tenant: Tenant, now: datetime
) -> tuple[When | None, Days]:
    """The time these words mean; the days beside it tell of contradictions."""
    days, hours = _read_when(words, is_choice, expects, tenant, now)
    return _when(days, hours, joined(words), expects, now, tenant), days


def _when(days: Days, hours: Hours, whole: str, expects: Expect, now: datetime, tenant: Tenant) -> When | None:
    if days.conflict is not None or days.is_past:
        return None
    if days.first_on is None and expects is Expect.WHEN and reads_any_day(whole):
        days = any_day(now.astimezone(tenant.zone).date(), days.except_on)
    except_on = days.except_on if days.first_on is not None else ()
    when = When(days.first_on, days.last_on, hours.at, hours.not_before, hours.not_after, except_on)
    return when if when.has_day or when.has_time else None
