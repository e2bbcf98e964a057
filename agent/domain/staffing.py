"""Who is to perform a service: what a caller wishes, and whom that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agent.domain.tenant import Staff, Tenant


@dataclass(frozen=True, slots=True)
class StaffWish:
    """Whom a caller wants, or does not want; with nothing set, whoever is free.

    Attributes:
        only: Staff ids, any of whom will do; empty when nobody was asked for by name.
        but: Staff ids of those refused.
        is_unknown: a name was said that nobody here has.
    """

    only: tuple[UUID, ...] = ()
    but: tuple[UUID, ...] = ()
    is_unknown: bool = False

    def admits(self, staff_id: UUID) -> bool:
        """Whether this person will do."""
        return (not self.only or staff_id in self.only) and staff_id not in self.but


ANYBODY = StaffWish()


def wished_staff(tenant: Tenant, service_id: str, wish: StaffWish | None) -> tuple[Staff, ...]:
    """Those who perform a service and will do, in the order of the tenant's document."""
    able = tenant.staff_for(service_id)
    return able if wish is None else tuple(person for person in able if wish.admits(person.id))


def other_staff(tenant: Tenant, service_id: str, wish: StaffWish | None) -> tuple[Staff, ...]:
    """Those who perform a service, were not asked for, and were not refused either."""
    if wish is None:
        return ()
    able = tenant.staff_for(service_id)
    return tuple(person for person in able if not wish.admits(person.id) and person.id not in wish.but)


def staff_name(tenant: Tenant, staff_id: UUID) -> str:
    """As it is spoken; empty for somebody who does not work here any more."""
    return next((person.name for person in tenant.staff if person.id == staff_id), "")


def spoken_staff(people: tuple[Staff, ...], *, most: int = 3) -> str:
    """ "Dr. Lee", "Dr. Lee or Dr. Ortiz"; each name once, at most `most`: a longer list is not remembered by ear."""
    names = list(dict.fromkeys(person.name for person in people))[:most]
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)
