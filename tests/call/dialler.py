"""Callers of the tests: the project's own, in a process each, and what they heard."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from loadtest.caller.ear import Recogniser
from loadtest.caller.voices import RATE_HZ
from loadtest.caller.words import normalise
from tests.call.stack import CallStack, wait_until

SCENARIOS = Path("loadtest/caller/scenarios")
DENTAL = "+15550100100"
BAYVIEW = "+15550100200"
#: Where the plan's outbound trunk leads.
OUTBOUND = "127.0.0.1:5070"
_LONGEST_CALL_S = 180.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished call from the caller's side; everything in it comes from the audio that arrived."""

    report: dict[str, Any]
    wav: Path

    @property
    def failures(self) -> list[str]:
        """What was not as the scenario asked."""
        return list(self.report["failures"])

    @property
    def status(self) -> int:
        """The last answer to the INVITE; 0 for none."""
        return int(self.report["setup"]["status"])

    @property
    def agent_turns(self) -> list[str]:
        """The agent's words, a turn each, in the spelling patterns are written in."""
        return [normalise(turn["text"]) for turn in self.report["agent"]]

    @property
    def agent_said(self) -> str:
        """All of the agent's words."""
        return " / ".join(self.agent_turns)

    def turn_with(self, words: str) -> str:
        """The agent's last turn in which these words were heard."""
        found = [turn for turn in self.agent_turns if words in turn]
        assert found, f"{words!r} was never heard in: {self.agent_said}"
        return found[-1]

    def listened_again(self, words: str) -> list[str]:
        """Every way to hear that turn, long numbers closely: for that a caller on a busy machine has no time."""
        turn = [turn for turn in self.report["agent"] if words in normalise(turn["text"])][-1]
        with wave.open(str(self.wav)) as file:
            file.setpos(int(turn["onset_s"] * RATE_HZ))
            frames = file.readframes(int((turn["offset_s"] - turn["onset_s"]) * RATE_HZ))
        agent = np.frombuffer(frames, dtype="<i2")[1::2]
        return [normalise(reading) for reading in Recogniser.load().readings(agent, closely=True)]


@dataclass
class PendingCall:
    """A caller at work."""

    process: subprocess.Popen[bytes]
    folder: Path
    calls: int
    _heard: list[Heard] = field(default_factory=list)

    def all(self) -> list[Heard]:
        """Wait for the end of every call of this caller."""
        if not self._heard:
            self.process.wait(_LONGEST_CALL_S)
            folders = [self.folder / f"call-{n + 1}" for n in range(self.calls)] if self.calls > 1 else [self.folder]
            self._heard = [self._read(folder) for folder in folders]
        return self._heard

    def heard(self) -> Heard:
        """Wait for the end of the call."""
        (only,) = self.all()
        return only

    def transcript(self) -> str:
        """What the caller has shown so far."""
        return self._log.read_text(errors="replace")

    def hang_up(self) -> None:
        """Have the caller say BYE now."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    def kill(self) -> None:
        """End the caller without a word, where a test gave up on it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)

    @property
    def _log(self) -> Path:
        return self.folder / "caller.log"

    def _read(self, folder: Path) -> Heard:
        report = folder / "call.json"
        assert report.exists(), f"the caller left no report:\n{self.transcript()}"
        return Heard(json.loads(report.read_text()), folder / "call.wav")


class Dialler:
    """Dials one stack.

    Args:
        folder: for recordings and reports.
    """

    def __init__(self, stack: CallStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._numbers = itertools.count(1)
        self._begun: list[PendingCall] = []

    def begin(
        self, scenario: str | Path, caller: str, *, to: str = DENTAL, calls: int = 1, ear: bool = True,
        local_ip: str | None = None, **values: str,
    ) -> PendingCall:  # fmt: skip
        """Start a caller; it dials at once.

        Args:
            scenario: a name in the caller's scenarios, or a file.
            caller: the calling number; several calls count up from it.
            to: the number called.
            calls: calls at the same moment.
            ear: whether the agent's words are recognised.
            local_ip: source address.
            values: texts for the scenario's placeholders.
        """
        record = self._stack.record()
        file = SCENARIOS / f"{scenario}.yaml" if isinstance(scenario, str) else scenario
        folder = self._folder / f"{next(self._numbers):02d}-{file.stem}"
        folder.mkdir(parents=True)
        more = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
        more += ["--calls", str(calls), "--spread-s", "0"] if calls > 1 else []
        more += [] if ear else ["--no-ear"]
        more += ["--local-ip", local_ip] if local_ip else []
        process = self._stack.begin_inside(
            sys.executable, "-m", "loadtest.caller", "run", str(file),
            "--to", f"sip:{to}@{record['address']}:{record['sip_port']}",
            "--from", caller, "--out", str(folder), *more, log=folder / "caller.log",
        )  # fmt: skip
        pending = PendingCall(process, folder, calls)
        self._begun.append(pending)
        return pending

    def answer(self, scenario: str) -> PendingCall:
        """Start a person to be called over the outbound trunk; returns once they can be rung."""
        folder = self._folder / f"{next(self._numbers):02d}-{scenario}"
        folder.mkdir(parents=True)
        process = self._stack.begin_inside(
            sys.executable, "-m", "loadtest.caller", "answer", "--listen", OUTBOUND,
            "--script", str(SCENARIOS / f"{scenario}.yaml"), "--out", str(folder), log=folder / "caller.log",
        )  # fmt: skip
        pending = PendingCall(process, folder, 1)
        self._begun.append(pending)
        wait_until(lambda: "listening" in pending.transcript(), f"{scenario} can be rung", within_s=90)
        return pending

    def end_all(self) -> None:
        """End whatever still dials."""
        for pending in self._begun:
            pending.kill()
