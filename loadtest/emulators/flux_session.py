"""One stream of /v2/listen (Flux): turns, and how sure it is that they have ended.

Source: Deepgram's guide to the Flux state machine: StartOfTurn begins a turn; an Update every quarter of a second of
audio unless the state changes; EagerEndOfTurn always has words; TurnResumed only follows it; EndOfTurn has the words
of the EagerEndOfTurn before it; then the turn's index rises.

The confidence is made up: 1 - exp(-silence / t), with a t at which a turn whose words are all said ends at the default
threshold after the drawn latency; four times as long where the caller stopped in the middle, as Flux waits longer for
what sounds unfinished.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

from loadtest.emulators.deepgram_errors import DeepgramRefused
from loadtest.emulators.deepgram_listen_query import TurnOptions, with_thresholds
from loadtest.emulators.deepgram_listen_session import Due
from loadtest.emulators.deepgram_messages import Message, has_words, turn_info
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.transcript import Transcribing, Word

UPDATE_S = 0.25
UNFINISHED_FACTOR = 4.0
#: The default threshold, at which the drawn latency counts; and the latency where a profile has none.
_AT, _LEAST_S = 0.7, 0.06
_SPEAKING = 0.02
_HESITATION_S = 0.02


class FluxSession:
    """One stream.

    Args:
        latency_s: draws how long after the end of speech a turn ends at the default threshold.

    Attributes:
        is_closed: the client wants no more.
        options: in force; Configure replaces them.
    """

    def __init__(
        self, transcriber: Transcribing, options: TurnOptions, request_id: str, latency_s: Callable[[], float]
    ) -> None:
        self.is_closed = False
        self.options = options
        self._request_id = request_id
        self._sequence = 0
        self._transcriber = transcriber
        self._activity = transcriber.activity
        self._draw_s = latency_s
        self._latency_s = max(_LEAST_S, latency_s())
        self._turn = 0
        self._window_from_s = 0.0
        self._updated_s = 0.0
        self._is_ongoing = False
        self._eager: list[Word] | None = None

    def feed(self, samples: Samples) -> Iterator[Due]:
        """Hear what comes."""
        for _ in self._transcriber.steps(samples):
            yield from self._step(self._transcriber.words)

    def audio_of(self, document: Message) -> Samples | None:
        """None: audio comes as bytes."""
        return None

    def has_words(self, message: Message) -> bool:
        """It tells what was said."""
        return has_words(message)

    def open(self) -> Iterator[Due]:
        """The first message."""
        yield self._due({"type": "Connected"})

    def control(self, document: Message) -> Iterator[Due]:
        """A message of the client's; one there is not is an error, after which the stream ends."""
        match document.get("type"):
            case "Configure":
                yield self._configure(document)
            case "CloseStream":
                self.is_closed = True
                yield self._tell("Update", self._transcriber.words)
            case "ForceEndTurn":
                if self._is_ongoing:
                    yield from self._end("manual", self._transcriber.words)
            case _:
                self.is_closed = True
                description = "The last text message cannot be read."
                yield self._due({"type": "Error", "code": "UNPARSABLE_CLIENT_MESSAGE", "description": description})

    @property
    def confidence(self) -> float:
        """That the turn has ended, 0 to 1."""
        silence_s = self._activity.silence_s
        if not self._is_ongoing or silence_s <= _HESITATION_S or not self._transcriber.is_heard:
            return _SPEAKING
        scale_s = self._latency_s / -math.log(1.0 - _AT)
        scale_s *= 1.0 if self._transcriber.is_whole else UNFINISHED_FACTOR
        return max(_SPEAKING, 1.0 - math.exp(-silence_s / scale_s))

    def _step(self, words: list[Word]) -> Iterator[Due]:
        if not self._is_ongoing:
            if words:
                self._is_ongoing = True
                yield self._tell("StartOfTurn", words)
                return
        elif self._eager is not None and self._is_resumed(words, self._eager):
            self._eager = None
            yield self._tell("TurnResumed", words)
            return
        elif words and (trigger := self._trigger()) is not None:
            yield from self._end(trigger, words)
            return
        elif words and self._eager is None and self._is_eager():
            self._eager = words
            yield self._tell("EagerEndOfTurn", words)
            return
        if self._activity.time_s - self._updated_s >= UPDATE_S:
            yield self._tell("Update", words)

    def _is_resumed(self, words: list[Word], eager: list[Word]) -> bool:
        return words != eager or self._activity.is_speaking

    def _trigger(self) -> str | None:
        """What ends the turn now, if anything."""
        if self.confidence >= self.options.end_threshold < 1.0:
            return "model"
        return "timeout" if self._activity.silence_s >= self.options.timeout_s else None

    def _is_eager(self) -> bool:
        eager = self.options.eager_threshold
        return eager is not None and self.confidence >= eager and not self._activity.is_speaking

    def _end(self, trigger: str, words: list[Word]) -> Iterator[Due]:
        yield self._tell("EndOfTurn", words, trigger=trigger)
        self._transcriber.settle()
        self._turn += 1
        self._window_from_s = self._activity.time_s
        self._is_ongoing, self._eager = False, None
        self._latency_s = max(_LEAST_S, self._draw_s())

    def _configure(self, document: Message) -> Due:
        """What is given replaces what was in force; all of it, or nothing."""
        thresholds, terms = document.get("thresholds", {}), document.get("keyterms")
        try:
            changed = with_thresholds(self.options, thresholds)
            if terms is not None:
                keyterms = (terms,) if isinstance(terms, str) else tuple(map(str, terms))
                changed = dataclasses.replace(changed, keyterms=keyterms)
        except (TypeError, DeepgramRefused):
            return self._due({"type": "ConfigureFailure"})
        self._transcriber.expect(changed.keyterms)
        self.options = changed
        in_force = {
            "eager_eot_threshold": changed.eager_threshold,
            "eot_threshold": changed.end_threshold,
            "eot_timeout_ms": round(changed.timeout_s * 1000),
        }
        known = {name: value for name, value in in_force.items() if value is not None}
        return self._due({"type": "ConfigureSuccess", "thresholds": known, "keyterms": list(changed.keyterms)})

    def _tell(self, event: str, words: list[Word], **more: str) -> Due:
        self._updated_s = self._activity.time_s
        window_s = (self._window_from_s, self._updated_s)
        message = turn_info(event, words, turn=self._turn, window_s=window_s, confidence=self.confidence)
        return self._due(message | more)

    def _due(self, message: Message) -> Due:
        named = {} if message["type"] == "Error" else {"request_id": self._request_id}
        stamped = message | named | {"sequence_id": self._sequence}
        self._sequence += 1
        return Due(self._activity.time_s, stamped)
