"""`voicefleet waitlist list`: who waits for a time of a business to become free, and for whom one did."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from agent.bootstrap.tenant_document import tenant_from_json
from agent.domain.codec import encode
from agent.domain.errors import ConfigError
from agent.domain.staffing import spoken_staff, staff_name
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitEntry
from agent.runtime.settings import DatabaseSettings, load
from agent.scheduling.desk import Desk
from agent.storage import tenants
from agent.storage.pool import Role, fleet_tx, open_pool


async def show(slug: str, *, is_json: bool) -> int:
    """Print the list of one tenant.

    Raises: ConfigError: there is no such tenant.
    """
    settings = load(DatabaseSettings)
    async with await open_pool(settings.database_url.get_secret_value(), role=Role.KEEPER, max_size=1) as pool:
        async with fleet_tx(pool) as connection:
            stored = await tenants.tenant_by_slug(connection, slug)
        if stored is None:
            raise ConfigError(f"{slug}: no tenant of this slug in the database")
        tenant = tenant_from_json(dict(stored.config), slug)
        entries = await Desk(pool).waiting(tenant, now=datetime.now(UTC))
    if is_json:
        for entry in entries:
            print(json.dumps(encode(entry), ensure_ascii=False))
    else:
        print("\n".join(row(entry, tenant) for entry in entries) or "nobody is waiting")
    return 0


def row(entry: WaitEntry, tenant: Tenant) -> str:
    """A place as one line, its times local to the tenant."""
    wish = entry.wish
    service = tenant.service(wish.service_id).name if tenant.has_service(wish.service_id) else wish.service_id
    state = "waiting"
    if entry.matched is not None:
        state = f"free: {_local(entry.matched.start_at, tenant)} with {staff_name(tenant, entry.matched.staff_id)}"
    parts = (_local(entry.created_at, tenant), service, _window(entry, tenant), _staff(entry, tenant), entry.name)
    return "  ".join((*(part for part in parts if part), entry.phone, state))


def _window(entry: WaitEntry, tenant: Tenant) -> str:
    window = entry.wish.window
    if window.is_exact:
        return _local(window.earliest_at, tenant)
    days = " to ".join(f"{at.astimezone(tenant.zone):%a %Y-%m-%d}" for at in (window.earliest_at, window.latest_at))
    hours = [f"{at:%H:%M}" if at is not None else "" for at in (window.not_before, window.not_after)]
    return days + (f" {'-'.join(hours)}" if any(hours) else "")


def _staff(entry: WaitEntry, tenant: Tenant) -> str:
    wish = entry.wish.staff
    if wish is None or not (wish.only or wish.but):
        return ""
    named = wish.only or wish.but
    names = spoken_staff(tuple(person for person in tenant.staff if person.id in named), most=len(named))
    return f"with {names}" if wish.only else f"not with {names}"


def _local(at: datetime, tenant: Tenant) -> str:
    return f"{at.astimezone(tenant.zone):%a %Y-%m-%d %H:%M}"
