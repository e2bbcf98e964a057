"""`make bench-providers`: how long each provider's own client takes to its first result, and the table that says so.

Hosted ones answer from this project's emulators, with the published latency where there is one and at once where there
is none; so what exceeds that is our client, its handshake and this machine. Recognisers are listened to as in a call,
from the end of speech to settled words. Local engines are the real ones, in a process of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from livekit.agents.utils import http_context

from agent.domain.errors import Blame
from agent.domain.providers import Kind, Provider
from agent.inference.client import InferenceClient
from agent.providers import probing, recorded
from agent.providers.catalogue import OFFERS, Offer, Proof
from agent.runtime.accounts import Accounts
from agent.runtime.openai_endpoint import OpenAiEndpoint
from kb.embedding import Embedder
from kb.remote_embedding import RemoteEmbedder
from loadtest.chaos import plan
from loadtest.emulators.chat_script import Script
from loadtest.emulators.gate import listening
from loadtest.emulators.serve import Providers
from loadtest.emulators.suites import profile_of
from tests.bench.recognisers import Listening
from tests.integration.inference.conftest import local_engines
from tests.providers import accounts_at

FILE = Path("docs/figures/providers.json")
_KEY = "emulated"
_TRIES = 20
_DEADLINE_S = 10.0
_READY = Script([("are you ready?", {"ready": True})], "We open at eight.")
_EMBEDDING = "embeddings"


@dataclass(frozen=True, slots=True)
class Bench:
    """What is asked, and by what."""

    providers: Providers
    accounts: Accounts
    embedder: Embedder
    http: aiohttp.ClientSession
    inference: InferenceClient

    async def measured(self, offer: Offer, tries: int) -> dict[str, float]:
        """Median and 95th percentile in ms, one request after the other."""
        if offer.proof is not Proof.LOCAL:
            kind = _served(offer.provider)
            self.providers.control.kinds[kind].profile = profile_of(kind, offer.profile or "fast")
        first_ms = [await self._first_ms(offer.provider) for _ in range(tries + 1)][1:]  # the first one connects
        p50, p95 = np.percentile(first_ms, [50, 95])
        return {"n": tries, "p50": round(float(p50), 1), "p95": round(float(p95), 1)}

    async def _first_ms(self, provider: Provider) -> float:
        if provider.kind is Kind.STT:
            return await Listening(self.accounts, self.http, self.inference).words_ms(provider)
        attempt = await probing.probe(
            provider, self.accounts, self.http, self.inference, self.embedder, deadline_s=_DEADLINE_S
        )
        if attempt.blame is not Blame.SUCCESS or attempt.first_s is None:
            raise SystemExit(f"{provider.kind.value} {provider.name}: {attempt.reason}")
        return 1000 * attempt.first_s


def main() -> int:
    """Measure all of them and write the file."""
    parser = argparse.ArgumentParser(prog="make bench-providers", description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=_TRIES, help=f"requests to each (default {_TRIES})")
    parser.add_argument("--out", type=Path, default=FILE, help=f"where the figures go (default {FILE})")
    options = parser.parse_args()
    logging.getLogger("livekit").setLevel(logging.CRITICAL)
    with local_engines() as socket_path:
        figures = asyncio.run(_all(options.n, socket_path))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"schema": 1, "providers": figures}, indent=2) + "\n")
    print(f"{options.out}; docs/providers.md: python -m tests.unit.providers.providers_page")
    return 0


async def _all(tries: int, socket_path: Path) -> dict[str, Any]:
    providers = Providers(script=_READY)  # takes every key, and none, as Ollama has
    providers.control.truth.register(recorded.WORDS, *recorded.recording())
    figures: dict[str, Any] = {}
    async with listening(providers) as url, http_context.open() as http, InferenceClient(socket_path) as inference:
        endpoint = OpenAiEndpoint(f"{url}/openai/v1", _KEY, what="embedding")
        bench = Bench(providers, accounts_at(url, _KEY), RemoteEmbedder(endpoint, "any"), http, inference)
        for offer in OFFERS:
            if offer.proof is Proof.UNPROVEN:
                continue
            name = f"{offer.kind.value} {offer.name}"
            figures[name] = found = await bench.measured(offer, tries)
            print(f"{name:45} {found['p50']:7.1f} / {found['p95']:7.1f} ms (n = {tries})", flush=True)
        await endpoint.aclose()
    return figures


def _served(provider: Provider) -> str:
    if provider.kind is Kind.EMBEDDING:
        return _EMBEDDING
    return plan.served(plan.Kind(provider.kind.value), provider.name, provider.name)


if __name__ == "__main__":
    raise SystemExit(main())
