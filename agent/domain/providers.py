"""Vendors of hearing, thinking and speaking: how one is named, and what is told of using it.

A provider is written `vendor/model`, a voice may follow: `deepgram/nova-3`, `groq/openai/gpt-oss-120b`,
`elevenlabs/eleven_flash_v2_5@EXAVITQu4vr4xnSDxMaL`, `local`. A chain is a list of them, the first to be tried first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from agent.domain.errors import Blame


class Kind(Enum):
    """What a provider does for a call."""

    STT = "stt"
    MODEL = "model"
    TTS = "tts"
    EMBEDDING = "embedding"


#: Who offers what, of the kinds that have chains. `compatible` is any endpoint that speaks OpenAI's chat completions,
#: `responses` OpenAI's newer API.
VENDORS: dict[Kind, frozenset[str]] = {
    Kind.STT: frozenset({"local", "deepgram", "openai"}),
    Kind.MODEL: frozenset({"openai", "responses", "groq", "ollama", "compatible"}),
    Kind.TTS: frozenset({"local", "deepgram", "openai", "elevenlabs", "polly"}),
}
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Provider:
    """One vendor's model, as configuration names it.

    Attributes:
        model: the vendor's name of it; empty for `local`.
        voice: of a synthesiser whose models have several; empty means the vendor's first.
    """

    kind: Kind
    vendor: str
    model: str = ""
    voice: str = ""

    @property
    def name(self) -> str:
        """As it is configured, logged, counted and priced; without the voice, which changes none of it."""
        return f"{self.vendor}/{self.model}" if self.model else self.vendor


def parse_provider(kind: Kind, text: str) -> Provider:
    """The provider that configuration names.

    Raises:
        ValueError: no vendor of that name does this, or a model is missing.
    """
    vendor, _, rest = text.strip().partition("/")
    model, _, voice = rest.partition("@")
    known = VENDORS[kind]
    if vendor not in known:
        raise ValueError(f"{text.strip()!r}: no {kind.value} vendor (known: {', '.join(sorted(known))})")
    if vendor != LOCAL and not model:
        raise ValueError(f"{text.strip()!r}: a model is missing, as in {vendor}/name")
    return Provider(kind, vendor, model, voice)


def parse_chain(kind: Kind, names: str | Iterable[str]) -> tuple[Provider, ...]:
    """Several providers, separated by commas; the first is tried first.

    Raises:
        ValueError: one is wrong, or named twice.
    """
    texts = [text for text in (names.split(",") if isinstance(names, str) else names) if text.strip()]
    chain = tuple(parse_provider(kind, text) for text in texts)
    if len(set(chain)) < len(chain):
        raise ValueError(f"{', '.join(texts)}: a provider is named twice")
    return chain


@dataclass(frozen=True, slots=True)
class TenantProviders:
    """What a business chose for itself; an empty chain leaves the fleet's.

    Attributes:
        keyterms: words that recognisers are to expect beside the names of services and staff.
    """

    stt: tuple[Provider, ...] = ()
    tts: tuple[Provider, ...] = ()
    models: tuple[Provider, ...] = ()
    keyterms: tuple[str, ...] = ()


class Unit(Enum):
    """What vendors count."""

    AUDIO_S = "audio_s"
    CHARACTERS = "characters"
    TOKENS_IN = "tokens_in"
    TOKENS_OUT = "tokens_out"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A provider was used once: a stream of words, an answer, an utterance.

    Attributes:
        blame: SUCCESS, or whose fault it was that nothing came of it.
        first_s: until the first word, token or sound; None when none came, or it cannot be told.
        reason: what went wrong, for logs; never what was said.
    """

    provider: Provider
    blame: Blame
    first_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """What a provider will be paid for."""

    provider: Provider
    unit: Unit
    amount: float


class Reports(Protocol):
    """Who is told how providers do and what they are used for. Returns at once and never raises."""

    def attempted(self, attempt: Attempt) -> None: ...

    def used(self, used: Used) -> None: ...


class Breakers(Protocol):
    """Who knows which providers the fleet leaves alone for now. Returns at once and never raises."""

    def is_open(self, provider: Provider) -> bool:
        """Whether it is left alone: it failed too often, and no probe has succeeded since."""
        ...


class Unreported:
    """For calls whose providers nobody watches."""

    def attempted(self, attempt: Attempt) -> None:
        """Nothing is kept."""

    def used(self, used: Used) -> None:
        """Nothing is kept."""


class AllClosed:
    """For calls that try every provider anew."""

    def is_open(self, provider: Provider) -> bool:
        """Never."""
        return False


def in_order(chain: tuple[Provider, ...], breakers: Breakers) -> tuple[Provider, ...]:
    """The chain as it is to be tried: those whose breaker is open last, for when nothing else is left."""
    return tuple(sorted(chain, key=breakers.is_open))
