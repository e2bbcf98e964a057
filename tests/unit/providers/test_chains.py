"""Whose chains a call uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.domain.errors import ConfigError
from agent.domain.providers import Kind, Provider, TenantProviders, parse_chain
from agent.providers.configured import opened
from agent.providers.registry import chains_of
from agent.runtime.settings import SpeechSettings
from tests.unit.domain.desk import TENANT

FLEETS = "deepgram/nova-3,local"


def settings(key: str | None = "key") -> SpeechSettings:
    return SpeechSettings(
        stt=FLEETS, inference_socket=Path("/run/socket"), deepgram_key=None if key is None else SecretStr(key)
    )


def test_a_tenants_chain_is_used_as_it_is_written_and_else_the_fleets() -> None:
    own = parse_chain(Kind.STT, "deepgram/flux-general-en")
    chains = chains_of(settings(), replace(TENANT, providers=TenantProviders(stt=own)))
    assert chains.stt == own
    assert chains.tts == parse_chain(Kind.TTS, "local")
    assert chains_of(settings(), TENANT).stt == parse_chain(Kind.STT, FLEETS)


def test_a_tenants_chain_without_any_account_gives_way_to_the_fleets() -> None:
    own = TenantProviders(stt=parse_chain(Kind.STT, "openai/gpt-4o-mini-transcribe"))
    assert chains_of(settings(), replace(TENANT, providers=own)).stt == parse_chain(Kind.STT, FLEETS)


def test_of_a_chain_those_without_a_key_are_left_out() -> None:
    def open_one(provider: Provider) -> str:
        if provider.vendor == "deepgram":
            raise ConfigError("DEEPGRAM_API_KEY: required")
        return provider.name

    assert opened(parse_chain(Kind.STT, FLEETS), open_one) == ["local"]
    with pytest.raises(ConfigError, match="DEEPGRAM_API_KEY"):
        opened(parse_chain(Kind.STT, "deepgram/nova-3"), open_one)
