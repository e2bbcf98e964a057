"""`python -m agent.inference` as its supervisor sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.integration.inference.conftest import environment, health, start


def until(is_true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < give_up_at, "did not come true"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_killing_the_front_takes_the_children_along_and_a_new_one_starts_over_its_socket(
    tmp_path: Path,
) -> None:
    path = tmp_path / "inference.sock"
    process = start(path)
    children = [engine["pid"] for engine in health(path)[1]["engines"].values()]
    process.kill()
    process.wait(20)
    until(lambda: all(is_gone(pid) for pid in children))
    assert path.exists(), "a killed process cannot clean up"
    code, report = health(path)
    assert (code, report["ready"]) == (1, False)
    again = start(path)
    again.terminate()
    assert again.wait(20) == 0
    assert not path.exists()


def test_health_says_who_is_ready_and_how_often_they_were_restarted(speech_process: Path) -> None:
    code, report = health(speech_process)
    assert (code, report["ready"]) == (0, True)
    assert set(report["engines"]) == {"whisper", "hibari", "minilm"}
    assert all(engine["restarts"] == 0 for engine in report["engines"].values())


def test_without_a_process_health_says_so_in_one_line(tmp_path: Path) -> None:
    code, report = health(tmp_path / "nobody.sock")
    assert code == 1
    assert "nobody.sock" in report["error"]


def test_a_missing_setting_is_named_in_one_sentence() -> None:
    env = {key: value for key, value in os.environ.items() if key != "VOICEFLEET_INFERENCE_SOCKET"}
    done = subprocess.run(
        [sys.executable, "-m", "agent.inference"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "VOICEFLEET_INFERENCE_SOCKET" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_process_on_the_same_socket_gives_up_with_a_sentence(speech_process: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agent.inference"],
        env=environment(speech_process), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "another inference process listens" in done.stderr
    assert health(speech_process)[0] == 0
