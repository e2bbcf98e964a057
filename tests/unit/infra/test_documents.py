"""What the documents tell a reader to type can be typed, and what they list is there."""

from __future__ import annotations

import re

from infra.local.servers import CHECKOUT

_PAGES = sorted([
    *CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *CHECKOUT.glob("loadtest/**/*.md"),
    *CHECKOUT.glob("sip/*.yaml"), *CHECKOUT.glob("infra/local/tenants/*.yaml"),
    *CHECKOUT.glob("agent/tenants/templates/*.yaml"),
])  # fmt: skip
_DECISIONS = CHECKOUT / "docs" / "adr"


def _found(pattern: str) -> dict[str, set[str]]:
    found = {page: set(re.findall(pattern, page.read_text(encoding="utf-8"), re.MULTILINE)) for page in _PAGES}
    return {str(page.relative_to(CHECKOUT)): words for page, words in found.items() if words}


def test_no_command_begins_with_a_program_that_is_not_on_the_path() -> None:
    assert _found(r"^(?: {4}|# +|.*(?:with|then): +)(?:voicefleet|python3?) .*") == {}


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    named = _found(r"(?:`|^ {4})make ([a-z-]+)")
    assert {page: words - targets for page, words in named.items() if words - targets} == {}
    assert "README.md" in named


def test_every_decision_is_in_the_index() -> None:
    index = (_DECISIONS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d{4}-[^)]+)\)", index) == sorted(path.name for path in _DECISIONS.glob("0*.md"))
