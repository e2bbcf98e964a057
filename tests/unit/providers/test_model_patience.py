"""What a model may take to its first word."""

from __future__ import annotations

import pytest

from agent.domain.providers import Kind, parse_provider
from agent.providers.model_patience import first_token_s
from agent.runtime.settings import ModelSettings

DEFAULT_S = 0.6


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("openai/gpt-4.1", True),
        ("openai/gpt-4.1-2025-04-14", True),
        ("responses/gpt-4o-mini", True),
        ("openai/gpt-4.1-mini", False),
        ("compatible/gpt-4.1", False),
        ("groq/openai/gpt-oss-120b", False),
    ],
)
def test_a_model_whose_latency_is_known_has_a_deadline_of_its_own(name: str, is_known: bool) -> None:
    patience_s = first_token_s(parse_provider(Kind.MODEL, name), DEFAULT_S)
    assert (patience_s != DEFAULT_S) is is_known


@pytest.mark.parametrize("name", ["openai/gpt-4.1", "openai/gpt-4o-mini"])
def test_no_model_is_waited_for_longer_than_a_whole_answer_may_take(name: str) -> None:
    assert first_token_s(parse_provider(Kind.MODEL, name), DEFAULT_S) < ModelSettings().model_deadline_s
