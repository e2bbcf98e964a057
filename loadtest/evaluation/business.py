"""What a caller knows of the business, from its tenant file: services, hours, and what it tells of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `staff` counts who performs it; `names` are those callers use, the first is read back."""

    id: str
    names: tuple[str, ...]
    length_min: int
    staff: int
    price_dollars: int | None


@dataclass(frozen=True, slots=True)
class Business:
    """A tenant as callers know it.

    Attributes:
        hours: opening intervals by weekday, Monday 0; wall clock.
        document: the whole file, for what only some tenants have.
    """

    services: tuple[Service, ...]
    hours: tuple[tuple[tuple[time, time], ...], ...]
    closed_on: frozenset[date]
    document: dict[str, Any]

    def service(self, service_id: str) -> Service:
        """By its id. Raises KeyError."""
        return {service.id: service for service in self.services}[service_id]

    def is_open(self, start: datetime, length_min: int) -> bool:
        """Whether this much time fits into the opening hours."""
        if start.date() in self.closed_on:
            return False
        end = start + timedelta(minutes=length_min)
        return any(
            datetime.combine(start.date(), opens) <= start and end <= datetime.combine(start.date(), closes)
            for opens, closes in self.hours[start.weekday()]
        )


def load_business(path: Path) -> Business:
    """Read a tenant file. Raises KeyError or ValueError when it is none."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    staff = document["staff"]
    services = tuple(
        Service(
            id=each["id"],
            names=(each["name"], *each.get("aliases", ())),
            length_min=each["duration_min"] + each.get("buffer_min", 0),
            staff=sum(each["id"] in person["services"] for person in staff),
            price_dollars=each["price_cents"] // 100 if each.get("price_cents") else None,
        )
        for each in document["services"]
    )
    hours = tuple(tuple(_interval(written) for written in document["hours"].get(day, ())) for day in _WEEKDAYS)
    closed = frozenset(each["date"] for each in document.get("closures", ()) if "date" in each)
    return Business(services, hours, closed, document)


def _interval(written: str) -> tuple[time, time]:
    opens, closes = written.split("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)
