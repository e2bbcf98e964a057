"""The index of decisions and the decisions themselves."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path("docs/adr")


def test_the_index_lists_every_decision_and_no_other_in_order() -> None:
    listed = re.findall(r"^\| \[(\d{4})\]\((\S+\.md)\) \|", (_FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    files = sorted(path.name for path in _FOLDER.glob("[0-9]*.md"))
    assert listed == [(name[:4], name) for name in files]


def test_every_decision_bears_the_number_of_its_file() -> None:
    for path in _FOLDER.glob("[0-9]*.md"):
        assert path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. "), path
