"""The page of a tenant's fields is the document's."""

from __future__ import annotations

from agent.tenants.document import TenantDocument
from tests.unit.tenants.tenants_page import PATH, write


def test_the_page_of_a_tenants_fields_is_written_from_them() -> None:
    page = PATH.read_text(encoding="utf-8")
    assert page == write(page), "run: python -m tests.unit.tenants.tenants_page"


def test_every_field_says_what_it_means_and_what_is_expected() -> None:
    rows = [line for line in PATH.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) >= len(TenantDocument.model_fields)
    for row in rows:
        _, meaning, expected, default = (cell.strip() for cell in row.replace("\\|", "").strip("|").split("|"))
        assert meaning.endswith((".", '"')), row
        assert expected, row
        assert default, row
