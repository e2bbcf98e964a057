"""Every provider that can be configured, with what is known of it; docs/providers.md is written from this table.

Other models of the same vendors can be named too; what stands here is what was tried, and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.domain.providers import Kind, Provider
from agent.runtime.accounts import Accounts


class Proof(Enum):
    """What shows that our client and the provider understand each other."""

    LOCAL = "runs here, in tests"
    SCHEMA = "emulator; the vendor's types"
    EMULATOR = "emulator"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Access:
    """How a vendor is reached: names of attributes of Accounts; None, or no keys, where there is none."""

    url: str | None = None
    keys: tuple[str, ...] = ()


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
        vendor, _, model = self.name.partition("/")
        return Provider(self.kind, vendor, model)


ACCESS: dict[str, Access] = {
    "local": Access(),
    "deepgram": Access("deepgram_url", ("deepgram_key",)),
    "openai": Access("openai_url", ("openai_key",)),
    "responses": Access("openai_url", ("openai_key",)),
    "groq": Access("groq_url", ("groq_key",)),
    "ollama": Access("ollama_url"),
    "compatible": Access("model_url", ("model_key",)),
    "elevenlabs": Access("elevenlabs_url", ("elevenlabs_key",)),
    "polly": Access("polly_origin", ("aws_key_id", "aws_secret")),
}
#: Of the endpoint that embeds: names of fields of EmbeddingSettings.
EMBEDDING_ACCESS = Access("embedding_url", ("embedding_key",))

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
    Offer(Kind.MODEL, "openai/gpt-4.1", _STREAM, _CHAT, Proof.SCHEMA, "gpt-4.1"),
    Offer(Kind.MODEL, "openai/gpt-4o-mini", _STREAM, _CHAT, Proof.SCHEMA, "gpt-4o-mini"),
    Offer(Kind.MODEL, "responses/gpt-4.1", _STREAM, _CHAT, Proof.SCHEMA, "gpt-4.1"),
    Offer(Kind.MODEL, "groq/openai/gpt-oss-120b", "HTTP, whole answers", _CHAT, Proof.EMULATOR, "gpt-oss-120b-groq"),
    Offer(Kind.MODEL, "ollama/llama3.2", _STREAM, f"{_CHAT}; no key", Proof.EMULATOR),
    Offer(Kind.MODEL, "compatible/any", _STREAM, f"{_CHAT}; a key if it wants one", Proof.EMULATOR),
    Offer(Kind.TTS, "local", "Unix socket", "24 kHz; `@voice`", Proof.LOCAL),
    Offer(Kind.TTS, "deepgram/aura-2-thalia-en", "HTTP", "24 kHz; the voice is part of the model", Proof.SCHEMA,
          "aura-2"),
    Offer(Kind.TTS, "elevenlabs/eleven_flash_v2_5", "HTTP", "24 kHz; `@voice`", Proof.SCHEMA, "flash-v2.5"),
    Offer(Kind.TTS, "elevenlabs/eleven_turbo_v2_5", "HTTP", "24 kHz; `@voice`", Proof.SCHEMA, "turbo-v2.5"),
    Offer(Kind.TTS, "openai/gpt-4o-mini-tts", _STREAM, "24 kHz; `@voice`", Proof.EMULATOR),
    Offer(Kind.TTS, "openai/tts-1", "HTTP", "24 kHz; `@voice`", Proof.EMULATOR),
    Offer(Kind.TTS, "polly/neural", "HTTP", "16 kHz; `@voice`; the model is Polly's engine", Proof.UNPROVEN),
    Offer(Kind.EMBEDDING, "openai/text-embedding-3-small", "HTTP", "as many dimensions as are set", Proof.SCHEMA),
    Offer(Kind.EMBEDDING, "compatible/any", "HTTP", "as many dimensions as are set; a key if it wants one",
          Proof.EMULATOR),
)  # fmt: skip


def address(provider: Provider, accounts: Accounts) -> str:
    """Where it is reached; empty for what runs here, or has no address configured."""
    field = _access(provider).url
    return str(getattr(accounts, field, None) or "") if field is not None else ""


def key_variable(provider: Provider) -> str:
    """The environment variable of its key, or both of them; empty where there is none."""
    return " and ".join(map(_variable, _access(provider).keys))


def _access(provider: Provider) -> Access:
    return EMBEDDING_ACCESS if provider.kind is Kind.EMBEDDING else ACCESS[provider.vendor]


def _variable(field: str) -> str:
    known = Accounts.model_fields.get(field)
    return str((known and known.validation_alias) or f"VOICEFLEET_{field.upper()}")
