"""A responder in a process of its own, as an agent to call over real sockets on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadtest.caller.responder import read_truths


@dataclass
class Agent:
    """A running responder."""

    process: subprocess.Popen[str]
    port: int
    truth_path: Path

    @property
    def uri(self) -> str:
        return f"sip:+15550100@127.0.0.1:{self.port}"

    def stop(self) -> list[dict[str, Any]]:
        """End it and return what it knows to be true."""
        self.process.communicate(timeout=20)
        return read_truths(self.truth_path)


StartAgent = Callable[..., Agent]


@pytest.fixture
def start_agent(tmp_path: Path) -> Iterator[StartAgent]:
    with ExitStack() as stack:

        def start(*arguments: str) -> Agent:
            truth_path = tmp_path / "truth.jsonl"
            command = [sys.executable, "-m", "loadtest.caller", "respond", "--truth", str(truth_path), *arguments]
            process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            return Agent(process, int(process.stdout.readline()), truth_path)

        yield start
