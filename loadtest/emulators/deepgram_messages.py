"""Deepgram's messages of live recognition, as its published AsyncAPI document and its client libraries have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from loadtest.emulators.transcript import Word

Message = dict[str, Any]

_CHANNEL = [0, 1]
_MODEL_UUID = "00000000-0000-4000-8000-000000000003"
#: Of nothing, as the live API reports it.
_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def results(
    words: Sequence[Word],
    *,
    request_id: str,
    model: str,
    start_s: float,
    end_s: float,
    is_punctuated: bool,
    is_final: bool,
    is_endpoint: bool,
    is_finalized: bool = False,
) -> Message:
    """Words of one stretch of the audio: interim, or final.

    Args:
        is_endpoint: speech has ended with it; `is_finalized`: the client asked for it.
    """
    texts = [word.text if is_punctuated else word.plain for word in words]
    alternative = {
        "transcript": " ".join(texts),
        "confidence": _mean([word.confidence for word in words]),
        "words": [
            {
                "word": word.plain,
                "start": round(word.start_s, 3),
                "end": round(word.end_s, 3),
                "confidence": word.confidence,
                **({"punctuated_word": word.text} if is_punctuated else {}),
            }
            for word in words
        ],
    }
    return {
        "type": "Results",
        "channel_index": _CHANNEL,
        "duration": round(end_s - start_s, 3),
        "start": round(start_s, 3),
        "is_final": is_final,
        "speech_final": is_endpoint,
        "channel": {"alternatives": [alternative]},
        "metadata": {
            "request_id": request_id,
            "model_info": {"name": model, "version": "emulated", "arch": model.split("-general")[0]},
            "model_uuid": _MODEL_UUID,
        },
        "from_finalize": is_finalized,
    }


def speech_started(at_s: float) -> Message:
    """Somebody begins to speak."""
    return {"type": "SpeechStarted", "channel": _CHANNEL, "timestamp": round(at_s, 3)}


def utterance_end(last_word_end_s: float) -> Message:
    """A gap after the last word is as long as was asked for."""
    return {"type": "UtteranceEnd", "channel": _CHANNEL, "last_word_end": round(last_word_end_s, 3)}


def metadata(request_id: str, duration_s: float) -> Message:
    """The last message of a stream that was closed by its client."""
    return {
        "type": "Metadata",
        "transaction_key": "deprecated",
        "request_id": request_id,
        "sha256": _SHA256,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "duration": round(duration_s, 3),
        "channels": 1,
    }


def schema_error(said: str) -> Message:
    """A text message cannot be read; `said` is what it was."""
    description = "Could not deserialize last text message."
    return {"type": "Error", "variant": "SchemaError", "description": description, "message": said}


def turn_info(
    event: str, words: Sequence[Word], *, turn: int, window_s: tuple[float, float], confidence: float
) -> Message:
    """State of a turn; whoever sends it adds `request_id` and `sequence_id`.

    Args:
        window_s: of audio, from its beginning.
        confidence: that the turn has ended, 0 to 1.
    """
    return {
        "type": "TurnInfo",
        "event": event,
        "turn_index": turn,
        "audio_window_start": round(window_s[0], 3),
        "audio_window_end": round(window_s[1], 3),
        "transcript": " ".join(word.text for word in words),
        "words": [
            {
                "word": word.text,
                "confidence": word.confidence,
                "start": round(word.start_s, 3),
                "end": round(word.end_s, 3),
            }
            for word in words
        ],
        "end_of_turn_confidence": round(confidence, 4),
    }


def has_words(message: Message) -> bool:
    """It tells what was said."""
    alternatives = message.get("channel", {}).get("alternatives", []) if message["type"] == "Results" else [message]
    return any(alternative.get("words") for alternative in alternatives)


def _mean(numbers: Sequence[float]) -> float:
    return round(sum(numbers) / len(numbers), 4) if numbers else 0.0
