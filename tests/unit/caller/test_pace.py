"""The machine's pace is noted beside what is measured, and found again by time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from loadtest.caller.pace import Paces, noted, noting


def test_it_is_noted_while_it_is_asked_for(tmp_path: Path) -> None:
    notes = tmp_path / "pace.txt"
    with noting(notes):
        deadline_s = time.monotonic() + 20.0
        while notes.stat().st_size < 60 if notes.exists() else True:
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
    lines = notes.read_text().splitlines()
    first_s = float(lines[0].split()[0])
    assert noted(notes).around(first_s) is not None
    assert noted(notes).around(first_s - 60.0) is None
    time.sleep(0.3)
    assert notes.read_text().splitlines() == lines


def test_slowness_is_told_against_the_fastest() -> None:
    paces = Paces([(at_s / 10, 0.5 if at_s < 50 else 1.0) for at_s in range(100)])
    assert paces.around(2.0) == pytest.approx(1.0)
    assert paces.around(8.0) == pytest.approx(2.0)
    assert paces.around(5.0) == pytest.approx(1.4, abs=0.1)


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pace.txt").write_text("10.0 0.5\n10.1 0.5\n10.2 0.")
    assert noted(tmp_path / "pace.txt").around(10.0) == pytest.approx(1.0)
    assert noted(tmp_path / "none.txt").around(10.0) is None
