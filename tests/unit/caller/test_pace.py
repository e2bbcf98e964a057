"""The machine's pace is noted beside what is measured, and found again by time."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from loadtest.caller.pace import Paces, noted, noting


def test_it_is_noted_while_it_is_asked_for(tmp_path: Path) -> None:
    pipe, notes = tmp_path / "pipe", tmp_path / "pace.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with noting(pipe):
            assert select.select([reader], [], [], 20.0)[0], "nothing is noted"
        notes.write_bytes(os.read(reader, 65536))
        assert os.read(reader, 65536) == b"", "who noted it still holds the pipe"
    finally:
        os.close(reader)
    first_s = float(notes.read_text().split()[0])
    assert noted(notes).around(first_s) is not None
    assert noted(notes).around(first_s - 60.0) is None


def test_slowness_is_told_against_the_fastest() -> None:
    paces = Paces([(at_s / 10, 0.5 if at_s < 50 else 1.0) for at_s in range(100)])
    assert paces.around(2.0) == pytest.approx(1.0)
    assert paces.around(8.0) == pytest.approx(2.0)
    assert paces.around(5.0) == pytest.approx(1.4, abs=0.1)


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pace.txt").write_text("10.0 0.5\n10.1 0.5\n10.2 0.")
    assert noted(tmp_path / "pace.txt").around(10.0) == pytest.approx(1.0)
    assert noted(tmp_path / "none.txt").around(10.0) is None
