"""`voicefleet providers check`: every provider that is configured, tried once, in a table."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.bootstrap.reported_embedding import embedding_provider
from agent.bootstrap.tenant_document import tenant_from_json
from agent.costs.prices import list_prices
from agent.costs.rates import rate_of
from agent.domain.cost import PriceList
from agent.domain.errors import Blame, ConfigError
from agent.domain.providers import Attempt, Kind, Provider
from agent.domain.tenant import Tenant
from agent.runtime.settings import DatabaseSettings, ProviderSettings, load
from agent.storage import tenants
from agent.storage.pool import Role, fleet_tx, open_pool

DESCRIPTION = (
    "Tries every provider of VOICEFLEET_STT, VOICEFLEET_MODELS, VOICEFLEET_LARGE_MODELS, VOICEFLEET_TTS and the "
    "embedding endpoint, several at a time, each with one small real request by the client that calls use: a "
    "recogniser has to hear a recorded word, a model to fill in a form, a voice to say a word, an embedder to give a "
    "vector. A vendor bills it like any other request: less than a hundredth of a cent each."
)
EPILOG = "Exit code: 0 all of them work, 1 one does not, 2 the settings are wrong. What there is: docs/providers.md."
_HEAD = ("kind", "provider", "place", "price", "first result", "is")
_GOOD, _BAD, _WRONG_SETTINGS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Named:
    """A provider, and where it stands: `places` like "fleet 1"."""

    provider: Provider
    places: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    parser.add_argument("--tenant", metavar="SLUG", help="with the providers this business chose; needs DATABASE_URL")
    parser.add_argument("--json", action="store_true", help="print one JSON object a provider")


async def check(slug: str | None, *, is_json: bool) -> int:
    """Try all of them; gives the exit code."""
    try:
        settings = load(ProviderSettings)
        prices = list_prices(settings.prices_file)
        tenant = await _tenant(slug) if slug is not None else None
    except ConfigError as error:
        print(error, file=sys.stderr)
        return _WRONG_SETTINGS
    found = named(settings, tenant)
    attempts = await _tried([each.provider for each in found], settings)
    lines = [_json(each, attempt, prices) for each, attempt in zip(found, attempts, strict=True)]
    print("\n".join(lines) if is_json else table(found, attempts, prices))
    return _GOOD if all(attempt.blame is Blame.SUCCESS for attempt in attempts) else _BAD


def named(settings: ProviderSettings, tenant: Tenant | None) -> list[Named]:
    """Every provider that the settings or the tenant name, once, by kind and then in the order they are tried."""
    places: dict[Provider, list[str]] = {}
    for owner, chain in _chains(settings, tenant):
        for number, provider in enumerate(chain, 1):
            places.setdefault(provider, []).append(f"{owner} {number}")
    kinds = list(Kind)
    return sorted(
        (Named(provider, tuple(each)) for provider, each in places.items()),
        key=lambda one: kinds.index(one.provider.kind),
    )


def _chains(settings: ProviderSettings, tenant: Tenant | None) -> list[tuple[str, tuple[Provider, ...]]]:
    chains = [("fleet", settings.stt_chain), ("fleet", settings.model_chain), ("fleet", settings.tts_chain)]
    if settings.large_models:
        chains.append(("fleet, large", settings.large_model_chain))
    if settings.embedding_model is not None and settings.embedding_url is not None:
        chains.append(("fleet", (embedding_provider(settings.embedding_url, settings.embedding_model),)))
    if tenant is not None:
        chosen = tenant.providers
        chains += [(tenant.slug, chain) for chain in (chosen.stt, chosen.models, chosen.tts)]
        if tenant.premium_voice is not None:
            chains.append((f"{tenant.slug}, premium", (tenant.premium_voice.provider,)))
    return chains


def table(found: Sequence[Named], attempts: Sequence[Attempt], prices: PriceList) -> str:
    """In columns, what is wrong last."""
    rows = [_HEAD]
    for one, attempt in zip(found, attempts, strict=True):
        first = f"{1000 * attempt.first_s:.0f} ms" if attempt.first_s is not None else "-"
        price = _price(one.provider, prices) or "not known"
        name, places = _configured(one.provider), "; ".join(one.places)
        rows.append((one.provider.kind.value, name, places, price, first, _is(attempt)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                     for row in rows)  # fmt: skip


def _price(provider: Provider, prices: PriceList) -> str:
    return rate_of(provider, prices, datetime.now(UTC).date())


def _json(one: Named, attempt: Attempt, prices: PriceList) -> str:
    first_ms = round(1000 * attempt.first_s) if attempt.first_s is not None else None
    return json.dumps(
        {
            "kind": one.provider.kind.value,
            "provider": _configured(one.provider),
            "places": one.places,
            "price": _price(one.provider, prices),
            "ok": attempt.blame is Blame.SUCCESS,
            "blame": attempt.blame.value,
            "reason": attempt.reason,
            "first_ms": first_ms,
        }
    )


def _configured(provider: Provider) -> str:
    return f"{provider.name}@{provider.voice}" if provider.voice else provider.name


def _is(attempt: Attempt) -> str:
    return "ok" if attempt.blame is Blame.SUCCESS else attempt.reason


async def _tried(providers: Sequence[Provider], settings: ProviderSettings) -> list[Attempt]:
    from agent.bootstrap.prober import Prober  # LiveKit's plugins: two seconds, for those who check

    logging.getLogger("livekit").setLevel(logging.CRITICAL)  # what plugins warn of is in the table
    async with Prober(settings) as prober:
        return await prober.probe_all(providers)


async def _tenant(slug: str) -> Tenant:
    """Raises ConfigError: no tenant of this slug."""
    url = load(DatabaseSettings).database_url.get_secret_value()
    pool = await open_pool(url, role=Role.KEEPER, name="voicefleet-providers", max_size=1)
    async with pool, fleet_tx(pool) as connection:
        stored = await tenants.tenant_by_slug(connection, slug)
    if stored is None:
        raise ConfigError(f"{slug}: no tenant of this slug in the database")
    return tenant_from_json(dict(stored.config), slug)
