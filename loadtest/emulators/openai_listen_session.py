"""One session of OpenAI's live transcription: events in, events out, each with when it is due.

The vendor's voice detector cuts speech into items; an item's words come once it is whole, as deltas and then together.
A client that turned the detector off commits items itself.

Source: OpenAI's API reference, "Realtime", client and server events, and its guide to realtime transcription. How the
words of an item are spread over its deltas is assumed: a word each, all at the end.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from loadtest.emulators.deepgram_listen_session import DETECTOR_STOP_S, Due
from loadtest.emulators.deepgram_messages import Message
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.transcript import Transcribing

RATE_HZ = 24_000
_FORMAT = {"type": "audio/pcm", "rate": RATE_HZ}
_STOP_MS, _PREFIX_MS = 500, 300
_TRANSCRIPTION = "conversation.item.input_audio_transcription"
#: An hour of audio is 36,000 tokens.
_TOKENS_A_S = 10


class TranscriptionSession:
    """One stream.

    Args:
        latency_s: draws how long after the end of speech its words come.

    Attributes:
        is_closed: the client wants no more; here it only ever leaves.
    """

    def __init__(self, transcriber: Transcribing, latency_s: Callable[[], float]) -> None:
        self.is_closed = False
        self._transcriber = transcriber
        self._activity = transcriber.activity
        self._draw_s = latency_s
        self._ids = count(1)
        self._input: dict[str, Any] = {"format": _FORMAT, "turn_detection": {"type": "server_vad"}}
        self._item: str | None = None
        self._previous: str | None = None
        self._from_s = 0.0
        self._is_to_commit = False

    def audio_of(self, document: Message) -> Samples | None:
        """What an `append` carries; None where it carries none."""
        if document.get("type") != "input_audio_buffer.append":
            return None
        try:
            pcm = base64.b64decode(document["audio"], validate=True)
            return np.frombuffer(pcm, dtype="<i2").astype(np.int16)
        except (KeyError, TypeError, ValueError, binascii.Error):
            return None

    def has_words(self, message: Message) -> bool:
        """It tells what was said."""
        return str(message["type"]).startswith(_TRANSCRIPTION)

    def open(self) -> Iterator[Due]:
        """The first event."""
        yield self._event("session.created", session=self._session())

    def control(self, document: Message) -> Iterator[Due]:
        """An event of the client's; one there is not is answered with an error, and the stream goes on."""
        match document.get("type"):
            case "input_audio_buffer.append":  # whose audio cannot be read
                yield self._error("Invalid 'audio'. Expected base64 of PCM.", param="audio", code="invalid_value")
            case "session.update":
                yield self._update(document.get("session"))
            case "input_audio_buffer.commit":
                if self._activity.time_s <= self._from_s:
                    yield self._error(
                        "Error committing input audio buffer: the buffer is empty.",
                        code="input_audio_buffer_commit_empty",
                    )
                    return
                self._is_to_commit = True
                yield from self._commit_by_client()
            case "input_audio_buffer.clear":
                self._transcriber.settle()
                self._item, self._from_s = None, self._activity.time_s
                yield self._event("input_audio_buffer.cleared")
            case kind:
                yield self._error(f"Invalid value: '{kind}'.", param="type", code="invalid_value")

    def feed(self, samples: Samples) -> Iterator[Due]:
        """Hear what comes."""
        for _ in self._transcriber.steps(samples):
            yield from self._step()

    def _update(self, session: Any) -> Due:
        """What is given replaces what was in force; all of it, or nothing."""
        audio = session.get("audio", {}).get("input", {}) if isinstance(session, dict) else None
        if audio is None or session.get("type") != "transcription":
            return self._error("Passing a realtime session update event to a transcription session is not allowed.")
        fault = _fault_of(audio)
        if fault:
            return self._error(fault, param="session.audio.input", code="invalid_value")
        self._input |= audio
        self._transcriber.expect((self._input.get("transcription") or {}).get("keywords") or ())
        return self._event("session.updated", session=self._session())

    def _step(self) -> Iterator[Due]:
        activity, detection = self._activity, self._input.get("turn_detection")
        yield from self._commit_by_client()
        if detection is None:
            return
        if self._item is None:
            if activity.is_speaking:
                self._item, self._from_s = f"item_{next(self._ids)}", activity.start_s
                padding_s = detection.get("prefix_padding_ms", _PREFIX_MS) / 1000
                begun_ms = round(1000 * max(0.0, activity.start_s - padding_s))
                yield self._event("input_audio_buffer.speech_started", item_id=self._item, audio_start_ms=begun_ms)
            return
        stop_s = max(DETECTOR_STOP_S, detection.get("silence_duration_ms", _STOP_MS) / 1000)
        if self._transcriber.is_heard and activity.silence_s >= stop_s:
            ended_ms = round(1000 * activity.time_s)
            yield self._event("input_audio_buffer.speech_stopped", item_id=self._item, audio_end_ms=ended_ms)
            yield from self._commit(self._item, activity.end_s + max(stop_s, self._draw_s()))

    def _commit_by_client(self) -> Iterator[Due]:
        """What was asked for, once the words are known."""
        if not self._is_to_commit or not self._transcriber.is_heard:
            return
        self._is_to_commit = False
        item = self._item or f"item_{next(self._ids)}"
        yield from self._commit(item, self._activity.time_s + max(0.0, self._draw_s() - DETECTOR_STOP_S))

    def _commit(self, item: str, at_s: float) -> Iterator[Due]:
        """The item is whole: it is told of at once, and of its words when they are due."""
        yield self._event("input_audio_buffer.committed", item_id=item, previous_item_id=self._previous)
        content = [{"type": "input_audio", "transcript": None}]
        whole = {"id": item, "type": "message", "role": "user", "status": "completed", "content": content}
        yield self._event("conversation.item.added", item=whole, previous_item_id=self._previous)
        words = [word.text for word in self._transcriber.settle()]
        for index, word in enumerate(words):
            delta = f" {word}" if index else word
            yield self._event(f"{_TRANSCRIPTION}.delta", at_s, item_id=item, content_index=0, delta=delta)
        heard_s = self._activity.time_s - self._from_s
        yield self._event(
            f"{_TRANSCRIPTION}.completed", at_s, item_id=item, content_index=0, transcript=" ".join(words),
            usage=_usage(heard_s, len(words)),
        )  # fmt: skip
        self._previous, self._item, self._from_s = item, None, self._activity.time_s

    def _session(self) -> Message:
        return {"type": "transcription", "audio": {"input": self._input}}

    def _error(self, message: str, *, param: str | None = None, code: str | None = None) -> Due:
        error = {"type": "invalid_request_error", "message": message, "param": param, "code": code, "event_id": None}
        return self._event("error", error=error)

    def _event(self, kind: str, at_s: float | None = None, **more: Any) -> Due:
        message = {"type": kind, "event_id": f"event_{next(self._ids)}", **more}
        return Due(self._activity.time_s if at_s is None else at_s, message)


def _fault_of(audio: Message) -> str:
    """Why this input cannot be had; empty if it can."""
    if audio.get("format", _FORMAT) != _FORMAT:
        return "Only audio/pcm at 24000 Hz is emulated."
    if "transcription" in audio and not (audio["transcription"] or {}).get("model"):
        return "Missing required parameter: 'model'."
    detection = audio.get("turn_detection")
    if detection is not None and detection.get("type") != "server_vad":
        return "Only server_vad is emulated."
    return ""


def _usage(heard_s: float, words: int) -> Message:
    tokens = round(_TOKENS_A_S * heard_s)
    return {
        "type": "tokens",
        "input_tokens": tokens,
        "input_token_details": {"audio_tokens": tokens, "text_tokens": 0},
        "output_tokens": 2 * words,
        "total_tokens": tokens + 2 * words,
    }
