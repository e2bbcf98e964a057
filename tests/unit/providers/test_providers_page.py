"""What the page of providers tells of a latency benchmark."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.providers import Kind
from agent.providers.catalogue import OFFERS
from tests.unit.providers.providers_page import measured


def _condition(at_once: int, heard_by: dict[str, int], p50: float) -> dict[str, Any]:
    return {
        "at_once": at_once,
        "providers": {"heard_by": heard_by, "spoken_by": {}},
        "budget": {"words": {"n": sum(heard_by.values()), "mean": 0.0, "p50": p50, "p95": 300.4}},
    }


RESULTS = {
    "conditions": [
        _condition(6, {"deepgram/nova-3": 300}, 199.0),
        _condition(1, {"deepgram/nova-3": 5, "deepgram/flux-general-en": 200, "": 3}, 250.0),
        _condition(1, {"deepgram/nova-3": 210}, 170.6),
    ]
}


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (Kind.STT, "deepgram/nova-3", "171 / 300 (n = 210)"),
        (Kind.STT, "deepgram/flux-general-en", "250 / 300 (n = 208)"),
        (Kind.STT, "openai/gpt-4o-mini-transcribe", "not measured"),
        (Kind.MODEL, "openai/gpt-4.1", "not measured"),
        (Kind.TTS, "deepgram/aura-2-thalia-en", "not measured"),
    ],
)
def test_a_provider_is_measured_where_it_served_most_turns_one_call_at_a_time(kind: Kind, name: str, told: str) -> None:
    (offer,) = [each for each in OFFERS if (each.kind, each.name) == (kind, name)]
    assert measured(offer, RESULTS) == told
    assert measured(offer, {}) == "not measured"
