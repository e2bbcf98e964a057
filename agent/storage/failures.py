"""PostgreSQL's failures as ours: whose fault, whether to try again, and nothing that could leak.

Neither a password nor a row's content may reach a log through an exception, so causes are cut off (`from
None`) and the server's DETAIL is never quoted.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import asyncpg

from agent.domain.errors import (
    Blame,
    ConfigError,
    DeadlineExceeded,
    DependencyUnavailable,
    FleetError,
    Overloaded,
)

# Classes of SQLSTATE (its first two letters) by what they mean to us.
_GONE = {"08", "57"}  # connection failure; shut down, crashed or still starting
_REFUSED_LOGIN = {"28", "3D"}  # user or password; no such database
_EXHAUSTED = {"53"}  # connections, memory or disk
_TRY_AGAIN = {"40"}  # deadlock, serialisation
_OUR_MISTAKE = {"42"}  # syntax, unknown table or role, privilege: its text quotes no data
_TIMED_OUT = {"57014", "55P03"}  # statement_timeout, lock_timeout


def server_address(url: str) -> str:
    """Where a database URL points: `host:port` or a socket's folder, no user, password or database."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(
            "DATABASE_URL is not a PostgreSQL address, expected postgresql://user:password@host:port/database"
        ) from None
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ConfigError(f"DATABASE_URL begins with {parts.scheme or 'no scheme'}, expected postgresql://")
    query = parse_qs(parts.query)
    host = host or query.get("host", ["localhost"])[0]
    if host.startswith("/"):
        return host
    return f"{host}:{port or query.get('port', ['5432'])[0]}"


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Raise FleetError for whatever the driver or the network raises within the block.

    Args:
        address: of the server, for the message.
    Raises:
        FleetError: see `as_fleet_error`. A FleetError raised within passes unchanged.
    """
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise as_fleet_error(error, address) from None


def as_fleet_error(error: Exception, address: str) -> FleetError:
    """What a driver's or network's exception, a TimeoutError among them, means to the fleet."""
    if isinstance(error, TimeoutError):
        return DeadlineExceeded(f"PostgreSQL at {address} did not answer in the time allotted.")
    if isinstance(error, asyncpg.PostgresError):
        return _refusal(error, address)
    if isinstance(error, asyncpg.ClientConfigurationError):
        return ConfigError(f"DATABASE_URL cannot be used: {error}")
    if isinstance(error, ValueError):  # the driver could not encode an argument: nothing was sent
        return FleetError("A value does not fit its column's type.", blame=Blame.SERVER, retryable=False)
    return DependencyUnavailable(f"PostgreSQL at {address} cannot be reached ({_reason(error)}).")


def _refusal(error: asyncpg.PostgresError, address: str) -> FleetError:
    state = error.sqlstate or ""
    kind = f"{type(error).__name__}, SQLSTATE {state or 'unknown'}"
    if state in _TIMED_OUT:
        return DeadlineExceeded(f"PostgreSQL at {address} gave a statement up for its time ({kind}).")
    if isinstance(error, asyncpg.InvalidParameterValueError) and "role" in str(error.args[0]):
        return ConfigError(f"PostgreSQL at {address} does not know our roles; run `voicefleet migrate` first.")
    match state[:2]:
        case group if group in _GONE:
            return DependencyUnavailable(f"PostgreSQL at {address} went away ({kind}).")
        case group if group in _REFUSED_LOGIN:
            return ConfigError(f"PostgreSQL at {address} refuses the login: {error.args[0]}.")
        case group if group in _EXHAUSTED:
            return Overloaded(f"PostgreSQL at {address} is out of resources ({kind}).")
        case group if group in _TRY_AGAIN:
            return FleetError(f"PostgreSQL undid a transaction ({kind}).", blame=Blame.SERVER, retryable=True)
        case group if group in _OUR_MISTAKE:
            return FleetError(
                f"PostgreSQL refused a statement ({kind}): {error.args[0]}",
                blame=Blame.SERVER,
                retryable=False,
            )
    named = getattr(error, "constraint_name", None)
    broken = f", constraint {named}" if named else ""
    return FleetError(f"PostgreSQL refused a statement ({kind}{broken}).", blame=Blame.SERVER, retryable=False)


def _reason(error: Exception) -> str:
    # asyncio puts the address into strerror; a name that does not resolve has a number of another kind.
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or "no connection"
