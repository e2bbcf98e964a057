"""The local voice at another pace."""

from __future__ import annotations

import pytest

from agent.domain.manner import RATES
from agent.inference.hibari import HibariEngine
from agent.inference.messages import HIBARI, BadRequest

TEXT = "What day and time would you like for your cleaning?"


@pytest.fixture(scope="module")
def voice() -> HibariEngine:
    return HibariEngine()


def test_each_request_to_speak_slower_is_slower(voice: HibariEngine) -> None:
    sizes = [len(voice.handle({"voice": HIBARI, "text": TEXT, "rate": rate}, b"")[1]) for rate in RATES]
    assert sizes == sorted(sizes)
    assert sizes[-1] / sizes[0] > 1.4


def test_without_a_rate_it_is_the_voices_own(voice: HibariEngine) -> None:
    plain, own = ({"voice": HIBARI, "text": TEXT}, {"voice": HIBARI, "text": TEXT, "rate": 1.0})
    assert voice.handle(plain, b"") == voice.handle(own, b"")


@pytest.mark.parametrize("rate", [0.1, 3.0, "slow", None])
def test_a_pace_no_voice_has_is_refused(voice: HibariEngine, rate: object) -> None:
    with pytest.raises(BadRequest, match="rate"):
        voice.handle({"voice": HIBARI, "text": TEXT, "rate": rate}, b"")
