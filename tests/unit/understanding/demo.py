"""The tenant these tests talk to, and two days they talk on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from agent.bootstrap.tenant_document import load_tenant
from agent.domain.facts import Expect, Facts
from agent.understanding import understand

DENTAL = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))

#: A Saturday, 11 in the morning in New York, before a month and a year end.
SATURDAY = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
#: A Tuesday, 10 at night in New York when it is Wednesday already in UTC.
TUESDAY_NIGHT = datetime(2027, 3, 3, 3, 0, tzinfo=UTC)


def read(text: str, expects: Expect = Expect.ANY, now: datetime = SATURDAY) -> Facts:
    """What the demo tenant's agent understands."""
    return understand(text, expects=expects, tenant=DENTAL, now=now)
