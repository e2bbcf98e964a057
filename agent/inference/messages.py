"""What requests and answers of the inference process mean, and how refusals become errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from agent.domain.errors import Blame, DeadlineExceeded, FleetError, Overloaded

WHISPER = "whisper"
HIBARI = "hibari"
MINILM = "minilm"
#: Numbers in a sentence's vector.
EMBEDDING_DIM = 384
#: Sentences in one request, and characters in one sentence.
MOST_TEXTS = 32
MOST_CHARACTERS = 2_000


class Priority(Enum):
    """FINAL waits in line; PARTIAL is taken only while a worker slot is idle, and refused otherwise."""

    FINAL = "final"
    PARTIAL = "partial"


class Refusal(Enum):
    """Why a request has no result; the `code` of an error answer."""

    QUEUE_FULL = "queue_full"
    BUSY = "busy"
    DEADLINE = "deadline"
    UNAVAILABLE = "unavailable"
    BAD_REQUEST = "bad_request"
    FAILED = "failed"


class InferenceUnavailable(FleetError):
    """The inference process, or the engine needed, is not there right now."""

    default_blame = Blame.SERVER
    default_retryable = True


class BadRequest(Exception):
    """The request cannot be served, now or later; its text tells the client why."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised.

    Attributes:
        text: empty when the audio holds no speech.
        no_speech_prob: the model's probability that nobody spoke, 0-1.
        mean_logprob: per token; below -1 the words are a guess.
        queue_ms: waited for a free slot.
        compute_ms: wall time of the decode.
    """

    text: str
    no_speech_prob: float
    mean_logprob: float
    queue_ms: float
    compute_ms: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Synthesised audio: mono int16 little-endian `pcm`."""

    pcm: bytes
    sample_rate_hz: int
    compute_ms: float


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """One engine: its child process, its line and how often it was restarted."""

    ready: bool
    queued: int
    running: int
    slots: int
    restarts: int
    pid: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """Ready means: every engine a call cannot do without has loaded, and warmed up, its model."""

    ready: bool
    engines: dict[str, EngineHealth]


def refusal_error(header: Mapping[str, Any]) -> FleetError:
    """The error that an answer with `ok: false` stands for."""
    message = str(header.get("message", ""))
    code = header.get("code")
    if code in (Refusal.QUEUE_FULL.value, Refusal.BUSY.value):
        return Overloaded(message)
    if code == Refusal.DEADLINE.value:
        return DeadlineExceeded(message)
    if code == Refusal.UNAVAILABLE.value:
        return InferenceUnavailable(message)
    if code == Refusal.BAD_REQUEST.value:
        return FleetError(message, blame=Blame.CLIENT, retryable=False)
    return FleetError(message, blame=Blame.SERVER, retryable=False)
