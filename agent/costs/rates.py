"""A provider's price as people compare it."""

from __future__ import annotations

from datetime import date

from agent.domain.cost import NANO_PER_USD, Item, PriceList
from agent.domain.providers import Provider, Unit

#: For so many units, and what that many are called.
_TOLD = {
    Unit.AUDIO_S: (60, "a minute"),
    Unit.CHARACTERS: (1000, "a thousand characters"),
    Unit.TOKENS_IN: (1_000_000, "a million tokens in"),
    Unit.TOKENS_OUT: (1_000_000, "out"),
}


def rate_of(provider: Provider, prices: PriceList, on: date) -> str:
    """Like `$2 a million tokens in, $8 out`; "about" stands before what no source states for just this.

    Returns: empty where no price is known.
    """
    known = [
        (unit, price)
        for unit in Unit
        if (price := prices.price(Item(provider.kind.value, provider.name, unit.value), on)) is not None
    ]
    if known and not any(price.nano_usd for _, price in known):
        return "free"
    told = []
    for unit, price in known:
        amount, called = _TOLD[unit]
        dollars = f"{amount * price.per_unit / NANO_PER_USD:.4f}".rstrip("0").rstrip(".")
        told.append(f"{'' if price.is_verified else 'about '}${dollars} {called}")
    return ", ".join(told)
