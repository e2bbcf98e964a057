"""Prices as they are told beside providers."""

from __future__ import annotations

from datetime import date

import pytest

from agent.costs.prices import list_prices
from agent.costs.rates import rate_of
from agent.domain.providers import Kind, parse_provider

ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (Kind.STT, "deepgram/nova-3", "$0.0048 a minute"),
        (Kind.STT, "openai/gpt-4o-mini-transcribe", "about $0.003 a minute"),
        (Kind.MODEL, "openai/gpt-4.1", "$2 a million tokens in, $8 out"),
        (Kind.MODEL, "ollama/llama3.2", "free"),
        (Kind.TTS, "elevenlabs/eleven_flash_v2_5", "$0.05 a thousand characters"),
        (Kind.TTS, "polly/neural", "$0.016 a thousand characters"),
        (Kind.MODEL, "compatible/any", ""),
    ],
)
def test_a_price_is_told_in_the_vendors_unit(kind: Kind, name: str, told: str) -> None:
    assert rate_of(parse_provider(kind, name), list_prices(), ON) == told
