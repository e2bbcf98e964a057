"""The page on cost says what the price list says, and the promise holds."""

from __future__ import annotations

import pytest

from tests.unit.costs.cost_page import PATH, PROFILES, PROMISED_CENTS, totals_cents, write


def test_the_page_is_as_the_price_list_would_write_it() -> None:
    page = PATH.read_text(encoding="utf-8")
    assert page == write(page), "run: python -m tests.unit.costs.cost_page"


@pytest.mark.parametrize("profile", PROFILES)
def test_five_minutes_cost_less_than_promised_even_at_the_most(profile: str) -> None:
    usual, most = totals_cents(profile)
    assert usual < most <= PROMISED_CENTS
