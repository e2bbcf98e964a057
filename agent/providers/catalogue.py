"""Every provider that can be configured, with what is known of it; docs/providers.md is written from this table.

Other models of the same vendors can be named too; what stands here is what was tried, and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.domain.providers import Kind, Provider, parse_provider
from agent.runtime.accounts import Accounts


class Proof(Enum):
    """What shows that our client and the provider understand each other."""

    LOCAL = "runs here, in tests"
    SCHEMA = "emulator; the vendor's types"
    EMULATOR = "emulator"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Access:
    """How a vendor is reached: names of the fields of Accounts; None where there is none."""

    url: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One row.

    Attributes:
        name: as configuration has it.
        transport: what carries it.
        options: what we ask of it beyond the model.
        profile: of the emulators, whose latencies were published; empty where none were.
    """

    kind: Kind
    name: str
    transport: str
    options: str
    proof: Proof
    profile: str = ""

    @property
    def provider(self) -> Provider:
        """As it is configured."""
        return parse_provider(self.kind, self.name)


ACCESS: dict[str, Access] = {
    "local": Access(),
    "deepgram": Access("deepgram_url", "deepgram_key"),
    "openai": Access("openai_url", "openai_key"),
    "responses": Access("openai_url", "openai_key"),
    "groq": Access("groq_url", "groq_key"),
    "ollama": Access("ollama_url"),
    "compatible": Access(),
    "elevenlabs": Access("elevenlabs_url", "elevenlabs_key"),
    "polly": Access("polly_url", "aws_secret"),
}

_STREAM = "HTTP, server-sent events"
_CHAT = "strict JSON, temperature 0"
OFFERS: tuple[Offer, ...] = (
    Offer(Kind.STT, "local", "Unix socket", "16 kHz; a cue of the words expected", Proof.LOCAL),
    Offer(Kind.STT, "deepgram/nova-3", "websocket", "16 kHz; keyterms", Proof.SCHEMA, "nova-3"),
    Offer(
        Kind.STT, "deepgram/flux-general-en", "websocket", "16 kHz; keyterms; early and sure ends of turns",
        Proof.SCHEMA, "flux",
    ),
    Offer(
        Kind.STT, "openai/gpt-4o-mini-transcribe", "websocket", "24 kHz; the vendor's voice detector; no keyterms",
        Proof.SCHEMA, "gpt-4o-mini-transcribe",
    ),
    Offer(Kind.STT, "openai/gpt-transcribe", "websocket", "24 kHz; the vendor's voice detector; keyterms",
          Proof.SCHEMA),
    Offer(Kind.MODEL, "openai/gpt-4.1", _STREAM, _CHAT, Proof.EMULATOR, "gpt-4.1"),
    Offer(Kind.MODEL, "openai/gpt-4o-mini", _STREAM, _CHAT, Proof.EMULATOR, "gpt-4o-mini"),
    Offer(Kind.MODEL, "responses/gpt-4.1", _STREAM, _CHAT, Proof.SCHEMA, "gpt-4.1"),
    Offer(Kind.MODEL, "groq/openai/gpt-oss-120b", _STREAM, _CHAT, Proof.EMULATOR, "gpt-oss-120b-groq"),
    Offer(Kind.MODEL, "ollama/llama3.2", _STREAM, f"{_CHAT}; no key", Proof.EMULATOR),
    Offer(Kind.MODEL, "compatible/any", _STREAM, _CHAT, Proof.EMULATOR),
    Offer(Kind.TTS, "local", "Unix socket", "24 kHz; `@voice`", Proof.LOCAL),
    Offer(Kind.TTS, "deepgram/aura-2-thalia-en", "HTTP", "24 kHz; the voice is part of the model", Proof.SCHEMA,
          "aura-2"),
    Offer(Kind.TTS, "elevenlabs/eleven_flash_v2_5", "HTTP", "24 kHz; `@voice`", Proof.SCHEMA, "flash-v2.5"),
    Offer(Kind.TTS, "elevenlabs/eleven_turbo_v2_5", "HTTP", "24 kHz; `@voice`", Proof.SCHEMA, "turbo-v2.5"),
    Offer(Kind.TTS, "openai/gpt-4o-mini-tts", _STREAM, "24 kHz; `@voice`", Proof.EMULATOR),
    Offer(Kind.TTS, "openai/tts-1-hd", "HTTP", "24 kHz; `@voice`", Proof.EMULATOR, "tts-1-hd"),
    Offer(Kind.TTS, "polly/neural", "HTTP", "16 kHz; `@voice`; the model is Polly's engine", Proof.UNPROVEN),
)  # fmt: skip


def address(provider: Provider, accounts: Accounts) -> str:
    """Where it is reached; empty for what runs here."""
    field = ACCESS[provider.vendor].url
    return str(getattr(accounts, field) or "") if field is not None else ""


def key_variable(provider: Provider) -> str:
    """The environment variable of its key; empty where there is none."""
    field = ACCESS[provider.vendor].key
    if field is None:
        return ""
    alias = Accounts.model_fields[field].validation_alias
    return str(alias or f"VOICEFLEET_{field.upper()}")
