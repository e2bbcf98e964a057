"""The page of settings is the settings'."""

from __future__ import annotations

from tests.unit.runtime.config_page import PATH, write


def test_the_page_of_settings_in_the_docs_is_written_from_their_fields() -> None:
    assert PATH.read_text(encoding="utf-8") == write(), "run: python -m tests.unit.runtime.config_page"
