"""Brings a database to this release's schema: plain SQL files, forward only.

A file is `0007_add_hold_expiry.sql`, run in one transaction and never edited once released: its SHA-256 is
kept and compared. `0008_index_holds.autocommit.sql` holds a single statement that refuses a transaction, such
as CREATE INDEX CONCURRENTLY; write it without IF NOT EXISTS, because a failed build leaves an invalid index
that must be seen.

Every step works with the previous release's code too: expand, backfill, contract. A step that changes rows of
tenant tables says `SET LOCAL ROLE voicefleet_keeper` first, because their security binds the owner as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from agent.domain.errors import ConfigError, DeadlineExceeded
from agent.storage.failures import server_address, translated
from agent.storage.pool import Connection, connect

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x766F696365  # the word "voice"; any number no other program takes
_LOCK_POLL_S = 0.1
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+(\.autocommit)?\.sql")
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    version: int
    name: str
    sql: str
    autocommit: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """The files in order of version.

    Raises:
        ConfigError: a name that does not fit, a version used twice, two statements where one is allowed.
    """
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        fits = _NAME.fullmatch(path.name)
        if fits is None:
            raise ConfigError(f"{path.name} is no migration's name, expected 0007_what_it_does.sql")
        step = Migration(int(fits[1]), path.name, path.read_text(encoding="utf-8"), fits[2] is not None)
        if step.version in found:
            raise ConfigError(f"{path.name} and {found[step.version].name} have the same version")
        if step.autocommit and ";" in re.sub(r"--[^\n]*", "", step.sql).strip().removesuffix(";"):
            raise ConfigError(f"{path.name} holds more than one statement, which cannot be undone together")
        found[step.version] = step
    return tuple(found[version] for version in sorted(found))


async def migrate(
    url: str,
    *,
    folder: Path = MIGRATIONS,
    lock_wait_s: float = 60.0,
    lock_timeout_s: float = 4.0,
    statement_timeout_s: float = 5.0,
) -> tuple[str, ...]:
    """Apply what is missing. Any number of runners may do so at once: one works, the others wait and find
    nothing left.

    Args:
        url: of a user who may create roles and owns the database.
        folder: the files.
        lock_wait_s: seconds to wait for another runner.
        lock_timeout_s: seconds a statement may wait for a table's lock, with all traffic queueing behind it.
        statement_timeout_s: seconds a statement may run. Neither limit applies to autocommit files, which
            wait for others' transactions without holding anyone up.
    Returns: names of the files applied now, in order.
    Raises:
        ConfigError: an applied file was changed or is missing, or a new one is older than one already
        applied.
        DeadlineExceeded: a limit was reached; the file in question left nothing behind.
        DependencyUnavailable: nobody answers at that address.
    """
    steps = read_migrations(folder)
    connection = await connect(url, role=None, name="voicefleet-migrate", timeout_s=10.0)
    try:
        with translated(server_address(url)):
            await _take_lock(connection, lock_wait_s)
            await connection.execute(_HISTORY)
            pending = _pending(steps, await _history(connection))
            for step in pending:
                if step.autocommit:
                    await _run_alone(connection, step)
                else:
                    await _run_in_transaction(connection, step, lock_timeout_s, statement_timeout_s)
            return tuple(step.name for step in pending)
    finally:
        await connection.close(timeout=1.0)


async def pending_migrations(connection: Connection, *, folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """Names of files the database lacks, for readiness; raises what `migrate` raises about the files."""
    if await connection.fetchval("SELECT to_regclass('public.schema_migrations')") is None:
        return tuple(step.name for step in read_migrations(folder))
    return tuple(step.name for step in _pending(read_migrations(folder), await _history(connection)))


async def _take_lock(connection: Connection, wait_s: float) -> None:
    # Asked for again and again rather than waited for: a waiting statement holds a snapshot, and another
    # runner's CREATE INDEX CONCURRENTLY would wait for that snapshot while it is waited for.
    try:
        async with asyncio.timeout(wait_s):
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110
                await asyncio.sleep(_LOCK_POLL_S)
    except TimeoutError:
        raise DeadlineExceeded(f"Another migration has been running for {wait_s:.0f} s; try again.") from None


async def _history(connection: Connection) -> dict[int, asyncpg.Record]:
    rows = await connection.fetch("SELECT version, name, sha256 FROM schema_migrations")
    return {row["version"]: row for row in rows}


def _pending(steps: tuple[Migration, ...], history: dict[int, asyncpg.Record]) -> tuple[Migration, ...]:
    known = {step.version: step for step in steps}
    newest_known = max(known, default=0)
    for version, row in sorted(history.items()):
        step = known.get(version)
        if step is not None and step.sha256 != row["sha256"]:
            raise ConfigError(f"{step.name} was changed after it had been applied; add a new migration instead")
        if step is None and version < newest_known:
            raise ConfigError(f"{row['name']} has been applied to this database but is missing here")
    pending = tuple(step for step in steps if step.version not in history)
    newest_applied = max(history, default=0)
    for step in pending:
        if step.version < newest_applied:
            raise ConfigError(f"{step.name} comes before {newest_applied:04d}, which is applied; number it anew")
    return pending


async def _run_in_transaction(
    connection: Connection, step: Migration, lock_timeout_s: float, statement_timeout_s: float
) -> None:
    async with connection.transaction():
        await connection.execute(
            "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
            f"{lock_timeout_s * 1000:.0f}ms",
            f"{statement_timeout_s * 1000:.0f}ms",
        )
        # The server's limits count per statement; a file has several, so the client's would cut it short.
        await connection.execute(step.sql, timeout=3600.0)
        await connection.execute("RESET ROLE")
        await _record(connection, step)


async def _run_alone(connection: Connection, step: Migration) -> None:
    await connection.execute(step.sql, timeout=24 * 3600.0)
    await _record(connection, step)


async def _record(connection: Connection, step: Migration) -> None:
    await connection.execute(
        "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)",
        step.version,
        step.name,
        step.sha256,
    )
