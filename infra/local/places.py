"""Where a stack keeps its state, its sockets and its secrets."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.local.errors import StackError
from infra.local.servers import CHECKOUT, default_cache
from infra.local.settings import Settings

#: Linux refuses a Unix socket's path longer than 107 bytes; the longest name we put behind it has 20.
MAX_RUN_PATH_BYTES = 80
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of one stack."""

    name: str
    state: Path
    run: Path
    cache: Path

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.state / "logs"

    @property
    def config(self) -> Path:
        """Rendered configurations of the servers; they hold the API secret."""
        return self.state / "config"

    @property
    def pgdata(self) -> Path:
        """The embedded PostgreSQL's data."""
        return self.state / "pgdata"

    @property
    def recordings(self) -> Path:
        """Recordings of calls, announced to the caller."""
        return self.state / "recordings"

    @property
    def redis_socket(self) -> Path:
        """Redis listens here only."""
        return self.run / "redis.sock"

    @property
    def postgres_sockets(self) -> Path:
        """Folder of PostgreSQL's socket, owned by the user it runs as."""
        return self.run / "pg"

    @property
    def inference_socket(self) -> Path:
        """The local speech process listens here."""
        return self.run / "inference.sock"

    @property
    def record(self) -> Path:
        """What runs: pids with their start times, health, the last sentence."""
        return self.state / "state.json"

    def log(self, process: str) -> Path:
        """A process's log file."""
        return self.logs / f"{process}.log"


def find_places(name: str, settings: Settings) -> Places:
    """The folders of a stack; nothing is created.

    Raises:
        StackError: the name is no folder's name, or the folder for sockets has too long a path.
    """
    if not _NAME.fullmatch(name):
        raise StackError(f"{name!r} is no stack's name: use up to 32 of a-z, 0-9 and -")
    paths = settings.paths
    state = Path(paths.state).expanduser().absolute() if paths.state else CHECKOUT / "var" / name
    digest = hashlib.sha256(str(state).encode()).hexdigest()[:10]
    short = Path(tempfile.gettempdir()) / f"vf-{digest}"
    run = Path(paths.run).expanduser().absolute() if paths.run else short
    if len(str(run).encode()) > MAX_RUN_PATH_BYTES:
        raise StackError(f"{run} is too long for sockets (over {MAX_RUN_PATH_BYTES} bytes); set paths.run")
    cache = Path(paths.cache).expanduser().absolute() if paths.cache else default_cache()
    return Places(name=name, state=state, run=run, cache=cache)


def make_places(places: Places) -> None:
    """Create the folders; logs, secrets and recordings are readable by this user alone.

    Raises:
        StackError: a folder cannot be made, or the one for sockets belongs to somebody else.
    """
    try:
        # PostgreSQL may run as another user and has to pass through this one to its data
        places.state.mkdir(parents=True, exist_ok=True, mode=0o755)
        for folder in (places.logs, places.config, places.recordings):
            folder.mkdir(exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        places.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = places.run.lstat()
    except OSError as error:
        raise StackError(f"cannot make {error.filename}: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StackError(f"{places.run} belongs to another user; set paths.run to a folder of your own")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What LiveKit's clients sign their tokens with."""

    key: str
    secret: str


def stack_api_key(places: Places) -> ApiKey:
    """The stack's API key, made at its first start and kept with mode 0600."""
    path = places.config / "api-key"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(f"API{secrets.token_hex(6)} {secrets.token_urlsafe(36)}\n")
        fresh.rename(path)
    key, secret = path.read_text().split()
    return ApiKey(key=key, secret=secret)
