"""Refusals of the inference process become errors that callers can branch on."""

from __future__ import annotations

import pytest

from agent.domain.errors import Blame, DeadlineExceeded, FleetError, Overloaded
from agent.inference.messages import InferenceUnavailable, Refusal, refusal_error

EXPECTED = {
    Refusal.QUEUE_FULL: (Overloaded, Blame.SERVER, True),
    Refusal.BUSY: (Overloaded, Blame.SERVER, True),
    Refusal.DEADLINE: (DeadlineExceeded, Blame.SERVER, True),
    Refusal.UNAVAILABLE: (InferenceUnavailable, Blame.SERVER, True),
    Refusal.BAD_REQUEST: (FleetError, Blame.CLIENT, False),
    Refusal.FAILED: (FleetError, Blame.SERVER, False),
}


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_says_whose_fault_it_is_and_whether_to_retry(refusal: Refusal) -> None:
    error = refusal_error({"code": refusal.value, "message": "because"})
    assert (type(error), error.blame, error.retryable) == EXPECTED[refusal]
    assert str(error) == "because"


def test_a_refusal_nobody_knows_is_the_servers_fault() -> None:
    assert refusal_error({"code": "from the future"}).blame is Blame.SERVER
