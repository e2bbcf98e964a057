"""Recordings, logs and secrets of a stack are readable by its user alone."""

from __future__ import annotations

import stat
from pathlib import Path

from infra.local.places import Places, make_places


def test_private_folders_are_closed_to_others_even_when_they_exist_already(tmp_path: Path) -> None:
    places = Places(name="s", state=tmp_path / "state", run=tmp_path / "run", cache=tmp_path / "cache")
    places.recordings.mkdir(parents=True, mode=0o755)
    make_places(places)
    for folder in (places.logs, places.config, places.recordings, places.run):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
