"""One stream of /v1/listen: audio in, messages out, each with when it is due. It has no socket and no clock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from loadtest.emulators.deepgram_listen_query import ListenOptions
from loadtest.emulators.deepgram_messages import (
    Message,
    has_words,
    metadata,
    results,
    schema_error,
    speech_started,
    utterance_end,
)
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.transcript import Transcribing, Word

#: Silence in which the voice detector has not decided yet, whatever `endpointing` is: part of the published latency.
DETECTOR_STOP_S = 0.2
#: A stretch of speech longer than this is told in parts, each final, before it ends.
LONGEST_STRETCH_S = 5.0


@dataclass(frozen=True, slots=True)
class Due:
    """A message, and the second of the stream's audio at which it is to be sent, if not now."""

    at_s: float
    message: Message


class ListenSession:
    """One stream.

    Args:
        latency_s: draws how long after the end of speech its last words are final.

    Attributes:
        is_closed: the client wants no more.
    """

    def __init__(
        self, transcriber: Transcribing, options: ListenOptions, request_id: str, latency_s: Callable[[], float]
    ) -> None:
        self.is_closed = False
        self._transcriber = transcriber
        self._activity = transcriber.activity
        self._options = options
        self._request_id = request_id
        self._draw_s = latency_s
        self._latency_s = latency_s()
        self._told: list[Word] = []
        self._stretch_from_s = 0.0
        self._is_started = False
        self._is_to_finalize = False
        self._last_word_end_s: float | None = None

    def feed(self, samples: Samples) -> Iterator[Due]:
        """Hear what comes."""
        for _ in self._transcriber.steps(samples):
            yield from self._step()

    def audio_of(self, document: Message) -> Samples | None:
        """None: audio comes as bytes."""
        return None

    def has_words(self, message: Message) -> bool:
        """It tells what was said."""
        return has_words(message)

    def open(self) -> Iterator[Due]:
        """The first messages: none."""
        yield from ()

    def control(self, document: Message) -> Iterator[Due]:
        """A message of the client's; one there is not is answered with an error, and the stream goes on."""
        at_s = self._activity.time_s + self._thinking_s
        match document.get("type"):
            case "KeepAlive":
                return
            case "Finalize":
                self._is_to_finalize = True
                yield from self._finalize()
            case "CloseStream":
                self.is_closed = True
                if self._transcriber.words:
                    yield self._final(at_s, is_endpoint=True)
                yield Due(at_s, metadata(self._request_id, self._activity.time_s))
            case "Configure":
                yield Due(self._activity.time_s, self._configure(document.get("keyterms")))
            case _:
                yield Due(self._activity.time_s, schema_error(document.get("unread") or json.dumps(document)))

    def _finalize(self) -> Iterator[Due]:
        """What was asked for, once the words are known."""
        if self._is_to_finalize and self._transcriber.is_heard:
            yield self._final(self._activity.time_s + self._thinking_s, is_endpoint=True, is_finalized=True)
            self._is_started = self._is_to_finalize = False

    def _configure(self, keyterms: Any) -> Message:
        answer: Message = {"type": "ConfigureSuccess", "request_id": self._request_id}
        if not isinstance(keyterms, list):
            return answer
        self._transcriber.expect(map(str, keyterms))
        return answer | {"keyterms": keyterms}

    @property
    def _thinking_s(self) -> float:
        """Of the drawn latency, what is not waiting for silence."""
        return max(0.0, self._latency_s - DETECTOR_STOP_S)

    def _step(self) -> Iterator[Due]:
        activity = self._activity
        yield from self._finalize()
        if activity.is_speaking and not self._is_started:
            self._is_started = True
            self._stretch_from_s = max(self._stretch_from_s, activity.start_s)
            if self._options.vad_events:
                yield Due(activity.time_s, speech_started(activity.start_s))
        if not self._is_started:
            yield from self._gap()
            return
        stop_s = self._options.endpointing_s
        if stop_s is not None and self._transcriber.is_heard and activity.silence_s >= max(stop_s, DETECTOR_STOP_S):
            yield self._final(activity.end_s + max(self._latency_s, stop_s), is_endpoint=True)
            self._is_started = False
        elif activity.time_s - self._stretch_from_s > LONGEST_STRETCH_S:
            yield self._final(activity.time_s + self._thinking_s, is_endpoint=False)
            self._is_started = activity.silence_s < LONGEST_STRETCH_S
        else:
            yield from self._interim()
        yield from self._gap()

    def _interim(self) -> Iterator[Due]:
        words = self._transcriber.words
        if self._options.interim_results and words and words != self._told:
            self._told = words
            yield Due(self._activity.time_s + self._thinking_s, self._results(words, is_final=False, is_endpoint=False))

    def _final(self, at_s: float, *, is_endpoint: bool, is_finalized: bool = False) -> Due:
        words = self._transcriber.settle()
        due = Due(at_s, self._results(words, is_final=True, is_endpoint=is_endpoint, is_finalized=is_finalized))
        self._told = []
        self._stretch_from_s = self._activity.time_s
        self._latency_s = self._draw_s()
        if words:
            self._last_word_end_s = words[-1].end_s
        return due

    def _gap(self) -> Iterator[Due]:
        """A gap after the last word that was told, when the client asked to be told of gaps."""
        gap_s, last_s = self._options.utterance_end_s, self._last_word_end_s
        if gap_s is None or last_s is None or self._transcriber.words:
            return
        if self._activity.time_s - max(last_s, self._activity.end_s) >= gap_s:
            self._last_word_end_s = None
            yield Due(self._activity.time_s + self._thinking_s, utterance_end(last_s))

    def _results(self, words: list[Word], *, is_final: bool, is_endpoint: bool, is_finalized: bool = False) -> Message:
        return results(
            words,
            request_id=self._request_id,
            model=self._options.model,
            start_s=self._stretch_from_s,
            end_s=self._activity.time_s,
            is_punctuated=self._options.is_punctuated,
            is_final=is_final,
            is_endpoint=is_endpoint,
            is_finalized=is_finalized,
        )
