"""What a call costs: what was used of whom, at the price that was valid when the call began.

Money is counted in nano-dollars, 10⁻⁹ USD: the cheapest unit anybody sells, a token of an embedding, costs twenty of
them, and a cent is ten million. Amounts are counted in thousandths of their unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from agent.domain.providers import Kind, Provider, Unit, Used

NANO_PER_CENT = 10_000_000
NANO_PER_USD = 1_000_000_000
#: Beside the kinds of providers: the carrier, who is paid for the time a call is up.
TELEPHONY = "telephony"
#: What a carrier counts: seconds from the answer to the end.
LINE_S = "line_s"
#: What each kind of provider is paid by.
PAID_BY: Mapping[Kind, tuple[Unit, ...]] = {
    Kind.STT: (Unit.AUDIO_S,),
    Kind.MODEL: (Unit.TOKENS_IN, Unit.TOKENS_OUT),
    Kind.TTS: (Unit.CHARACTERS,),
    Kind.EMBEDDING: (Unit.TOKENS_IN,),
}
_MILLI = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """What is paid for.

    Attributes:
        kind: a `Kind`'s value, or TELEPHONY.
        provider: its name; a carrier's for TELEPHONY.
        unit: a `Unit`'s value, or LINE_S.
    """

    kind: str
    provider: str
    unit: str


@dataclass(frozen=True, slots=True)
class Price:
    """What so many units cost from a day on.

    Attributes:
        nano_usd: for `per` units.
        block: the fewest units that are billed, and their multiples; 0 when what is used is what is billed.
        source: where it was read, and when.
        is_verified: whether the source states it for just this; else it stands in for what we could not read.
    """

    nano_usd: int
    per: int
    since: date
    source: str
    block: int = 0
    is_verified: bool = True

    def of(self, amount: int) -> int:
        """Nano-dollars for an amount in thousandths of a unit, half a nano-dollar rounded up."""
        if self.block:
            amount = -(-amount // (self.block * _MILLI)) * self.block * _MILLI
        return (2 * self.nano_usd * amount + self.per * _MILLI) // (2 * self.per * _MILLI)

    @property
    def per_unit(self) -> float:
        """Nano-dollars, to compare by."""
        return self.nano_usd / self.per


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices of items by date.

    Attributes:
        prices: the oldest first. A provider that ends in `*` stands for all whose names begin so and have no price
            of their own; of several the longest counts.
    """

    prices: Mapping[Item, tuple[Price, ...]]

    def price(self, item: Item, on: date) -> Price | None:
        """The one valid on this day; the first known of a day before it; None when nothing is known."""
        found = self.prices.get(item) or self._by_beginning(item)
        if not found:
            return None
        return next((price for price in reversed(found) if price.since <= on), found[0])

    def price_or_dearest(self, item: Item, on: date) -> Price:
        """The price; of an item without one the dearest known of its kind and unit, else of its unit.

        Raises:
            KeyError: no price at all is known for the unit.
        """
        known = self.price(item, on)
        if known is not None:
            return known
        alike = [each for each in self.prices if each.unit == item.unit]
        same = [each for each in alike if each.kind == item.kind] or alike
        if not same:
            raise KeyError(item.unit)
        return max((self._valid(each, on) for each in same), key=lambda price: price.per_unit)

    def missing(self, provider: Provider, on: date) -> tuple[Unit, ...]:
        """The units by which a provider is paid and for which no price of it is known."""
        return tuple(
            unit
            for unit in PAID_BY.get(provider.kind, ())
            if self.price(Item(provider.kind.value, provider.name, unit.value), on) is None
        )

    def cheapest(self, chain: Iterable[Provider], on: date) -> Provider | None:
        """Of some providers of one kind the one whose units cost least together, the first of equals."""
        return min(chain, key=lambda provider: self._together(provider, on), default=None)

    def _together(self, provider: Provider, on: date) -> float:
        items = (Item(provider.kind.value, provider.name, unit.value) for unit in PAID_BY.get(provider.kind, ()))
        return sum(self.price_or_dearest(item, on).per_unit for item in items)

    def _valid(self, item: Item, on: date) -> Price:
        prices = self.prices[item]
        return next((price for price in reversed(prices) if price.since <= on), prices[0])

    def _by_beginning(self, item: Item) -> tuple[Price, ...]:
        fitting = [
            each
            for each in self.prices
            if each.provider.endswith("*")
            and (each.kind, each.unit) == (item.kind, item.unit)
            and item.provider.startswith(each.provider[:-1])
        ]
        return self.prices[max(fitting, key=lambda each: len(each.provider))] if fitting else ()


@dataclass(frozen=True, slots=True)
class Charge:
    """What an item has come to in a call.

    Attributes:
        amount: in thousandths of the item's unit.
        nano_usd: at the price that counts for the call.
    """

    item: Item
    amount: int
    nano_usd: int


@dataclass(slots=True)
class CallCost:
    """One call's, as it goes.

    Attributes:
        on: the day the call began, UTC; its prices hold to the end.
        unpriced: items counted at the dearest price of their kind, for want of their own.
    """

    prices: PriceList
    on: date
    unpriced: set[Item] = field(default_factory=set)
    _amounts: dict[Item, int] = field(default_factory=dict)

    def use(self, used: Used) -> None:
        """A provider was used."""
        self._add(Item(used.provider.kind.value, used.provider.name, used.unit.value), round(used.amount * _MILLI))

    def hold_line(self, carrier: str, seconds: float) -> None:
        """The call has been up for so long in all; one that was answered has begun its first block."""
        item = Item(TELEPHONY, carrier, LINE_S)
        self._add(item, max(0, max(1, round(seconds * _MILLI)) - self._amounts.get(item, 0)))

    @property
    def nano_usd(self) -> int:
        """All of it so far."""
        return sum(charge.nano_usd for charge in self.charges())

    def charges(self) -> tuple[Charge, ...]:
        """Item by item, in the order in which they were first used."""
        return tuple(
            Charge(item, amount, self.prices.price_or_dearest(item, self.on).of(amount))
            for item, amount in self._amounts.items()
        )

    def by_provider(self) -> dict[tuple[str, str], int]:
        """Nano-dollars by kind and provider."""
        sums: dict[tuple[str, str], int] = {}
        for charge in self.charges():
            key = (charge.item.kind, charge.item.provider)
            sums[key] = sums.get(key, 0) + charge.nano_usd
        return sums

    def _add(self, item: Item, amount: int) -> None:
        if item not in self._amounts and self.prices.price(item, self.on) is None:
            self.unpriced.add(item)
        self._amounts[item] = self._amounts.get(item, 0) + amount


def cents(nano_usd: int) -> float:
    """For people and records: cents to a thousandth."""
    return round(nano_usd / NANO_PER_CENT, 3)
