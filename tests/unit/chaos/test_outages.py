"""What a call may cost after its budget is spent."""

from __future__ import annotations

import pytest

from loadtest.chaos.outages import beyond


@pytest.mark.parametrize(
    ("spent", "cost_cents", "wrong"),
    [
        ("call", 1.2, []),
        (None, 0.5, ["the record names no budget of the call that was spent; the call cost 0.5 cents"]),
        ("day", 1.2, ["the record names no budget of the call that was spent; the call cost 1.2 cents"]),
        ("call", 1.6, ["it went on to cost 1.6 cents"]),
    ],
)
def test_a_spent_budget_is_named_and_little_is_spent_after_it(
    spent: str | None, cost_cents: float, wrong: list[str]
) -> None:
    assert beyond("call", {"budget_spent": spent, "cost_cents": cost_cents}) == wrong
