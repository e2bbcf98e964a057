"""Settings of our processes: read once at boot from the environment, every fault reported at once.

One class a process. No other module reads the environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.domain.errors import ConfigError
from agent.domain.providers import LOCAL, Kind, Provider, parse_chain
from agent.runtime.accounts import Accounts
from agent.runtime.spending import SpendingSettings

_PREFIX = "VOICEFLEET_"


class SettingMissing(ConfigError):
    """A setting that has no default is not set."""


class BaseProcessSettings(BaseSettings):
    """What every process of the fleet is told."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, populate_by_name=True, extra="ignore", env_ignore_empty=True
    )

    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    otlp_endpoint: str | None = Field(
        None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Base URL of an OTLP/HTTP collector; unset means traces are not exported.",
    )


class DatabaseSettings(BaseProcessSettings):
    """A process that talks to PostgreSQL."""

    database_url: SecretStr = Field(
        validation_alias="DATABASE_URL", description="PostgreSQL DSN, host may be a socket directory."
    )


class LiveKitSettings(DatabaseSettings):
    """A process that talks to livekit-server."""

    livekit_url: str = Field(validation_alias="LIVEKIT_URL", description="ws:// or wss:// URL of the server.")
    livekit_api_key: str = Field(validation_alias="LIVEKIT_API_KEY", description="API key.")
    livekit_api_secret: SecretStr = Field(validation_alias="LIVEKIT_API_SECRET", description="API secret.")
    agent_name: str = Field("receptionist", description="Agent that dispatch rules name.")


class ModelSettings(BaseProcessSettings, Accounts):
    """A process that may ask a language model what a caller meant."""

    models: str = Field(
        "",
        description="Models asked about words nothing else understood, and to shorten answers: `vendor/model` "
        "separated by commas, the next is asked when one fails; unset asks none. Vendors: openai, responses, groq, "
        "ollama, compatible.",
    )
    large_models: str = Field(
        "", description="Models asked when a caller was not understood twice in a row; unset means the same."
    )
    model_deadline_s: float = Field(1.5, ge=0.2, le=2.0, description="What one answer may take, whoever gives it.")
    model_first_token_s: float = Field(
        0.6,
        ge=0.05,
        le=2.0,
        description="What a model may take to its first word before the next is asked, if its latency is not known "
        "(ADR 46).",
    )
    model_call_tokens: int = Field(6000, ge=0, description="Tokens that one call may spend, in and out.")
    model_tenant_tokens: int = Field(
        200_000, ge=0, description="Tokens that one tenant's calls may spend in a day of its zone, in and out."
    )

    @property
    def model_chain(self) -> tuple[Provider, ...]:
        """The models, parsed; empty asks none."""
        return parse_chain(Kind.MODEL, self.models)

    @property
    def large_model_chain(self) -> tuple[Provider, ...]:
        """The larger ones, parsed."""
        return parse_chain(Kind.MODEL, self.large_models) or self.model_chain

    @model_validator(mode="after")
    def _names_models(self) -> Self:
        for name, text in (("MODELS", self.models), ("LARGE_MODELS", self.large_models)):
            try:
                chain = parse_chain(Kind.MODEL, text)
            except ValueError as error:
                raise ValueError(f"{_PREFIX}{name}: {error}") from None
            for provider in chain:
                self.model_account(provider)
        if self.large_models and not self.models:
            raise ValueError(f"{_PREFIX}MODELS: required with {_PREFIX}LARGE_MODELS")
        return self


class EmbeddingSettings(BaseProcessSettings):
    """A process that embeds what knowledge bases say, or what is asked of them."""

    embedding_model: str | None = Field(
        None,
        description="Model that knowledge bases are searched by, at the endpoint; unset, or all-MiniLM-L6-v2, means "
        "the local one. A base made with another is embedded anew by the keeper and searched by the old one meanwhile.",
    )
    embedding_url: str | None = Field(
        None,
        description="Base URL of an OpenAI-compatible endpoint, up to /v1; of every model but the local one.",
    )
    embedding_key: SecretStr | None = Field(None, description="Its API key; unset sends none.")
    embedding_dimensions: int | None = Field(
        None, ge=1, le=4000, description="Numbers in a vector, for models that let one choose; unset asks for none."
    )
    embedding_deadline_s: float = Field(
        0.6, ge=0.05, le=2.0, description="What the endpoint may take for a caller's question."
    )

    @model_validator(mode="after")
    def _needs_both(self) -> Self:
        if (self.embedding_url is None) != (self.embedding_model is None):
            missing, given = ("URL", "MODEL") if self.embedding_url is None else ("MODEL", "URL")
            raise ValueError(f"{_PREFIX}EMBEDDING_{missing}: required with {_PREFIX}EMBEDDING_{given}")
        if self.embedding_url is not None and not self.embedding_url.startswith(("http://", "https://")):
            raise ValueError(f"{_PREFIX}EMBEDDING_URL: expected http:// or https://")
        return self


def _chain(kind: Kind) -> AfterValidator:
    def check(text: str) -> str:
        if not parse_chain(kind, text):
            raise ValueError(f"expected a provider, such as {LOCAL}")
        return text

    return AfterValidator(check)


class SpeechSettings(BaseProcessSettings, Accounts):
    """A process that hears and speaks."""

    inference_socket: Path | None = Field(None, description="Socket of the local speech process.")
    stt: Annotated[str, _chain(Kind.STT)] = Field(
        "local",
        description="Speech recognisers, `vendor/model` separated by commas: the first hears, the next takes over when "
        "it fails. See docs/providers.md.",
    )
    tts: Annotated[str, _chain(Kind.TTS)] = Field(
        "local", description="Voices, `vendor/model@voice` separated by commas; the next speaks when one fails."
    )

    @property
    def stt_chain(self) -> tuple[Provider, ...]:
        """The recognisers, parsed."""
        return parse_chain(Kind.STT, self.stt)

    @property
    def tts_chain(self) -> tuple[Provider, ...]:
        """The voices, parsed."""
        return parse_chain(Kind.TTS, self.tts)

    @model_validator(mode="after")
    def _needs_a_socket(self) -> Self:
        if self.inference_socket is None and any(each.vendor == LOCAL for each in self.stt_chain + self.tts_chain):
            raise ValueError(f"{_PREFIX}INFERENCE_SOCKET: required by the local speech providers")
        return self


class WorkerSettings(LiveKitSettings, ModelSettings, EmbeddingSettings, SpeechSettings, SpendingSettings):
    """`python -m agent.worker`: takes calls."""

    worker_id: str = Field("worker-1", description="Stable name; the identity of its seats.")
    worker_seats: int = Field(3, ge=1, le=200, description="Calls this worker carries at once, at most.")
    worker_http_port: int = Field(8801, ge=1, le=65535, description="/healthz and /ready.")
    vad: Literal["livekit", "silero"] = Field("livekit", description="Voice activity detector by name.")
    speech_cache_dir: Path = Field(
        Path.home() / ".cache" / "voicefleet" / "speech",
        description="Synthesised prompts, by voice and text.",
    )
    recordings_dir: Path | None = Field(
        None,
        description="Where announced recordings are written; one folder for all workers, or whoever takes a call over "
        "cannot delete what the agent before it recorded.",
    )
    outbound_trunk: str = Field(
        "loopback", description="Outbound carrier of the SIP plan over which people are dialled, by name."
    )
    drain_timeout_s: int = Field(600, ge=0, description="How long a stopping worker waits for its calls.")
    job_socket: Path | None = Field(
        None, description="Where job processes report to their worker, which makes it and sets this for them."
    )
    probe_idle_s: int = Field(
        0,
        ge=0,
        description="Providers named here that no call has used for so long are tried with a small request, which "
        "hosted ones bill; 0 tries none but those that failed.",
    )


class ProviderSettings(SpeechSettings, ModelSettings, EmbeddingSettings, SpendingSettings):
    """`voicefleet providers`: whom calls are heard, understood and spoken by, and what that costs."""


class KeeperSettings(LiveKitSettings, EmbeddingSettings):
    """`python -m agent.keeper`: admission, re-dispatch, housekeeping."""

    keeper_id: str = Field("keeper-1", description="Name in logs and metrics.")
    keeper_http_port: int = Field(8811, ge=1, le=65535, description="Webhooks, /status, /metrics, /ready.")
    outbox_file: Path | None = Field(
        None, description="File that texts and notices are written to, a JSON object a line; unset leaves them waiting."
    )
    inference_socket: Path | None = Field(
        None, description="Socket of the local models, by which knowledge is embedded anew; unset embeds none by them."
    )
    kb_reports_dir: Path | None = Field(
        None,
        description="Folder that nightly reports on knowledge bases are written to, a folder a tenant, a file a run; "
        "unset stores and logs them only.",
    )


class InferenceSettings(BaseProcessSettings):
    """`python -m agent.inference`: local speech models behind a Unix socket."""

    inference_socket: Path = Field(description="Path of the Unix socket to serve.")
    whisper_threads: int = Field(2, ge=1, le=16, description="Decodes at the same time.")
    queue_limit: int = Field(16, ge=1, le=1000, description="Waiting requests an engine accepts.")


S = TypeVar("S", bound=BaseProcessSettings)


def load(kind: type[S]) -> S:
    """Read a process's settings.

    Raises:
        ConfigError: one line a fault, each naming the variable and what was expected; SettingMissing if one of
            them is that a variable is not set.
    """
    try:
        return kind()
    except ValidationError as error:
        lines = [
            f"{_variable(kind, e['loc'])}: {e['msg'].lower()}" if e["loc"] else str(e["ctx"]["error"])
            for e in error.errors()
        ]
        is_missing = any(e["type"] == "missing" for e in error.errors())
        raise (SettingMissing if is_missing else ConfigError)("settings: " + "; ".join(lines)) from None


def secret(variable: str) -> str | None:
    """A secret that a plan names by its environment variable; None when it is not set."""
    return os.environ.get(variable) or None


def _variable(kind: type[BaseProcessSettings], loc: tuple[int | str, ...]) -> str:
    name = str(loc[0])
    field = kind.model_fields.get(name)
    if field is None or field.validation_alias is not None:
        return str(field.validation_alias) if field is not None else name
    return _PREFIX + name.upper()
