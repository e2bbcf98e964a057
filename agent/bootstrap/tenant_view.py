"""A tenant as `voicefleet tenant show` prints it: tables to read, or the document back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import yaml

from agent.domain.holidays import date_of
from agent.domain.tenant import LocalInterval, Recording, Service, Tenant
from agent.storage.tenant_versions import TenantVersion
from agent.tenants.conversion import WEEKDAYS
from agent.tenants.document import StaffDocument, TenantDocument
from agent.tenants.us_states import us_states

_GAP = "  "
_MARGIN = "  "


def as_yaml(document: TenantDocument) -> str:
    """The document as a file for `tenant apply`, what is as by default left out; comments are not kept."""
    value = document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110))


def shown_tenant(
    document: TenantDocument, tenant: Tenant, versions: Sequence[TenantVersion], version: int, now: datetime
) -> str:
    """Everything in use, in sections.

    Args:
        document: as it was applied; `tenant`: with what law and defaults add.
        versions: newest first; `version`: the one that is shown.
        now: aware; closures and holidays are shown from then on.
    """
    sections = [
        ("", _facts(document, tenant, version)),
        ("services", [_service_row(service, document) for service in tenant.services]),
        ("staff", [_staff_row(person) for person in document.staff]),
        ("hours", [[day, _hours(tenant.opening_rules.get(n, ()))] for n, day in enumerate(WEEKDAYS)]),
        ("closed, or other hours", _exceptions(tenant, now)),
        ("versions", [_version_row(each, versions[0].version) for each in versions]),
    ]
    return "\n\n".join(_section(title, rows) for title, rows in sections if rows)


def _facts(document: TenantDocument, tenant: Tenant, version: int) -> list[list[str]]:
    said = " ".join(text for text in (tenant.greeting, tenant.ai_disclosure, tenant.recording_text) if text)
    rows = [
        ["name", tenant.name],
        ["slug", tenant.slug],
        ["version", str(version)],
        ["numbers", ", ".join(tenant.numbers)],
        ["place", ", ".join(filter(None, (tenant.timezone, tenant.state)))],
        ["greets", said],
        ["recording", _recording(document, tenant)],
        ["private", "yes: no words kept, no service named to whoever asks" if tenant.is_private else "no"],
        ["bookable", f"from {tenant.notice_min} minutes to {tenant.max_days_ahead} days ahead, "
                     f"every {tenant.start_every_min} minutes"],
        ["calls", "as many as the fleet takes" if tenant.seat_cap is None else f"at most {tenant.seat_cap} at a time"],
    ]  # fmt: skip
    policy = document.emergencies.model_dump()
    rows += [[f"emergencies, {kind}", ", ".join(phrases)] for kind, phrases in policy.items() if phrases]
    return rows + _when_nothing_helps(tenant)


def _when_nothing_helps(tenant: Tenant) -> list[list[str]]:
    """What a call leaves behind or ends with when it books nothing."""
    rules, texts = tenant.messages, tenant.texts
    urgency = "asked whether urgent" if rules.asks_urgency else "not asked whether urgent"
    words = [["messages, urgent", ", ".join(rules.urgent_words)]] if rules.is_taken and rules.urgent_words else []
    return [
        ["messages", f"taken, {urgency}" if rules.is_taken else "not taken"],
        *words,
        ["texts", f"to who agrees, {texts.booking_link or 'no link'}" if texts.is_enabled else "none"],
        ["overflow", tenant.overflow_number or "none"],
    ]


def _recording(document: TenantDocument, tenant: Tenant) -> str:
    done = "announced" if tenant.recording is Recording.ANNOUNCE else "off"
    if document.recording is not None:
        return f"{done}, as chosen"
    if tenant.is_private:
        return f"{done}, as calls are private"
    state = us_states().get(tenant.state)
    if state is None:
        return f"{done}, as the state is unknown"
    parties = "one party's consent is enough" if state.recording == "one" else "all parties must consent"
    return f"{done}, as {parties} in {state.name}; callers from stricter states are not recorded"


def _service_row(service: Service, document: TenantDocument) -> list[str]:
    buffers = f"{service.buffer_before_min} before, {service.buffer_min} after"
    price = "" if service.price_cents is None else f"${service.price_cents / 100:,.2f}"
    staff = ", ".join(person.slug for person in document.staff if service.id in person.services)
    has_buffers = service.buffer_before_min or service.buffer_min
    return [service.id, service.name, f"{service.duration_min} min", buffers if has_buffers else "", price, staff]


def _staff_row(person: StaffDocument) -> list[str]:
    places = f"{person.capacity} at a time" if person.capacity > 1 else ""
    week = "" if person.hours is None else ", ".join(
        f"{day[:3]} {' '.join(f'{opens:%H:%M}-{closes:%H:%M}' for opens, closes in hours) or 'off'}"
        for day, hours in person.hours.items()
    )  # fmt: skip
    return [person.slug, person.name, places, week]


def _exceptions(tenant: Tenant, now: datetime) -> list[list[str]]:
    today = now.astimezone(tenant.zone).date()
    rows = []
    for closure in tenant.closures:
        if closure.last_on >= today:
            until = "" if closure.last_on == closure.first_on else f" to {closure.last_on}"
            rows.append([f"{closure.first_on}{until}", _hours(closure.hours), closure.reason])
    for holiday in tenant.holidays:
        day = next(each for n in (0, 1) if (each := date_of(holiday, today.year + n)) >= today)
        rows.append([str(day), _hours(tenant.hours_on(day)), holiday.value])
    return sorted(rows)


def _version_row(each: TenantVersion, live: int) -> list[str]:
    return [str(each.version), f"{each.applied_at:%Y-%m-%d %H:%M} UTC", "live" if each.version == live else ""]


def _hours(intervals: Iterable[LocalInterval]) -> str:
    return ", ".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in intervals) or "closed"


def _section(title: str, rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    margin = _MARGIN if title else ""
    lines = [
        margin + _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([title, *lines] if title else lines)
