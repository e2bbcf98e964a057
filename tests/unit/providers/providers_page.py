"""Writes docs/providers.md from the catalogue: python -m tests.unit.providers.providers_page"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.costs.prices import list_prices
from agent.costs.rates import rate_of
from agent.domain.providers import Kind
from agent.providers.catalogue import OFFERS, Offer, key_variable
from agent.runtime.job_metrics import DECLARED
from loadtest.emulators.profiles import EMBEDDING_PROFILES, LISTEN_PROFILES, PROFILES, SPEECH_PROFILES, Profile
from tests.unit.costs.cost_page import ON

PATH = Path("docs/providers.md")
#: What `make bench-providers` wrote last.
MEASURED = Path("docs/figures/providers.json")
_P95_SIGMAS = 1.645
_TITLES = {Kind.STT: "Recognisers", Kind.MODEL: "Models", Kind.TTS: "Voices", Kind.EMBEDDING: "Embedders"}
_PROFILES = {
    Kind.STT: LISTEN_PROFILES,
    Kind.MODEL: PROFILES,
    Kind.TTS: SPEECH_PROFILES,
    Kind.EMBEDDING: EMBEDDING_PROFILES,
}
_FIRST = {
    Kind.STT: "End of speech to the final words",
    Kind.MODEL: "To the first token",
    Kind.TTS: "Text to the first audio",
    Kind.EMBEDDING: "Text to its vector",
}
_OPENING = """# Providers

Written from `agent/providers/catalogue.py` by `python -m tests.unit.providers.providers_page`; a test compares the two.

Who hears, thinks and speaks is named by `VOICEFLEET_STT`, `VOICEFLEET_MODELS` and `VOICEFLEET_TTS`
([config.md](config.md)), each a chain of `vendor/model`, with `@voice` behind it where a model has several; the first
is used, the next takes over when it fails; `VOICEFLEET_LARGE_MODELS` are asked what is hard. Knowledge is searched by
the vectors of whoever `VOICEFLEET_EMBEDDING_URL` names. A business may choose others in its document
([tenants.md](tenants.md)).

    .venv/bin/voicefleet providers check --help

tells how each of them is tried with a small real request; what is wrong with one is said in one line.

    .venv/bin/python -m infra.local run -- voicefleet providers status

says which of them calls have used, which are left alone because they failed, why, and when they are probed;
`providers reset NAME` lets calls use one again at once. One that refuses its probes is marked `refused`: it needs an
operator, for a key or an account is wrong. Local engines are each machine's own and not in it. A worker's `/metrics`
has them all:"""
_AFTER_METRICS = """\
Models that are not in the tables can be named too, of the vendors that are. *Proven by* says what shows that our client
and the provider understand each other: an emulator is this project's own stand-in, held against the official plugin or
the vendor's client and, where the vendor publishes one, against its schema
([what is proven](../loadtest/emulators/README.md)). None of them was held against the real provider. *Published*
latencies are others' measurements, in ms; the p95 is that of the distribution fitted to what the source gives, from
which the emulators draw. *Measured* is `make bench-providers`: our client against the emulator, which takes the
published time, or none where none was found, and so holds our side, with the handshake where a client is made anew.
Recognisers hear one short recording in frames of a call, until its words are settled: Flux's early end of a turn
settles them before its last word, and OpenAI's detector is told to wait for 0.35 s of silence first. Local engines are
the real ones, on two shared cores on 2026-11-22.
What they come to in calls is in [latency.md](latency.md). Prices are list prices
([cost.md](cost.md))."""
_CLOSING = """## Speech detectors

`VOICEFLEET_VAD` chooses who tells speech from silence; both run in the worker, without a key.

| name | is | licence |
|---|---|---|
| `livekit` | LiveKit's own, the default | [with LiveKit Agents alone](adr/0011-voice-detector-and-its-licence.md) |
| `silero` | Silero's, by livekit-plugins-silero | MIT |

## Not built

| what | why |
|---|---|
| OpenAI realtime, one model that hears and speaks | it would word its own replies; here rules do, and it\
 transcribes ([ADR 49](adr/0049-realtime-models-listen-and-do-not-answer.md)) |
| `openai/tts-1-hd` | 2.3 s to its first sound (Coval); calls wait for 2.2 s at most |
| Deepgram Flux TTS (`/v2/speak`) | no emulator |
| OpenAI transcription of whole files, Deepgram's `POST /v1/listen` | a call needs words while it goes on |
"""


def write() -> str:
    """The page: a table a kind, one row an offer."""
    parts = [_OPENING, _metrics(), _AFTER_METRICS]
    for kind in Kind:
        rows = [_row(offer) for offer in OFFERS if offer.kind is kind]
        parts.append("\n".join([f"## {_TITLES[kind]}", "", *_head(kind), *rows]))
    return "\n\n".join([*parts, _CLOSING])


def _head(kind: Kind) -> list[str]:
    heads = ["provider", "over", "asked for", "key", "price", "published", "measured", "proven by"]
    return [f"{_FIRST[kind]}: median / p95, ms.", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]


def _metrics() -> str:
    ends = {"counter": "_total"}
    rows = [
        f"| `{name}{ends.get(each.kind, '')}` | {', '.join(each.labels)} | {each.meaning} |"
        for name, each in DECLARED.items()
    ]
    return "\n".join(["| metric | labels | counts |", "|---|---|---|", *rows])


def _row(offer: Offer) -> str:
    variable = key_variable(offer.provider)
    cells = [
        f"`{offer.name}`",
        offer.transport,
        offer.options,
        " and ".join(f"`{name}`" for name in variable.split(" and ")) if variable else "none",
        rate_of(offer.provider, list_prices(), ON) or "not known",
        published(offer),
        measured(offer, _results()),
        offer.proof.value,
    ]
    return f"| {' | '.join(cells)} |"


def published(offer: Offer) -> str:
    """Median and 95th percentile in ms, with the source."""
    if not offer.profile:
        return "none found"
    profile: Profile = _PROFILES[offer.kind][offer.profile]
    if not profile.sigma:
        return f"{profile.median_ms:.0f} / – ({profile.source.split(',')[0]})"
    p95 = profile.median_ms * math.exp(_P95_SIGMAS * profile.sigma)
    return f"{profile.median_ms:.0f} / {p95:.0f} ({profile.source.split(',')[0]})"


def _results() -> Mapping[str, Any]:
    results: Mapping[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    return results


def measured(offer: Offer, results: Mapping[str, Any]) -> str:
    """Median and 95th percentile in ms.

    Args:
        results: as `python -m tests.bench.providers` writes them.
    """
    found = results.get("providers", {}).get(f"{offer.kind.value} {offer.name}")
    return "not measured" if found is None else f"{found['p50']:.0f} / {found['p95']:.0f} (n = {found['n']})"


if __name__ == "__main__":
    PATH.write_text(write(), encoding="utf-8")
