"""`make setup`: what it says when something is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra.local import setup
from infra.local.progress import SetupError, run_step
from infra.local.servers import CHECKOUT, pinned_version, server_binary


def test_an_old_python_is_told_the_version_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SetupError, match=r"Python 3\.11 or newer is needed, this is 3\.9"):
        setup.check_python()


def test_missing_packages_get_a_sentence_each_and_the_exact_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(setup, "missing_packages", lambda: ["libsoxr-dev", "redis-server"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(SetupError) as caught:
        setup.install_system_packages(tmp_path)
    assert str(caught.value).splitlines() == [
        "libsoxr-dev is missing: livekit-sip is built with it.",
        "redis-server is missing: LiveKit's servers meet in Redis.",
        "As root, run: sudo apt-get install --yes --no-install-recommends libsoxr-dev redis-server",
    ]


def test_a_program_that_is_not_on_the_path_misses_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert setup.missing_packages() == []
    monkeypatch.setitem(setup._PROGRAMS, "surely-no-such-program", "some-package")
    assert setup.missing_packages() == ["some-package"]


def test_without_pkg_config_the_libraries_count_as_missing_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(setup._PROGRAMS, "surely-no-such-program", "pkg-config")
    assert setup.missing_packages() == ["libopus-dev", "libopusfile-dev", "libsoxr-dev", "pkg-config"]


def test_a_step_that_fails_shows_its_last_words_and_its_log(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    command = [sys.executable, "-c", "print('disk full'); raise SystemExit(1)"]
    with pytest.raises(SetupError, match=rf"doing it: failed after 0 s; the end of {log}:\ndisk full"):
        run_step("doing it", command, log=log)


def test_each_server_is_cached_by_the_version_its_module_pins() -> None:
    assert pinned_version("livekit-server") == "v1.13.5"
    assert server_binary(Path("/c"), "livekit-sip") == Path("/c/bin/livekit-sip-v1.8.0")


def test_the_lock_pins_hashes_and_names_no_index() -> None:
    lines = (CHECKOUT / "requirements.lock").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line for line in pinned)
    assert not [line for line in lines if "://" in line or line.startswith("--")]
