"""`voicefleet providers status` and `reset`: which providers the fleet leaves alone, and a breaker closed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain.breaker import Breaker, Key, Standing, recent
from agent.domain.errors import ConfigError
from agent.runtime.settings import DatabaseSettings, load
from agent.storage import breakers
from agent.storage.breakers import Fleet
from agent.storage.pool import Pool, Role, fleet_tx, open_pool

_HEAD = ("kind", "provider", "state", "since", "failed in 5 min", "next probe", "why")


async def status() -> int:
    """Print every breaker of the fleet."""
    async with await _open() as pool, fleet_tx(pool) as connection:
        print(table(await breakers.read_all(connection)))
    return 0


async def reset(name: str) -> int:
    """Close the breakers of this name and say what they were. Raises ConfigError: there is none."""
    async with await _open() as pool, fleet_tx(pool) as connection:
        was = await breakers.reset(connection, name)
    if not was:
        raise ConfigError(f"{name}: no call has used a provider of this name")
    print("\n".join(f"{kind.value} {name}: closed, was {each.standing.value}" for (kind, name), each in was.items()))
    return 0


def table(fleet: Fleet) -> str:
    """The breakers in columns, those left alone first; times are UTC."""
    if not fleet.breakers:
        return "no call has used a hosted provider yet"
    shown = sorted(fleet.breakers.items(), key=lambda item: (not item[1].is_left_alone, item[0][0].value, item[0][1]))
    rows = [_HEAD, *(_row(key, breaker, fleet.at) for key, breaker in shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(key: Key, breaker: Breaker, at: datetime) -> tuple[str, ...]:
    attempts, failures = recent(breaker, at)
    return (
        key[0].value,
        key[1],
        breaker.standing.value,
        f"{breaker.since_at:%Y-%m-%d %H:%M:%S}" if breaker.since_at else "-",
        f"{failures}/{attempts}",
        _next_probe(breaker, at),
        f"{breaker.cause.value}: {breaker.reason}" if breaker.is_left_alone and breaker.cause else "",
    )


def _next_probe(breaker: Breaker, at: datetime) -> str:
    match breaker.standing:
        case Standing.CLOSED:
            return "-"
        case Standing.HALF_OPEN:
            return "under way"
        case Standing.OPEN:
            wait_s = (breaker.due_at - at).total_seconds() if breaker.due_at else 0.0
            return f"in {wait_s:.0f} s" if wait_s > 0 else "due"


async def _open() -> Pool:
    url = load(DatabaseSettings).database_url.get_secret_value()
    return await open_pool(url, role=Role.KEEPER, name="voicefleet-providers", max_size=1)
