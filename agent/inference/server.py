"""The front: a Unix socket, one engine child per model, and what their health adds up to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.domain.errors import ConfigError
from agent.inference.connection import Connection
from agent.inference.engine import Engine
from agent.inference.messages import HIBARI, MINILM, WHISPER
from agent.runtime.logs import get_logger
from agent.runtime.settings import InferenceSettings
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.inference.server")
#: Longer paths do not fit the kernel's address structure.
_LONGEST_PATH_BYTES = 107


class Server:
    """Serves engines on a Unix socket while the context is open.

    Args:
        socket_path: only the same user may connect.
        engines: by the operation they serve.
    """

    def __init__(self, socket_path: Path, engines: Mapping[str, Engine]) -> None:
        self._path = socket_path
        self._engines = engines
        self._tasks = TaskSet("inference")

    async def __aenter__(self) -> Server:
        claim_path(self._path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self._path))
        except OSError as error:
            listener.close()
            raise ConfigError(f"cannot listen on {self._path}: {error.strerror}") from None
        finally:
            os.umask(before)
        self._server = await asyncio.start_unix_server(self._accept, sock=listener)
        for name, engine in self._engines.items():
            self._tasks.start(engine.run(), name=name)
        _log.info("inference.listening", path=str(self._path))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._tasks.aclose()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def health(self) -> dict[str, Any]:
        """Ready if callers can be heard and answered, and each engine's state; without vectors a call goes on."""
        engines = {engine.name: engine.health() for engine in self._engines.values()}
        return {
            "ready": all(state.ready for name, state in engines.items() if name != MINILM),
            "engines": {name: asdict(state) for name, state in engines.items()},
        }

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self._engines, self.health)
        self._tasks.start(connection.run(), name="connection")


def claim_path(path: Path) -> None:
    """Remove the socket file of a process that has died.

    Raises:
        ConfigError: somebody listens there, the path is something else, or it is too long.
    """
    if len(os.fsencode(path)) > _LONGEST_PATH_BYTES:
        raise ConfigError(f"socket path longer than {_LONGEST_PATH_BYTES} bytes: {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigError(f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        except OSError as error:
            raise ConfigError(f"{path}: {error}") from None
        else:
            raise ConfigError(f"another inference process listens on {path}")


def local_engines(settings: InferenceSettings) -> dict[str, Engine]:
    """Every engine, by the operation it serves."""
    # one OpenMP thread: decodes in parallel use the cores, threads of one decode would fight over them
    env = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}

    def engine(name: str, slots: int) -> Engine:
        command = (sys.executable, "-m", "agent.inference.child", name, "--slots", str(slots))
        return Engine(name, (*command, "--log-level", settings.log_level), slots, settings.queue_limit, env)

    return {
        "transcribe": engine(WHISPER, settings.whisper_threads),
        "synthesize": engine(HIBARI, 1),
        "embed": engine(MINILM, 1),
    }
