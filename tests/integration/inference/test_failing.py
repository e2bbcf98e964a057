"""Children, servers and sockets that die."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import psutil
import pytest

from agent.domain.errors import Blame, ConfigError
from agent.inference.client import InferenceClient, InferenceUnavailable
from agent.inference.server import Server, claim_path
from tests.integration.inference.desk import ask, open_desk, until


async def test_a_child_that_dies_fails_what_it_had_at_once_and_is_replaced(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        first = desk.engine.health().pid
        under_way = ask(client, f"hold {desk.gate('never')}")
        await desk.occupied(1)
        waiting = ask(client, "say waiting")
        await desk.occupied(1, queued=1)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        for task in (under_way, waiting):
            with pytest.raises(InferenceUnavailable) as lost:
                await task
            assert (lost.value.blame, lost.value.retryable) == (Blame.SERVER, True)
        await until(lambda: desk.engine.health().ready)
        assert desk.engine.health().pid != first
        assert desk.engine.restarts == 1
        assert (await ask(client, "say again")).text == "again"


async def test_health_is_not_ready_while_a_child_is_missing(tmp_path: Path) -> None:
    async with open_desk(tmp_path, is_ready=False) as desk, desk.client() as client:
        desk.gate("warm").touch()
        await until(lambda: desk.engine.health().ready)
        desk.gate("warm").unlink()
        with pytest.raises(InferenceUnavailable):
            await ask(client, "crash")
        assert not (await client.health(deadline_s=5)).ready
        desk.gate("warm").touch()
        await until(lambda: desk.engine.health().ready)


async def test_a_server_that_comes_late_is_waited_for_within_the_deadline(tmp_path: Path) -> None:
    async with InferenceClient(tmp_path / "inference.sock") as client:
        early = asyncio.create_task(client.health(deadline_s=20), name="early")
        with pytest.raises(InferenceUnavailable):  # asked after `early` had begun to wait
            await InferenceClient(tmp_path / "inference.sock").health(deadline_s=0.05)
        assert not early.done()
        async with open_desk(tmp_path):
            assert "whisper" in (await early).engines


async def test_without_a_server_the_caller_is_told_within_its_deadline(tmp_path: Path) -> None:
    async with InferenceClient(tmp_path / "nobody.sock") as client:
        with pytest.raises(InferenceUnavailable, match="no such file") as missing:
            await client.health(deadline_s=0.1)
        assert missing.value.retryable


async def test_a_client_finds_a_restarted_server_again(tmp_path: Path) -> None:
    client = InferenceClient(tmp_path / "inference.sock")
    async with open_desk(tmp_path):
        assert (await ask(client, "say one")).text == "one"
    async with open_desk(tmp_path):
        assert (await ask(client, "say two")).text == "two"
    await client.aclose()


async def test_stopping_the_server_fails_requests_and_leaves_no_child_and_no_socket(tmp_path: Path) -> None:
    client = InferenceClient(tmp_path / "inference.sock")
    async with open_desk(tmp_path) as desk:
        pid = desk.engine.health().pid
        assert pid is not None
        lost = ask(client, f"hold {desk.gate('never')}")
        await desk.occupied(1)
    with pytest.raises(InferenceUnavailable):
        await lost
    await client.aclose()
    await until(lambda: not psutil.pid_exists(pid))
    assert not desk.socket_path.exists()


async def test_only_the_same_user_may_connect(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        assert stat.S_IMODE(desk.socket_path.stat().st_mode) == 0o600


async def test_a_second_server_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        with pytest.raises(ConfigError, match="another inference process"):
            await Server(desk.socket_path, {}).__aenter__()
        assert (await ask(client, "say unharmed")).text == "unharmed"


def test_the_socket_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "inference.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    claim_path(path)
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "inference.sock"
    path.write_text("precious")
    with pytest.raises(ConfigError, match="not a socket"):
        claim_path(path)
    assert path.read_text() == "precious"


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="longer than 107 bytes"):
        claim_path(tmp_path / ("x" * 120))


async def test_a_client_can_be_opened_by_many_requests_at_once(tmp_path: Path) -> None:
    async with open_desk(tmp_path, queue_limit=50) as desk, desk.client() as client:
        results = await asyncio.gather(*(ask(client, f"say {n}") for n in range(20)))
        assert [result.text for result in results] == [str(n) for n in range(20)]
