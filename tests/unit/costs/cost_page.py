"""Writes the tables in docs/cost.md from the price list: python -m tests.unit.costs.cost_page"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from agent.costs.prices import list_prices
from agent.domain.cost import LINE_S, NANO_PER_CENT, NANO_PER_USD, TELEPHONY, Item, Price
from agent.runtime.settings import ModelSettings

PATH = Path("docs/cost.md")
MARK = "<!-- written by tests.unit.costs.cost_page from here on -->\n"
#: The day whose prices the arithmetic is done with.
ON = date(2026, 11, 22)
PROMISED_CENTS = 50
_FIVE_MINUTES_S = 300
_CHARACTERS_A_SECOND = 15
#: As the emulator counts a request about one turn of the demo tenant's, in and out.
_REQUEST_TOKENS = (301, 16)
_MOST_TOKENS: int = ModelSettings.model_fields["model_call_tokens"].default


@dataclass(frozen=True)
class Use:
    """Five minutes' use of one item."""

    item: Item
    usual: int
    most: int


def uses(stt: str, model: str, tts: str) -> tuple[Use, ...]:
    """A call of five minutes, usually and at the very most."""
    spoken = _FIVE_MINUTES_S * _CHARACTERS_A_SECOND
    return (
        Use(Item(TELEPHONY, "twilio", LINE_S), _FIVE_MINUTES_S, _FIVE_MINUTES_S),
        Use(Item("stt", stt, "audio_s"), _FIVE_MINUTES_S, _FIVE_MINUTES_S),
        Use(Item("model", model, "tokens_in"), 4 * _REQUEST_TOKENS[0], 0),
        Use(Item("model", model, "tokens_out"), 4 * _REQUEST_TOKENS[1], _MOST_TOKENS),
        Use(Item("tts", tts, "characters"), spoken // 2, spoken),
    )


PROFILES = {
    "nova-3 + gpt-4.1 + aura-2": uses("deepgram/nova-3", "openai/gpt-4.1", "deepgram/aura-2-thalia-en"),
    "flux + groq gpt-oss + elevenlabs flash": uses(
        "deepgram/flux-general-en", "groq/openai/gpt-oss-120b", "elevenlabs/eleven_flash_v2_5"
    ),
}


def totals_cents(profile: str) -> tuple[float, float]:
    """What five minutes cost, usually and at the most."""
    usual = sum(_price(use.item).of(use.usual * 1000) for use in PROFILES[profile])
    most = sum(_price(use.item).of(use.most * 1000) for use in PROFILES[profile])
    return usual / NANO_PER_CENT, most / NANO_PER_CENT


def write(page: str) -> str:
    """The page with its tables anew; what stands before the mark is kept."""
    before, mark, _ = page.partition(MARK)
    assert mark, f"{PATH} has lost its mark"
    profiles = [line for name in PROFILES for line in _profile(name)]
    return "\n".join([before + mark, *profiles, *_prices(), ""])


def _profile(name: str) -> Iterator[str]:
    yield f"## Five minutes on {name}"
    yield ""
    yield "| what | price | usually | ¢ | at the most | ¢ |"
    yield "|---|---|---|---|---|---|"
    for use in PROFILES[name]:
        price = _price(use.item)
        usual, most = (price.of(amount * 1000) / NANO_PER_CENT for amount in (use.usual, use.most))
        what = f"{use.item.kind} `{use.item.provider}`"
        yield f"| {what} | {_rate(price, use.item.unit)} | {use.usual:,} | {usual:.2f} | {use.most:,} | {most:.2f} |"
    usual, most = totals_cents(name)
    yield f"| **together** | | | **{usual:.2f}** | | **{most:.2f}** |"
    yield ""


def _prices() -> Iterator[str]:
    yield "## Every price"
    yield ""
    yield "| kind | provider | price | since | verified | source |"
    yield "|---|---|---|---|---|---|"
    entries = [(item, price) for item, prices in list_prices().prices.items() for price in prices]
    for (kind, provider, _), same in groupby(entries, key=lambda each: (each[0].kind, each[0].provider, each[1].since)):
        units = list(same)
        price = units[0][1]
        rates = ", ".join(_rate(each, item.unit) for item, each in units)
        verified = "yes" if price.is_verified else "**no**"
        yield f"| {kind} | `{provider}` | {rates} | {price.since} | {verified} | {price.source} |"


def _price(item: Item) -> Price:
    price = list_prices().price(item, ON)
    assert price is not None, item
    return price


def _rate(price: Price, unit: str) -> str:
    dollars = f"{price.nano_usd / NANO_PER_USD:.4f}".rstrip("0").rstrip(".")
    return f"${dollars} per {price.per:,} `{unit}`"


if __name__ == "__main__":
    PATH.write_text(write(PATH.read_text(encoding="utf-8")), encoding="utf-8")
