"""Breakers of the fleet: a row a provider, on which what every worker saw adds up.

A row is read and written under its lock by the rule of `agent.domain.breaker`, so that no part of the rule is told
twice. Every change of standing is announced on CHANNEL when its transaction commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from agent.domain.breaker import Breaker, Bucket, Cause, Happening, Key, Standing, after, is_due
from agent.domain.providers import Kind
from agent.storage.pool import Connection

CHANNEL = "breakers"
_KINDS = frozenset(kind.value for kind in Kind)
_CAUSES = frozenset(cause.value for cause in Cause)
_COLUMNS = "kind, name, standing, since_at, cause, reason, open_s, due_at, told_at, in_a_row, buckets"


@dataclass(frozen=True, slots=True)
class Told:
    """What a breaker is to be told.

    Attributes:
        age_s: how long ago it happened. The server's clock makes a time of it: the workers' clocks differ.
    """

    key: Key
    happening: Happening
    age_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Every breaker there is, at a moment of the server's clock."""

    at: datetime
    breakers: Mapping[Key, Breaker]


async def read_all(connection: Connection) -> Fleet:
    """All rows; a provider that nobody has told of has none."""
    rows = await connection.fetch(f"SELECT {_COLUMNS}, clock_timestamp() AS at FROM breakers")
    at = rows[0]["at"] if rows else await connection.fetchval("SELECT clock_timestamp()")
    return Fleet(at, {_key(row): _breaker(row) for row in rows if row["kind"] in _KINDS})


async def report(connection: Connection, told: Sequence[Told]) -> Mapping[Key, Breaker]:
    """Tell breakers, in the caller's transaction; returns those it was about, as they are now."""
    at, breakers = await _locked(connection, {each.key for each in told})
    now = dict(breakers)
    for each in told:
        now[each.key] = after(now[each.key], each.happening, at - timedelta(seconds=each.age_s), each.reason)
    for key, breaker in now.items():
        await _write(connection, key, breakers[key], breaker)
    return now


async def claim(connection: Connection, key: Key, *, idle_s: float | None = None) -> Breaker | None:
    """Take a provider's probe, if it is due and nobody has it: one of all workers does.

    Args:
        idle_s: as `is_due` takes it.
    Returns: the breaker, which is now leased; None when there is nothing to do.
    """
    at, breakers = await _locked(connection, {key})
    if not is_due(breakers[key], at, idle_s=idle_s):
        return None
    claimed = after(breakers[key], Happening.PROBE_CLAIMED, at)
    await _write(connection, key, breakers[key], claimed)
    return claimed


async def reset(connection: Connection, name: str) -> Mapping[Key, Breaker]:
    """Close every breaker of this name by hand; returns what they were."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM breakers WHERE name = $1 ORDER BY kind", name)
    await report(connection, [Told(_key(row), Happening.RESET) for row in rows])
    return {_key(row): _breaker(row) for row in rows}


async def _locked(connection: Connection, keys: set[Key]) -> tuple[datetime, dict[Key, Breaker]]:
    """The rows of `keys`, made where missing, locked in one order so that two workers never wait for each other."""
    kinds, names = zip(*sorted((kind.value, name) for kind, name in keys), strict=True) if keys else ((), ())
    await connection.execute(
        """
        INSERT INTO breakers (kind, name)
        SELECT kind, name FROM unnest($1::text[], $2::text[]) AS wanted (kind, name) ORDER BY kind, name
        ON CONFLICT (kind, name) DO NOTHING
        """,
        kinds,
        names,
    )
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM breakers
        WHERE (kind, name) IN (SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY kind, name FOR UPDATE
        """,
        kinds,
        names,
    )
    return await connection.fetchval("SELECT clock_timestamp()"), {_key(row): _breaker(row) for row in rows}


async def _write(connection: Connection, key: Key, was: Breaker, now: Breaker) -> None:
    await connection.execute(
        """
        UPDATE breakers SET standing = $3, since_at = $4, cause = $5, reason = $6, open_s = $7, due_at = $8,
            told_at = $9, in_a_row = $10, buckets = $11
        WHERE kind = $1 AND name = $2
        """,
        key[0].value,
        key[1],
        now.standing.value,
        now.since_at,
        now.cause and now.cause.value,
        now.reason,
        now.open_s,
        now.due_at,
        now.told_at,
        now.in_a_row,
        [[bucket.number, bucket.attempts, bucket.failures] for bucket in now.buckets],
    )
    if now.standing is not was.standing:
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, f"{key[0].value} {key[1]}")


def _key(row: asyncpg.Record) -> Key:
    return Kind(row["kind"]), row["name"]


def _breaker(row: asyncpg.Record) -> Breaker:
    if row["cause"] and row["cause"] not in _CAUSES:  # a later release's, while it is being rolled out
        return Breaker()
    return Breaker(
        standing=Standing(row["standing"]),
        since_at=row["since_at"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        reason=row["reason"],
        open_s=row["open_s"],
        due_at=row["due_at"],
        told_at=row["told_at"],
        in_a_row=tuple(row["in_a_row"]),
        buckets=tuple(Bucket(*counts) for counts in row["buckets"]),
    )
