"""A tenant's document: YAML file or stored JSON, checked whole, turned into the domain's Tenant."""

from __future__ import annotations

from collections import Counter
from datetime import date as Day
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    model_validator,
)

from agent.domain.errors import ConfigError
from agent.domain.tenant import (
    Closure,
    LocalInterval,
    Recording,
    Service,
    Staff,
    Tenant,
    staff_id,
    tenant_id,
)
from agent.domain.transfers import TransferKind, TransferRule

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: What each kind of value must be, as the sentence of a fault says it.
SLUG = "lower-case letters, digits and hyphens, at most 40"
TEXT = "a text of 1 to 300 characters"


def _interval(value: Any) -> tuple[time, time]:
    if isinstance(value, str) and value.count("-") == 1:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except ValueError:
            pass
        else:
            if opens < closes:
                return (opens, closes)
    raise ValueError('hours like "08:00-17:00", opening before closing')


def _timezone(value: Any) -> str:
    if isinstance(value, str) and value in available_timezones():
        return value
    raise ValueError('an IANA time zone such as "America/New_York"')


def _recording(value: Any) -> Any:
    # YAML 1.1 reads a bare `off` as false.
    return "off" if value is False else value


def _written(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$"), Field(description=SLUG)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300), Field(description=TEXT)]
OptionalText = Annotated[str, Field(max_length=300, description="a text of at most 300 characters")]
Hours = Annotated[
    tuple[time, time],
    BeforeValidator(_interval),
    PlainSerializer(_written),
    Field(description='hours like "08:00-17:00"'),
]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class ServiceDocument(_Document):
    """One bookable service."""

    id: Slug
    name: Text
    aliases: list[Text] = Field(default=[], max_length=30, description="a list of at most 30 texts")
    duration_min: int = Field(ge=5, le=480, description="a whole number of minutes between 5 and 480")
    buffer_min: int = Field(default=0, ge=0, le=240, description="a whole number of minutes between 0 and 240")
    price_cents: int | None = Field(default=None, ge=0, description="a whole number of cents, 0 or more")


class StaffDocument(_Document):
    """One person who performs services."""

    slug: Slug
    name: Text
    services: list[Slug] = Field(min_length=1, description="a list of service ids")


class ClosureDocument(_Document):
    """A dated exception to the weekly hours: one day, or from `date` to `until`."""

    date: Day = Field(description="a date like 2026-12-25")
    until: Day | None = Field(default=None, description="a date like 2026-12-26, not before `date`")
    reason: OptionalText = ""
    hours: list[Hours] = []

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until < self.date:
            raise ValueError("until: a date not before `date`")
        return self


class TransferDocument(_Document):
    """Whom callers who ask for a person are put through to."""

    number: str = Field(pattern=r"^\+[1-9]\d{6,14}$", description='a number like "+15550100199", in quotes')
    kind: Literal["cold", "warm"] = Field(description='"cold" or "warm"')
    hours: Literal["open", "always"] = Field(default="open", description='"open" or "always"')
    ring_timeout_s: int = Field(default=20, ge=5, le=60, description="a whole number of seconds between 5 and 60")
    briefing: bool = Field(default=True, description="true or false")


class TenantDocument(_Document):
    """The whole file."""

    id: UUID | None = Field(default=None, description="a UUID, or absent to derive it from the slug")
    slug: Slug
    name: Text
    timezone: Annotated[str, BeforeValidator(_timezone)] = Field(
        description='an IANA time zone such as "America/New_York"'
    )
    language: Literal["en"] = Field(default="en", description='"en"')
    greeting: Text
    ai_disclosure: OptionalText = ""
    recording: Annotated[Literal["off", "announce"], BeforeValidator(_recording)] = Field(
        default="off", description='"off" or "announce"'
    )
    recording_text: OptionalText = ""
    numbers: list[
        Annotated[
            str,
            StringConstraints(pattern=r"^\+[1-9]\d{6,14}$"),
            Field(description='a number like "+15550100100", in quotes'),
        ]
    ] = Field(min_length=1, description="a list of at least one number")
    area_code: str = Field(default="", pattern=r"^(\d{3})?$", description='three digits in quotes, like "555"')
    services: list[ServiceDocument] = Field(min_length=1, description="a list of at least one service")
    staff: list[StaffDocument] = Field(min_length=1, description="a list of at least one person")
    hours: dict[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], list[Hours]] = (
        Field(min_length=1, description="hours by weekday, at least one day")
    )
    closures: list[ClosureDocument] = []
    start_every_min: int = Field(default=15, ge=5, le=120, description="a whole number between 5 and 120")
    notice_min: int = Field(default=30, ge=0, le=10080, description="a whole number between 0 and 10080")
    transfer: TransferDocument | None = None
    seat_cap: int | None = Field(default=None, ge=1, le=1000, description="a whole number between 1 and 1000")


def load_tenant(path: Path) -> Tenant:
    """The tenant a file describes. Raises ConfigError naming every fault in it."""
    return to_tenant(load_document(path))


def load_document(path: Path) -> TenantDocument:
    """The checked document of a file. Raises ConfigError naming every fault in it."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    return parse_document(value, str(path))


def tenant_from_json(document: dict[str, Any], source: str = "tenant document") -> Tenant:
    """The tenant a stored document describes (`document_json` wrote it). Raises ConfigError."""
    return to_tenant(parse_document(document, source))


def document_json(document: TenantDocument) -> dict[str, Any]:
    """The document as it is stored."""
    return document.model_dump(mode="json", exclude_none=True)


def parse_document(value: Any, source: str) -> TenantDocument:
    """Check a document whole. Raises ConfigError with one line for each fault."""
    if not isinstance(value, dict):
        raise ConfigError(f"{source}: expected a mapping of settings, got {_shown(value)}")
    try:
        document = TenantDocument.model_validate(value)
    except ValidationError as error:
        faults = [_fault_sentence(dict(fault)) for fault in error.errors()]
    else:
        faults = _cross_faults(document)
    if faults:
        raise ConfigError("\n".join(f"{source}: {fault}" for fault in faults))
    return document


def _fault_sentence(fault: dict[str, Any]) -> str:
    where = _path(fault["loc"])
    if fault["type"] == "missing":
        return f"{where}: missing; expected {_expected(fault['loc'])}"
    if fault["type"] == "extra_forbidden":
        return f"{where}: there is no such setting"
    expected = _expected(fault["loc"])
    if not expected:
        expected = str(fault.get("ctx", {}).get("error", fault["msg"]))
    return f"{where}: expected {expected}, got {_shown(fault['input'])}"


def _path(loc: tuple[str | int, ...]) -> str:
    text = ""
    for part in loc:
        if part == "[key]":
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _expected(loc: tuple[str | int, ...]) -> str:
    """The description of the field a fault lies in; empty when it has none of its own."""
    models: dict[str, type[BaseModel]] = {
        "services": ServiceDocument,
        "staff": StaffDocument,
        "closures": ClosureDocument,
    }
    if loc[0] == "hours":
        return 'hours like "08:00-17:00"' if len(loc) == 3 and loc[-1] != "[key]" else "a weekday: a list of hours"
    nested = models.get(str(loc[0]))
    if nested is not None and len(loc) >= 3:
        field = nested.model_fields.get(str(loc[2]))
    elif loc[0] == "numbers" and len(loc) == 2:
        return 'a number like "+15550100100", in quotes'
    elif loc[0] == "transfer" and len(loc) == 2:
        field = TransferDocument.model_fields.get(str(loc[1]))
    else:
        field = TenantDocument.model_fields.get(str(loc[0]))
    return (field.description or "") if field is not None else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _cross_faults(document: TenantDocument) -> list[str]:
    """Faults that lie between fields."""
    faults = []
    ids = [service.id for service in document.services]
    faults += [f"services: id {name!r} is used twice" for name, n in Counter(ids).items() if n > 1]
    slugs = [person.slug for person in document.staff]
    faults += [f"staff: slug {name!r} is used twice" for name, n in Counter(slugs).items() if n > 1]
    for index, person in enumerate(document.staff):
        for place, name in enumerate(person.services):
            if name not in ids:
                expected = f"one of {', '.join(ids)}"
                faults.append(f"staff[{index}].services[{place}]: expected {expected}, got {name!r}")
    performed = {name for person in document.staff for name in person.services}
    faults += [
        f"services[{index}].id: no staff member performs {name!r}; add it to somebody's services"
        for index, name in enumerate(ids)
        if name not in performed
    ]
    for day, intervals in document.hours.items():
        ordered = sorted(intervals)
        if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
            faults.append(f"hours.{day}: intervals overlap")
    if document.recording == "announce" and not document.recording_text:
        faults.append("recording_text: missing; what is said before a recorded call, as recording is announce")
    return faults


def to_tenant(document: TenantDocument) -> Tenant:
    """The domain's view of a checked document."""
    return Tenant(
        id=document.id or tenant_id(document.slug),
        slug=document.slug,
        name=document.name,
        timezone=document.timezone,
        language=document.language,
        greeting=document.greeting,
        ai_disclosure=document.ai_disclosure,
        recording=Recording(document.recording),
        recording_text=document.recording_text,
        services=tuple(
            Service(s.id, s.name, tuple(s.aliases), s.duration_min, s.buffer_min, s.price_cents)
            for s in document.services
        ),
        staff=tuple(
            Staff(staff_id(document.slug, p.slug), p.slug, p.name, frozenset(p.services)) for p in document.staff
        ),
        opening_rules={WEEKDAYS.index(day): _intervals(hours) for day, hours in document.hours.items()},
        closures=tuple(Closure(c.date, c.until or c.date, c.reason, _intervals(c.hours)) for c in document.closures),
        numbers=tuple(document.numbers),
        area_code=document.area_code,
        start_every_min=document.start_every_min,
        notice_min=document.notice_min,
        seat_cap=document.seat_cap,
        transfer=_transfer(document.transfer),
    )


def _transfer(document: TransferDocument | None) -> TransferRule | None:
    if document is None:
        return None
    is_always = document.hours == "always"
    kind = TransferKind(document.kind)
    return TransferRule(document.number, kind, is_always, document.ring_timeout_s, document.briefing)


def _intervals(hours: list[tuple[time, time]]) -> tuple[LocalInterval, ...]:
    return tuple(LocalInterval(opens, closes) for opens, closes in sorted(hours))
