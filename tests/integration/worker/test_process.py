"""`python -m agent.worker` beside a real media server and database: what /ready says, and its end."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from agent.inference.server import Server
from agent.storage.failures import server_address
from agent.storage.pool import Pool, fleet_tx
from tests.integration.sip.stack import LIVEKIT_SERVER, Stack, _spawn, running_stack
from tests.integration.worker.process import WORKER, environment, until, worker_process


@pytest.fixture(scope="module")
def stack(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    reachable_everywhere = server_address(database).startswith("/")
    with running_stack(tmp_path_factory.mktemp("stack"), sip=False, own_network=reachable_everywhere) as running:
        yield running


@pytest.fixture
def speech_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vf-") as folder:  # pytest's own paths are too long for a socket
        yield Path(folder) / "speech.sock"


@pytest.fixture
async def speech(speech_socket: Path) -> AsyncIterator[Server]:
    """The real front of the speech process, without models: ready."""
    async with Server(speech_socket, {}) as server:
        yield server


@pytest.fixture
def env(stack: Stack, database: str, speech_socket: Path) -> dict[str, str]:
    return environment(
        database=database, livekit_url=stack.address.url, socket=speech_socket, port=stack.webhook_ports[0]
    )


async def _row(pool: Pool) -> tuple[int, int] | None:
    async with fleet_tx(pool) as connection:
        row = await connection.fetchrow("SELECT seats, busy FROM workers WHERE worker_id = $1", WORKER)
    return None if row is None else (row["seats"], row["busy"])


async def _offers(pool: Pool, seats: int) -> bool:
    return await _row(pool) == (seats, 0)


async def test_ready_follows_the_connection_to_the_media_server_and_so_do_the_seats(
    stack: Stack, env: dict[str, str], pool: Pool, speech: Server
) -> None:
    async with worker_process(env, stack.folder / "worker.log") as worker:
        await until(worker.is_ready)
        await until(lambda: _offers(pool, 2))
        stack.processes["livekit-server"].kill()
        stack.processes["livekit-server"].wait(timeout=10)
        await until(lambda: worker.says("not connected to livekit-server"))
        await until(lambda: _offers(pool, 0))
        config = stack.folder / "livekit-server.yaml"
        _spawn(stack, "livekit-server", [str(LIVEKIT_SERVER), "--config", str(config)])
        await until(worker.is_ready)
        await until(lambda: _offers(pool, 2))
    assert worker.process.returncode == 0
    assert await _row(pool) is None


async def test_a_worker_without_its_speech_process_is_not_ready(
    stack: Stack, env: dict[str, str], speech_socket: Path
) -> None:
    async with worker_process(env, stack.folder / "worker.log") as worker:
        await until(lambda: worker.says("local speech: "))
        async with Server(speech_socket, {}):
            await until(worker.is_ready)
        await until(lambda: worker.says("local speech: "))


async def test_a_worker_whose_seats_cannot_be_renewed_is_not_ready(
    stack: Stack, env: dict[str, str], speech: Server, database: str
) -> None:
    async with worker_process(env, stack.folder / "worker.log") as worker:
        await until(worker.is_ready)
        connection = await asyncpg.connect(database, timeout=5)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE workers IN ACCESS EXCLUSIVE MODE")
                await until(lambda: worker.says("PostgreSQL at "))
        finally:
            await connection.close()
        await until(worker.is_ready)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "worker: PostgreSQL at 127.0.0.1:1"),
        ({"LIVEKIT_API_KEY": ""}, "worker: settings: LIVEKIT_API_KEY"),
        ({"VOICEFLEET_STT": "locl"}, "worker: settings: VOICEFLEET_STT"),
    ],
)
async def test_a_worker_that_cannot_start_says_why_in_one_sentence(
    env: dict[str, str], changes: dict[str, str], sentence: str
) -> None:
    assert (await _fails_to_start(env | changes)).startswith(sentence)


async def test_a_worker_whose_port_is_taken_says_so_in_one_sentence(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = await _fails_to_start(env | {"VOICEFLEET_WORKER_HTTP_PORT": port})
    assert said == f"worker: VOICEFLEET_WORKER_HTTP_PORT {port} cannot be used: Address already in use"


async def _fails_to_start(env: dict[str, str]) -> str:
    """The only line it wrote."""
    result = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "agent.worker"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    return str(line)
