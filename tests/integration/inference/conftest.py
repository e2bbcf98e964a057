"""The real inference process, started once for all tests that listen or speak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.inference.client import InferenceClient

START_S = 120.0


def environment(socket_path: Path) -> dict[str, str]:
    return {**os.environ, "VOICEFLEET_INFERENCE_SOCKET": str(socket_path)}


def health(socket_path: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `python -m agent.inference --health`."""
    done = subprocess.run(
        [sys.executable, "-m", "agent.inference", "--health"],
        env=environment(socket_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    (line,) = done.stdout.splitlines()
    return done.returncode, json.loads(line)


def start(socket_path: Path) -> subprocess.Popen[bytes]:
    """Start the process and return once it says that it is ready."""
    process = subprocess.Popen([sys.executable, "-m", "agent.inference"], env=environment(socket_path))
    give_up_at = time.monotonic() + START_S
    while health(socket_path)[0] != 0:
        assert process.poll() is None, "the inference process ended while starting"
        assert time.monotonic() < give_up_at, f"not ready within {START_S:g} s"
    return process


@contextmanager
def local_engines() -> Iterator[Path]:
    """The process, for as long as it is needed; path of its socket, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inference.sock"
        process = start(path)
        try:
            yield path
        finally:
            process.terminate()
            assert process.wait(20) == 0


@pytest.fixture(scope="session")
def speech_process() -> Iterator[Path]:
    """Path of the socket where every engine but MiniLM is sure to be ready."""
    with local_engines() as path:
        yield path


@pytest.fixture
async def speech(speech_process: Path) -> AsyncIterator[InferenceClient]:
    """A client of the real process."""
    async with InferenceClient(speech_process) as client:
        yield client
