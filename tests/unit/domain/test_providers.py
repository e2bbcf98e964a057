"""How providers are named, and the order of a chain."""

from __future__ import annotations

import pytest

from agent.domain.providers import AllClosed, Kind, Provider, in_order, parse_chain, parse_provider

NOVA = Provider(Kind.STT, "deepgram", "nova-3")
LOCAL = Provider(Kind.STT, "local")


def test_a_model_may_have_slashes_and_a_voice_follows_the_at_sign() -> None:
    assert parse_provider(Kind.MODEL, "groq/openai/gpt-oss-120b") == Provider(Kind.MODEL, "groq", "openai/gpt-oss-120b")
    assert parse_provider(Kind.TTS, " openai/gpt-4o-mini-tts@ash ") == Provider(
        Kind.TTS, "openai", "gpt-4o-mini-tts", "ash"
    )


def test_the_name_of_a_provider_is_without_its_voice() -> None:
    assert parse_provider(Kind.TTS, "openai/tts-1@ash").name == "openai/tts-1"
    assert LOCAL.name == "local"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nova-3", "no stt vendor (known: deepgram, local, openai)"),
        ("elevenlabs/flash", "no stt vendor"),
        ("deepgram", "a model is missing, as in deepgram/name"),
        ("deepgram/nova-3, deepgram/nova-3", "named twice"),
    ],
)
def test_a_chain_that_cannot_be_is_refused_with_what_is_wrong(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_chain(Kind.STT, text)
    assert fault in str(caught.value)


def test_the_chain_is_tried_in_the_order_it_is_written() -> None:
    assert in_order(parse_chain(Kind.STT, "deepgram/nova-3, local"), AllClosed()) == (NOVA, LOCAL)


def test_whoever_is_left_alone_is_tried_last_and_not_never() -> None:
    class NovaIsOpen:
        def is_open(self, provider: Provider) -> bool:
            return provider == NOVA

    assert in_order((NOVA, LOCAL), NovaIsOpen()) == (LOCAL, NOVA)
