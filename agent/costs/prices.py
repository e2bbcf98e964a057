"""The price list, read from its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent.domain.cost import NANO_PER_USD, Item, Price, PriceList
from agent.domain.errors import ConfigError

PATH = Path(__file__).with_name("prices.yaml")
_RATE = re.compile(r"(\d+(?:\.\d+)?) per ([1-9]\d*)")


def _is_rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError("expected dollars and units, like 0.0048 per 60")
    return text


_Unit = Literal["audio_s", "characters", "tokens_in", "tokens_out", "line_s"]
_Rate = Annotated[str, AfterValidator(_is_rate)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["stt", "model", "tts", "embedding", "telephony"]
    names: Annotated[list[str], Field(min_length=1)]
    usd: Annotated[dict[_Unit, _Rate], Field(min_length=1)]
    since: date
    source: Annotated[str, Field(min_length=1)]
    verified: bool
    block: Annotated[int, Field(ge=0)] = 0

    def priced(self) -> Iterable[tuple[Item, Price]]:
        for unit, rate in self.usd.items():
            dollars, _, per = rate.partition(" per ")
            nano_usd = int(Decimal(dollars) * NANO_PER_USD)
            price = Price(nano_usd, int(per), self.since, self.source, self.block, self.verified)
            for name in self.names:
                yield Item(self.kind, name, unit), price


@cache
def list_prices(own: Path | None = None) -> PriceList:
    """The prices that ship with this release, and an operator's own before them.

    Args:
        own: a file of the same form; an item priced there has no other prices.
    Raises:
        ConfigError: a file is missing or wrong.
    """
    shipped = _read(PATH)
    return PriceList({**shipped, **_read(own)}) if own is not None else PriceList(shipped)


def _read(path: Path) -> dict[Item, tuple[Price, ...]]:
    try:
        entries = TypeAdapter(list[_Entry]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors())
        raise ConfigError(f"{path}: " + "; ".join(faults)) from None
    prices: dict[Item, tuple[Price, ...]] = {}
    for item, price in (priced for entry in entries for priced in entry.priced()):
        known = prices.get(item, ())
        if any(other.since == price.since for other in known):
            raise ConfigError(f"{path}: {item.kind} {item.provider}: two prices since {price.since}")
        prices[item] = tuple(sorted((*known, price), key=lambda each: each.since))
    return prices
