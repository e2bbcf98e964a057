"""The shipped price list is whole, and a wrong file is named in one line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agent.costs.prices import list_prices
from agent.domain.cost import Item
from agent.domain.errors import ConfigError
from agent.domain.providers import Kind, Unit, parse_provider

TODAY = date(2026, 11, 22)
NAMED = [
    (Kind.STT, "deepgram/nova-3"),
    (Kind.STT, "deepgram/flux-general-en"),
    (Kind.STT, "openai/gpt-4o-mini-transcribe"),
    (Kind.STT, "local"),
    (Kind.MODEL, "openai/gpt-4.1"),
    (Kind.MODEL, "responses/gpt-4.1"),
    (Kind.MODEL, "groq/openai/gpt-oss-120b"),
    (Kind.MODEL, "ollama/llama3.2"),
    (Kind.TTS, "deepgram/aura-2-thalia-en"),
    (Kind.TTS, "elevenlabs/eleven_flash_v2_5@EXAVITQu4vr4xnSDxMaL"),
    (Kind.TTS, "openai/gpt-4o-mini-tts"),
    (Kind.TTS, "local"),
]


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_every_provider_the_documentation_names_has_a_price(kind: Kind, name: str) -> None:
    assert list_prices().missing(parse_provider(kind, name), TODAY) == ()


def test_every_unit_has_a_price_that_is_not_nothing_so_that_nothing_unknown_is_free() -> None:
    for unit in [*(each.value for each in Unit), "line_s"]:
        assert list_prices().price_or_dearest(Item("stt", "nobody/knows", unit), TODAY).nano_usd > 0, unit


def test_prices_say_where_they_are_from() -> None:
    for item, prices in list_prices().prices.items():
        assert all(price.source and price.since <= TODAY for price in prices), item


def test_a_voice_of_the_new_family_does_not_cost_what_the_old_one_does() -> None:
    prices = list_prices()
    old, new = (
        prices.price(Item("tts", f"deepgram/{name}", "characters"), TODAY) for name in ("aura-asteria-en", "aura-2-x")
    )
    assert old
    assert new
    assert (old.nano_usd, new.nano_usd) == (15_000_000, 30_000_000)


ENTRY = """
- kind: stt
  names: [deepgram/nova-3]
  usd: {audio_s: 0.001 per 60}
  since: 2026-01-01
  source: our contract
  verified: true
"""


def test_an_operators_own_price_goes_before_the_list(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(ENTRY + ENTRY.replace("2026-01-01", "2026-03-01").replace("0.001", "0.002"), encoding="utf-8")
    prices = list_prices(path)
    nova = Item("stt", "deepgram/nova-3", "audio_s")
    for on, nano_usd in ((date(2026, 2, 1), 1_000_000), (TODAY, 2_000_000)):
        found = prices.price(nova, on)
        assert found
        assert found.nano_usd == nano_usd
    assert prices.missing(parse_provider(Kind.MODEL, "openai/gpt-4.1"), TODAY) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ENTRY + ENTRY, "stt deepgram/nova-3: two prices since 2026-01-01"),
        (ENTRY.replace("0.001 per 60", "cheap"), "expected dollars and units, like 0.0048 per 60"),
        (ENTRY.replace("0.001 per 60", "-1 per 60"), "expected dollars and units"),
        (ENTRY.replace("audio_s", "words"), "words"),
        (ENTRY.replace("  source: our contract\n", ""), "source: Field required"),
        (ENTRY.replace("kind: stt", "kind: ears"), "kind"),
        ("- [", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path: Path, text: str | None, fault: str) -> None:
    path = tmp_path / "own.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"own\.yaml") as caught:
        list_prices(path)
    assert fault in str(caught.value)
