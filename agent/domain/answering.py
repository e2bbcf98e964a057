"""Answers to questions about the business: from its document, or computed from its hours, prices and services.

Nothing is made up: what the document does not say has no answer, and the caller is told so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from agent.domain.lines import Line, LineKey, line, said_of
from agent.domain.passages import Verdict
from agent.domain.questions import Question, Topic
from agent.domain.state import CallState
from agent.domain.tenant import LocalInterval, Service, Tenant

#: More names or prices than these are not remembered by ear.
MOST_NAMED = 3
#: How far ahead the next open day is looked for.
_LOOK_AHEAD_DAYS = 30
_HOLIDAYS_AHEAD_DAYS = 366

#: Questions that the knowledge base may answer better than the document: than a fact that shares a word with them, and
#: than the list of services when they name none of those.
_OPEN_TOPICS = frozenset({Topic.FACT, Topic.PRICE, Topic.DURATION, Topic.SERVICES, Topic.OFFERED})

#: Takes (question, service it is about, local time, tenant); None when the document does not say.
Rule = Callable[[Question, Service | None, datetime, Tenant], tuple[Line, ...] | None]


def answer(question: Question, state: CallState, now: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    """What is said to a question; None when we have no answer.

    Args:
        now: aware; "are you open?" is asked of this moment.
    """
    asked_id = question.service_id or state.service_id or state.side.talked_of
    service = tenant.service(asked_id) if asked_id and tenant.has_service(asked_id) else None
    passage = _passage(question, service, now, tenant)
    if passage is not None and is_for_the_base(question):
        return passage
    return ANSWERS[question.topic](question, service, now.astimezone(tenant.zone), tenant) or passage


def is_for_the_base(question: Question) -> bool:
    """Whether what the knowledge base is sure of answers it, whatever a rule could say."""
    if question.topic in (Topic.PASSAGE, Topic.UNKNOWN):
        return True
    return question.topic in _OPEN_TOPICS and question.service_id is None  # "how much is parking?" names no service


def written_hours(intervals: tuple[LocalInterval, ...]) -> str:
    """Opening hours as a line's argument: "08:00-12:00,13:00-17:00"; empty when closed."""
    return ",".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in intervals)


def _hours(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    if question.first_on is None or question.last_on is None:
        week = "|".join(written_hours(tenant.opening_rules.get(weekday, ())) for weekday in range(7))
        return (line(LineKey.ANSWER_WEEK, open_week=week),)
    if question.last_on - question.first_on > timedelta(days=1):
        return _hours(Question(Topic.HOURS), service, local, tenant)
    days = sorted({question.first_on, question.last_on})
    if len(days) > 1 and not any(tenant.hours_on(day) for day in days):
        return (line(LineKey.ANSWER_CLOSED_DAYS, closed_days=_written_days(days)),)
    return tuple(_hours_on(day, tenant) for day in days)


def _hours_on(day: date, tenant: Tenant) -> Line:
    hours = tenant.hours_on(day)
    if hours:
        return line(LineKey.ANSWER_OPEN_ON, day_on=day.isoformat(), open_hours=written_hours(hours))
    return line(LineKey.ANSWER_CLOSED_DAYS, closed_days=day.isoformat())


def _closes(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    return _edge(LineKey.ANSWER_CLOSES, question, local, tenant, lambda hours: hours[-1].closes)


def _opens(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    return _edge(LineKey.ANSWER_OPENS, question, local, tenant, lambda hours: hours[0].opens)


def _edge(
    key: LineKey,
    question: Question,
    local: datetime,
    tenant: Tenant,
    edge: Callable[[tuple[LocalInterval, ...]], time],
) -> tuple[Line, ...] | None:
    """When a day begins or ends; without a day, that of the next time this happens."""
    day = question.first_on or _next_day(local, tenant, lambda hours: edge(hours) > local.time())
    if day is None:
        return None
    hours = tenant.hours_on(day)
    return (line(key, day_on=day.isoformat(), at_time=f"{edge(hours):%H:%M}") if hours else _hours_on(day, tenant),)


def _next_day(
    local: datetime, tenant: Tenant, may_be_today: Callable[[tuple[LocalInterval, ...]], bool]
) -> date | None:
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        hours = tenant.hours_on(day)
        if hours and (ahead or may_be_today(hours)):
            return day
    return None


def _open_now(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    today = tenant.hours_on(local.date())
    for interval in today:
        if interval.opens <= local.time() < interval.closes:
            return (line(LineKey.ANSWER_OPEN_NOW, at_time=f"{interval.closes:%H:%M}"),)
    later = [interval.opens for interval in today if interval.opens > local.time()]
    day = local.date() if later else _next_day(local, tenant, lambda _: False)
    if day is None:
        return None
    opens = later[0] if later else tenant.hours_on(day)[0].opens
    return (line(LineKey.ANSWER_CLOSED_NOW, day_on=day.isoformat(), at_time=f"{opens:%H:%M}"),)


def _holidays(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    """The next days off, at most so many: holidays, and the first days of closures."""
    today = local.date()
    closed = [closure for closure in tenant.closures if closure.last_on >= today and not closure.hours]
    ahead = [today + timedelta(days=n) for n in range(_HOLIDAYS_AHEAD_DAYS)]
    kept = {day for day in ahead if tenant.holiday_on(day) and _is_weekday_open(day, tenant)}
    for closure in tenant.closures:  # it says more of its days than a holiday does
        kept = {day for day in kept if not closure.first_on <= day <= closure.last_on}
    days = sorted(kept | {max(closure.first_on, today) for closure in closed})[:MOST_NAMED]
    return (line(LineKey.ANSWER_CLOSED_DAYS, closed_days=_written_days(days)),) if days else None


def _is_weekday_open(day: date, tenant: Tenant) -> bool:
    return bool(tenant.opening_rules.get(day.weekday()))


def _written_days(days: list[date]) -> str:
    return ",".join(day.isoformat() for day in days)


def _address(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    address = tenant.knowledge.address
    return (line(LineKey.ANSWER_ADDRESS, address=address),) if address else None


def _phone(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    return (line(LineKey.ANSWER_PHONE, phone=tenant.numbers[0]),)


def _price(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    if service is not None:
        cents = service.price_cents
        return None if cents is None else (line(LineKey.ANSWER_PRICE, service=service.name, price_cents=str(cents)),)
    priced = [each for each in tenant.services if each.price_cents is not None][:MOST_NAMED]
    if not priced:
        return None
    return (line(LineKey.ANSWER_PRICES, each_price="|".join(f"{each.name}={each.price_cents}" for each in priced)),)


def _services(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    names = [each.name for each in tenant.services]
    key = LineKey.ANSWER_SERVICES if len(names) <= MOST_NAMED else LineKey.ANSWER_SERVICES_AMONG
    return (line(key, and_names="|".join(names[:MOST_NAMED])),)


def _offered(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    known = question.service_id and tenant.has_service(question.service_id)
    return (line(LineKey.ANSWER_OFFERED, service=tenant.service(question.service_id or "").name),) if known else None


def _duration(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    if service is None:
        lengths = "|".join(f"{each.name}={each.duration_min}" for each in tenant.services[:MOST_NAMED])
        return (line(LineKey.ANSWER_DURATIONS, each_length=lengths),)
    return (line(LineKey.ANSWER_DURATION, service=service.name, takes_min=str(service.duration_min)),)


def _staff(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    people = tenant.staff_for(question.service_id) if question.service_id else tenant.staff
    names = list(dict.fromkeys(each.name for each in people))  # two bays are one name
    return (line(LineKey.ANSWER_STAFF, or_names="|".join(names[:MOST_NAMED])),)


def _business(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    return (line(LineKey.ANSWER_BUSINESS),)


def _fact(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    text = tenant.knowledge.answer(question.fact_id)
    return (line(LineKey.OWN_WORDS, text=text),) if text else None


def _passage(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    """What the knowledge base says; a passage that was only likely has been asked about before it comes here."""
    finding = question.finding
    if finding is None or finding.best is None:
        return None
    is_certain = finding.verdict is Verdict.ACCEPT or question.topic is Topic.PASSAGE
    return (said_of(finding),) if is_certain else None


def _nothing(question: Question, service: Service | None, local: datetime, tenant: Tenant) -> tuple[Line, ...] | None:
    return None


ANSWERS: dict[Topic, Rule] = {
    Topic.HOURS: _hours,
    Topic.OPENS: _opens,
    Topic.CLOSES: _closes,
    Topic.OPEN_NOW: _open_now,
    Topic.HOLIDAYS: _holidays,
    Topic.ADDRESS: _address,
    Topic.PHONE: _phone,
    Topic.PRICE: _price,
    Topic.SERVICES: _services,
    Topic.OFFERED: _offered,
    Topic.DURATION: _duration,
    Topic.STAFF: _staff,
    Topic.BUSINESS: _business,
    Topic.FACT: _fact,
    Topic.PASSAGE: _passage,
    Topic.UNKNOWN: _nothing,
}
