"""Faults between the fields of a tenant's document whose shape is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from agent.domain.consent import discloses
from agent.domain.tenant import Tenant
from agent.tenants.conversion import to_tenant
from agent.tenants.document import ClosureDocument, TenantDocument
from agent.tenants.faults import Fault, Place, path
from agent.tenants.us_states import law_of_state, us_states
from agent.tenants.values import WeekHours

_A_MONDAY = datetime(2024, 1, 1)


def cross_faults(document: TenantDocument) -> list[Fault]:
    """Every fault, in no particular order."""
    faults = [
        *_twice("services", "id", [service.id for service in document.services]),
        *_twice("staff", "slug", [person.slug for person in document.staff]),
        *_twice("facts", "id", [fact.id for fact in document.facts]),
        *_numbers_twice(document),
        *_shared_names(document),
        *_performers(document),
        *_services_of_leads(document),
        *_overlaps(("hours",), document.hours),
        *_days_twice(("closures",), document.closures),
        *_words(document),
        *_put_through_to_us(document),
        *_knowledge(document),
        *_premium_for_nobody(document),
    ]
    for index, person in enumerate(document.staff):
        faults += _overlaps(("staff", index, "hours"), person.hours or {})
        faults += _days_twice(("staff", index, "time_off"), person.time_off)
    if document.notice_min >= document.max_days_ahead * 24 * 60:
        text = f"notice_min: expected less than the {document.max_days_ahead} days of max_days_ahead"
        faults.append(Fault(("notice_min",), text))
    return faults or list(_never_bookable(document, to_tenant(document)))


def _twice(field: str, key: str, names: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault((field, index, key), f"{field}: {key} {name!r} is used twice")


def _numbers_twice(document: TenantDocument) -> Iterator[Fault]:
    for index, number in enumerate(document.numbers):
        if number in document.numbers[:index]:
            yield Fault(("numbers", index), f"numbers[{index}]: {number} is listed twice")


def _shared_names(document: TenantDocument) -> Iterator[Fault]:
    """What a caller says must name one service."""
    owner: dict[str, str] = {}
    for index, service in enumerate(document.services):
        for place, name in enumerate((service.name, *service.aliases)):
            known = owner.setdefault(name.casefold(), service.id)
            if known != service.id:
                where: Place = ("services", index, "aliases", place - 1) if place else ("services", index, "name")
                yield Fault(where, f"{path(where)}: {name!r} already names the service {known!r}")


def _performers(document: TenantDocument) -> Iterator[Fault]:
    ids = [service.id for service in document.services]
    for index, person in enumerate(document.staff):
        for entry, name in enumerate(person.services):
            if name not in ids:
                place: Place = ("staff", index, "services", entry)
                yield Fault(place, f"{path(place)}: expected one of {', '.join(ids)}, got {name!r}")
    performed = {name for person in document.staff for name in person.services}
    for index, name in enumerate(ids):
        if name not in performed:
            place = ("services", index, "id")
            yield Fault(place, f"{path(place)}: no staff member performs {name!r}; add it to somebody's services")


def _services_of_leads(document: TenantDocument) -> Iterator[Fault]:
    ids = [service.id for service in document.services]
    for entry, name in enumerate(document.leads.services if document.leads else []):
        if name not in ids:
            place: Place = ("leads", "services", entry)
            yield Fault(place, f"{path(place)}: expected one of {', '.join(ids)}, got {name!r}")


def _overlaps(place: Place, week: WeekHours) -> Iterator[Fault]:
    for day, intervals in week.items():
        if any(later[0] < earlier[1] for earlier, later in pairwise(sorted(intervals))):
            yield Fault((*place, day), f"{path((*place, day))}: intervals overlap")


def _days_twice(place: Place, closures: list[ClosureDocument]) -> Iterator[Fault]:
    for index, closure in enumerate(closures):
        for earlier, other in enumerate(closures[:index]):
            if closure.date <= (other.until or other.date) and other.date <= (closure.until or closure.date):
                where = (*place, index)
                yield Fault(where, f"{path(where)}: {path((*place, earlier))} already says something of these days")
        if any(later[0] < first[1] for first, later in pairwise(sorted(closure.hours))):
            where = (*place, index, "hours")
            yield Fault(where, f"{path(where)}: intervals overlap")


def _words(document: TenantDocument) -> Iterator[Fault]:
    """What is said before a recording, and what the law wants to be said."""
    if document.recording == "announce" and document.recording_text == "":
        text = "recording_text: missing; what is said before a recorded call, as recording is announce"
        yield Fault(("recording_text",), text)
    if document.recording == "announce" and document.is_private:
        yield Fault(("recording",), "recording: expected \"off\", as is_private is true, got 'announce'")
    words = f"{document.greeting} {document.ai_disclosure}"
    is_said = document.ai_disclosure is None or discloses(words, document.name)
    if document.state and law_of_state(document.state).demands_disclosure and not is_said:
        name = us_states()[document.state].name
        text = f'ai_disclosure: expected words like "I\'m an AI assistant", which {name} demands, or no such line'
        yield Fault(("ai_disclosure",), f"{text}; got {document.ai_disclosure!r}")


def _put_through_to_us(document: TenantDocument) -> Iterator[Fault]:
    if document.transfer is not None and document.transfer.number in document.numbers:
        number = document.transfer.number
        yield Fault(("transfer", "number"), f"transfer.number: {number} is in numbers: callers would reach us again")


def _knowledge(document: TenantDocument) -> Iterator[Fault]:
    accept, confirm = document.knowledge.accept, document.knowledge.confirm
    if accept is not None and confirm is not None and confirm > accept:
        text = f"knowledge.confirm: expected at most knowledge.accept, which is {accept}, got {confirm}"
        yield Fault(("knowledge", "confirm"), text)
    if document.knowledge.may_shorten and document.is_private:
        text = "knowledge.may_shorten: expected false, as is_private is true: callers' questions would go to a model"
        yield Fault(("knowledge", "may_shorten"), text)


def _premium_for_nobody(document: TenantDocument) -> Iterator[Fault]:
    if document.voices is not None and document.leads is None:
        text = "voices: expected `leads` beside it: without a lead score no caller earns the dearer voice"
        yield Fault(("voices",), text)


def _never_bookable(document: TenantDocument, tenant: Tenant) -> Iterator[Fault]:
    """Services longer than any time in a usual week at which somebody performs them."""
    days = [(_A_MONDAY + timedelta(days=n)).date() for n in range(7)]
    weekly = to_tenant(document.model_copy(update={"closures": [], "holidays": []}))
    for index, service in enumerate(tenant.services):
        spans = [
            datetime.combine(day, each.closes) - datetime.combine(day, each.opens)
            for person in weekly.staff_for(service.id)
            for day in days
            for each in weekly.staff_hours_on(person, day)
        ]
        longest_min = round(max(spans, default=timedelta()).total_seconds() / 60)
        if service.duration_min > longest_min:
            place: Place = ("services", index, "duration_min")
            text = f"{path(place)}: {service.duration_min} minutes fit into no day: the longest time is {longest_min}"
            yield Fault(place, text)
