"""Who is to perform it, as a slot: put in, checked against the service, and said back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from agent.domain.lines import Line, LineKey, line
from agent.domain.staffing import ANYBODY, StaffWish, spoken_staff, staff_name, wished_staff
from agent.domain.state import CallState
from agent.domain.tenant import Tenant


def absorb_staff(state: CallState, wish: StaffWish | None) -> CallState:
    """Put a wish for somebody in its slot; a hold with somebody else becomes stale."""
    if wish is None or wish == state.staff:
        return state
    is_with_other = state.hold is not None and not wish.admits(state.hold.opening.staff_id)
    return replace(state, staff=wish, is_hold_stale=state.is_hold_stale or is_with_other, losses=0)


def checked_staff(state: CallState, tenant: Tenant) -> tuple[CallState, tuple[Line, ...]]:
    """The wish as far as it can be met: one for nobody who performs the service gives way, and that is said."""
    wish = state.staff
    if wish is None:
        return state, ()
    service_id = state.service_id if state.service_id and tenant.has_service(state.service_id) else None
    able = tenant.staff_for(service_id) if service_id else tenant.staff
    if wish.is_unknown:
        return replace(state, staff=ANYBODY), (line(LineKey.STAFF_UNKNOWN, staff=spoken_staff(able)),)
    if service_id is None or wished_staff(tenant, service_id, wish):
        return state, ()
    service = tenant.service(service_id).name
    return (
        replace(state, staff=ANYBODY),
        (line(LineKey.STAFF_NOT_FOR_SERVICE, service=service, staff=spoken_staff(able)),),
    )


def with_staff(state: CallState, staff_id: UUID, tenant: Tenant, name: str = "start_with") -> dict[str, str]:
    """The argument that says with whom, for callers to whom it matters."""
    spoken = staff_name(tenant, staff_id) if state.staff is not None else ""
    return {name: spoken} if spoken else {}
