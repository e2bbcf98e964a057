"""What asking a model may cost is counted before it is spent."""

from __future__ import annotations

from agent.understanding.allowance import ANSWER_TOKENS, TURN_TOKENS, Allowance, Limit


def test_a_turn_has_so_many_answers_and_the_next_turn_begins_anew() -> None:
    allowance = Allowance(10_000, 10_000)
    for _ in range(TURN_TOKENS // ANSWER_TOKENS):
        assert allowance.limit_for(500, turn=1) is None
        allowance.take(500)
    assert allowance.limit_for(500, turn=1) is Limit.TURN
    assert allowance.limit_for(500, turn=2) is None


def test_a_request_that_could_pass_the_calls_or_the_tenants_allowance_is_not_sent() -> None:
    assert Allowance(999, 10_000).limit_for(1000, turn=1) is Limit.CALL
    assert Allowance(10_000, 999).limit_for(1000, turn=1) is Limit.TENANT
    assert Allowance(1000, 1000).limit_for(1000, turn=1) is None


def test_an_answer_costs_what_the_endpoint_counted_and_the_most_when_it_counts_nothing() -> None:
    counted, uncounted = Allowance(10_000, 10_000), Allowance(10_000, 10_000)
    for allowance, tokens in ((counted, (300, 25)), (uncounted, None)):
        allowance.take(500)
        allowance.settle(500, tokens)
    assert (counted.spent, counted.spent_turn) == (325, 25)
    assert (uncounted.spent, uncounted.spent_turn) == (500, ANSWER_TOKENS)
