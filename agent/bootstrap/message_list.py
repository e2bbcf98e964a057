"""`voicefleet messages list`: what callers left for a business, as a table."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence

from agent.bootstrap.tenant_document import tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.notes import Reason
from agent.domain.tenant import Tenant
from agent.runtime.settings import DatabaseSettings, load
from agent.storage import messages, tenants
from agent.storage.messages import StoredMessage
from agent.storage.pool import Role, fleet_tx, open_pool, tenant_tx

_TEXT_WIDTH = 60
_HEAD = ("when", "", "name", "call back", "message")
#: What happened, where the caller left no words.
_REASONS = {
    Reason.MESSAGE: "",
    Reason.CHANGE: "wants something changed",
    Reason.NOT_FOUND: "appointment not found",
    Reason.NOT_UNDERSTOOD: "was not understood",
    Reason.STORE_FAILED: "could not be served, our fault",
    Reason.CUT_OFF: "was cut off, our fault",
}


async def list_messages(slug: str, *, limit: int) -> int:
    """Print a tenant's messages, urgent ones first, then the newest first.

    Raises: ConfigError: no tenant of this slug.
    """
    url = load(DatabaseSettings).database_url.get_secret_value()
    async with await open_pool(url, role=Role.KEEPER, name="voicefleet-messages", max_size=1) as pool:
        async with fleet_tx(pool) as connection:
            stored = await tenants.tenant_by_slug(connection, slug)
        if stored is None:
            raise ConfigError(f"{slug}: no tenant of this slug in the database")
        tenant = tenant_from_json(dict(stored.config), slug)
        async with tenant_tx(pool, tenant.id) as connection:
            found = await messages.newest(connection, tenant.id, limit=limit)
    print(table(found, tenant))
    if len(found) == limit:
        print(f"the first {limit}; more with --limit", file=sys.stderr)
    return 0


def table(found: Sequence[StoredMessage], tenant: Tenant) -> str:
    """The messages in columns; times are the tenant's."""
    if not found:
        return "no messages"
    rows = [_HEAD, *(_row(message, tenant) for message in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    lines = []
    for *cells, text in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        first, *more = textwrap.wrap(text, _TEXT_WIDTH) or [""]
        lines += [f"{head}  {first}".rstrip(), *(" " * (len(head) + 2) + each for each in more)]
    return "\n".join(lines)


def _row(message: StoredMessage, tenant: Tenant) -> tuple[str, str, str, str, str]:
    at = message.created_at.astimezone(tenant.zone)
    marks = ["URGENT"] if message.is_urgent else []
    if message.reason is Reason.MESSAGE and not message.is_confirmed:
        marks.append("unconfirmed")
    parts = [f"For {message.recipient}." if message.recipient else "", _REASONS[message.reason], message.text]
    number = message.phone or message.caller_e164 or "-"
    return f"{at:%Y-%m-%d %H:%M}", " ".join(marks), message.name or "-", number, " ".join(p for p in parts if p)
