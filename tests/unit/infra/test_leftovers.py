"""What a dead runner left: found by pid and start time, and nobody else is touched."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.lifecycle import Stack, clear_up
from infra.local.places import Places, find_places, make_places
from infra.local.proc import MARKER, Identity, identify, is_alive, send, wait_gone
from infra.local.record import PartRecord, PartState, Phase, StackRecord, read_record, write_record
from infra.local.settings import STACK_FILE, Settings


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    settings = Settings.model_validate({"paths": {"state": str(tmp_path / "s"), "run": str(tmp_path / "r")}})
    places = find_places("local", settings)
    make_places(places)
    return Stack(settings=settings, places=places, stack_file=STACK_FILE, isolated=True)


@contextmanager
def _sleeper(places: Places) -> Iterator[Identity]:
    env = {**os.environ, MARKER: str(places.state)}
    process = subprocess.Popen(["sleep", "60"], env=env, start_new_session=True)
    try:
        identity = identify(process.pid)
        assert identity is not None
        yield identity
    finally:
        process.kill()
        process.wait()


def _record(places: Places, part: Identity) -> StackRecord:
    gone = Identity(pid=part.pid, start_ticks=1, boot_id=part.boot_id)
    parts = [PartRecord(name="thing", state=PartState.HEALTHY, identity=part)]
    return StackRecord(phase=Phase.UP, runner=gone, isolated=True, address="127.0.0.1", sip_port=5060, parts=parts)


def test_an_orphan_on_record_is_ended(stack: Stack) -> None:
    with _sleeper(stack.places) as orphan:
        write_record(stack.places, _record(stack.places, orphan))
        said: list[str] = []
        assert clear_up(stack, said.append)
        assert not is_alive(orphan)
        assert said == ["ending 1 processes left by a runner that died"]


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(stack: Stack) -> None:
    with _sleeper(stack.places) as stranger:
        aged = replace(stranger, start_ticks=stranger.start_ticks - 100, pid=stranger.pid + 1_000_000)
        write_record(stack.places, _record(stack.places, aged))
        assert not clear_up(stack, print)
        assert is_alive(stranger)


def test_a_session_number_used_again_by_a_stranger_is_left_alone(stack: Stack) -> None:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        stranger = identify(process.pid)
        assert stranger is not None
        write_record(stack.places, _record(stack.places, replace(stranger, start_ticks=stranger.start_ticks - 1)))
        assert not clear_up(stack, print)
        assert is_alive(stranger)
    finally:
        process.kill()
        process.wait()


def test_a_record_of_an_earlier_boot_ends_nobody(stack: Stack) -> None:
    with _sleeper(stack.places) as process:
        write_record(stack.places, _record(stack.places, replace(process, boot_id="before")))
        assert not clear_up(stack, print)
        assert is_alive(process)


def test_the_record_survives_the_disk_and_is_nobody_elses_to_read(stack: Stack) -> None:
    with _sleeper(stack.places) as process:
        record = _record(stack.places, process)
        write_record(stack.places, record)
        assert read_record(stack.places) == record
        assert stack.places.record.stat().st_mode & 0o077 == 0


def test_a_record_that_cannot_be_read_counts_as_none(stack: Stack) -> None:
    stack.places.record.write_text('{"phase": "up"')
    assert read_record(stack.places) is None
    assert not clear_up(stack, print)


def test_a_signal_reaches_the_very_process_or_nobody(stack: Stack) -> None:
    with _sleeper(stack.places) as process:
        send(replace(process, start_ticks=process.start_ticks + 1), signal.SIGKILL)
        assert is_alive(process)
        send(process, signal.SIGKILL)
        assert wait_gone([process], timeout_s=10) == []
