"""What the page of providers tells of their measured latencies."""

from __future__ import annotations

import pytest

from agent.domain.providers import Kind
from agent.providers.catalogue import OFFERS
from tests.unit.providers.providers_page import measured

RESULTS = {
    "schema": 1,
    "providers": {
        "stt deepgram/nova-3": {"n": 20, "p50": 248.6, "p95": 300.4},
        "embedding compatible/any": {"n": 20, "p50": 3.2, "p95": 4.0},
    },
}


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (Kind.STT, "deepgram/nova-3", "249 / 300 (n = 20)"),
        (Kind.EMBEDDING, "compatible/any", "3 / 4 (n = 20)"),
        (Kind.MODEL, "compatible/any", "not measured"),
        (Kind.TTS, "polly/neural", "not measured"),
    ],
)
def test_a_provider_has_the_figures_of_its_kind_and_name(kind: Kind, name: str, told: str) -> None:
    (offer,) = [each for each in OFFERS if (each.kind, each.name) == (kind, name)]
    assert measured(offer, RESULTS) == told
    assert measured(offer, {}) == "not measured"
