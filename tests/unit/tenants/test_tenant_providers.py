"""Providers and keyterms of a tenant's document."""

from __future__ import annotations

from typing import Any

import pytest

from agent.bootstrap.tenant_document import parse_document
from agent.domain.errors import ConfigError
from agent.domain.providers import Kind, Provider, TenantProviders
from agent.tenants.conversion import to_tenant
from tests.unit.tenants.test_tenant_knowledge import document


def _with(providers: dict[str, Any]) -> TenantProviders:
    return to_tenant(parse_document(document(providers=providers), "f.yaml")).providers


def test_a_business_may_choose_who_hears_thinks_and_speaks() -> None:
    chosen = _with(
        {
            "stt": ["deepgram/nova-3", "local"],
            "tts": ["elevenlabs/eleven_flash_v2_5@voice-id"],
            "models": ["groq/openai/gpt-oss-120b"],
            "keyterms": ["Invisalign"],
        }
    )
    assert chosen.stt == (Provider(Kind.STT, "deepgram", "nova-3"), Provider(Kind.STT, "local"))
    assert chosen.tts == (Provider(Kind.TTS, "elevenlabs", "eleven_flash_v2_5", "voice-id"),)
    assert chosen.models == (Provider(Kind.MODEL, "groq", "openai/gpt-oss-120b"),)
    assert chosen.keyterms == ("Invisalign",)


def test_a_business_that_chooses_none_takes_the_fleets() -> None:
    assert to_tenant(parse_document(document(), "f.yaml")).providers == TenantProviders()


@pytest.mark.parametrize(
    ("providers", "fault"),
    [
        ({"stt": ["deepgramm/nova-3"]}, "providers.stt[0]: expected `vendor/model`, the vendor one of deepgram"),
        ({"tts": ["elevenlabs"]}, "providers.tts[0]: expected `vendor/model`"),
        ({"models": ["local"]}, "providers.models[0]: expected `vendor/model`"),
        ({"stt": ["local", "local"]}, "providers.stt: expected a list of `vendor/model`"),
        ({"keyterms": ["x"]}, "providers.keyterms[0]: expected a text of 2 to 40 characters"),
        ({"voice": []}, "providers.voice: there is no such setting"),
    ],
)
def test_a_provider_nobody_knows_is_a_fault_that_names_its_place(providers: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError, match=r"f\.yaml") as caught:
        _with(providers)
    assert fault in str(caught.value)
