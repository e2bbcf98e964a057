"""The fleet's breakers, as they are stored; and closing one by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from loadtest.chaos.business import voicefleet
from loadtest.chaos.plan import Target
from loadtest.soak.store import fetch


@dataclass(frozen=True, slots=True)
class Standing:
    """One provider's.

    Attributes:
        standing: closed, half-open or open.
        due_at: not probed before.
        has_history: attempts of the last minutes count when it is next decided.
    """

    standing: str = "closed"
    due_at: datetime | None = None
    has_history: bool = False


def standing(database_url: str, target: Target) -> Standing:
    """As it is now; closed while nothing was ever told of it."""
    statement = "SELECT standing, due_at, buckets <> '[]' AS has_history FROM breakers WHERE kind = $1 AND name = $2"
    rows = asyncio.run(fetch(database_url, statement, target.kind.value, target.name))
    return Standing(**rows[0]) if rows else Standing()


def close(database_url: str, target: Target) -> None:
    """Have a trial begin with a provider that is used, whatever became of those before. Raises CommandFailed."""
    found = standing(database_url, target)
    if found.standing != "closed" or found.has_history:
        voicefleet("providers", "reset", target.name)
