"""Words out of a stream of audio, as their sound comes: fingerprints find the recording, the ground truth the words.

Times are the audio's own, in seconds from the stream's first sample: what a provider reports, and what does not depend
on how fast a client sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from loadtest.emulators.fingerprint import (
    DIMENSIONS,
    STEP_S,
    WINDOW_S,
    Noise,
    Samples,
    Vector,
    Vectoriser,
    unit_vectors,
)
from loadtest.emulators.fingerprint_search import Match, Search, bar_at
from loadtest.emulators.ground_truth import GroundTruth, Utterance
from loadtest.emulators.speech_activity import BLOCK_S, SpeechActivity
from loadtest.emulators.word_errors import WordErrors, plain

#: A recording is believed where a stretch of speech begins with it, or when it has gone on for so long.
_LATE_S, _LEAST_S, _BELIEVED_S = 0.25, 0.2, 0.8
#: A pause after which what comes is looked for anew.
_FORGOTTEN_AFTER_S = 0.8
_SLACK_S = 0.03
_NOTHING = np.zeros(DIMENSIONS, dtype=np.float32)
#: The end of a word is quiet: its middle may lie so much later than the last of it that was like the recording.
_QUIET_END_S = 0.05
#: Of a word's first half, that is louder than the line: what lies in a caller's pause was not said.
_SOUNDING_SHARE = 0.05
#: Sounds shorter than this are nobody's words.
_UNKNOWN_S = 0.2


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was heard: as written, and its place in the stream's time."""

    text: str
    start_s: float
    end_s: float
    confidence: float

    @property
    def plain(self) -> str:
        """Lower case, no punctuation."""
        return plain(self.text)

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2


class Transcribing(Protocol):
    """One stream's words, by whatever hears them.

    Attributes:
        activity: when somebody speaks.
        is_whole: nothing tells that a word is left to come.
    """

    activity: SpeechActivity
    is_whole: bool

    @property
    def is_heard(self) -> bool:
        """Whether the words are of all the speech there was."""
        ...

    @property
    def words(self) -> list[Word]:
        """Heard and not settled yet; they may still change."""
        ...

    def settle(self) -> list[Word]:
        """The words so far, which do not change any more and are not told again."""
        ...

    def steps(self, samples: Samples) -> Iterator[None]:
        """Hear what comes, 10 ms at a time."""
        ...

    def expect(self, terms: Iterable[str]) -> None:
        """Hear these terms without mistakes from now on."""
        ...

    def take_unknown(self) -> tuple[int, float]:
        """Stretches of speech that gave no words, and their seconds, since this was asked last."""
        ...


class Transcriber:
    """One stream's words, of recordings that are registered.

    Attributes:
        activity: when somebody speaks.
        is_whole: the recording that was heard last has no word left to come.
        is_heard: always; a word is known when its sound has come.
    """

    is_heard = True

    def __init__(self, truth: GroundTruth, rate_hz: int, errors: WordErrors) -> None:
        self.activity = SpeechActivity(rate_hz)
        self._unknown = 0
        self._unknown_s = 0.0
        self.is_whole = True
        self._block = round(BLOCK_S * rate_hz)
        self._errors = errors
        self._search = Search(truth)
        self._vectoriser = Vectoriser(rate_hz)
        self._kept = np.zeros(0, dtype=np.int16)
        self._noise = Noise()
        self._windows = 0
        self._match: Match | None = None
        self._closed: list[Word] = []
        self._open: list[Word] = []
        self._settled_until_s = 0.0
        self._puzzled_s = 0.0
        self._left: Utterance | None = None
        self._next = self._written = 0
        self._doubted: tuple[Utterance, list[Word]] | None = None

    def expect(self, terms: Iterable[str]) -> None:
        """Hear these terms without mistakes from now on."""
        self._errors = self._errors.with_keyterms(terms)

    def take_unknown(self) -> tuple[int, float]:
        """Stretches of speech that were no recording, and their seconds, since this was asked last."""
        taken = self._unknown, self._unknown_s
        self._unknown, self._unknown_s = 0, 0.0
        return taken

    @property
    def words(self) -> list[Word]:
        """Heard and not settled yet; they may still change."""
        return [*self._closed, *self._open]

    def settle(self) -> list[Word]:
        """The words so far, which do not change any more and are not told again."""
        words = self.words
        self._closed, self._open = [], []
        if words:
            self._settled_until_s = words[-1].end_s
        return words

    def steps(self, samples: Samples) -> Iterator[None]:
        """Hear what comes, 10 ms at a time; what is left over is heard with the next."""
        audio = np.concatenate([self._kept, samples])
        whole = len(audio) - len(audio) % self._block
        self._kept = audio[whole:]
        if not whole:
            return
        powers = self._vectoriser.push(audio[:whole])
        place = 0
        for level_db in self.activity.levels_db(audio[:whole]):
            self.activity.hear(level_db)
            while place < len(powers) and self._windows * STEP_S + WINDOW_S <= self.activity.time_s + BLOCK_S / 2:
                self._hear(powers[place])
                place += 1
            yield

    def _hear(self, power: Vector) -> None:
        start_s = self._windows * STEP_S
        self._windows += 1
        weight = self.activity.weight(start_s, start_s + WINDOW_S)
        vector = unit_vectors(power[None, :], self._noise.power)[0] if weight else _NOTHING
        if not self.activity.share(start_s, start_s + WINDOW_S):
            self._noise.hear(power)
        self._search.push(vector, weight, bar_at(self.activity.clarity))
        before, self._match = self._match, self._believable(self._search.match)
        if before is not None and (self._match is None or self._match.utterance is not before.utterance):
            self._leave(before)
        if self._match is not None:
            self._puzzled_s = 0.0
            self._write(self._match)
        elif weight:
            self._puzzled_s += STEP_S
        if self.activity.silence_s > _FORGOTTEN_AFTER_S:
            self._search.forget()
            self._count_unknown()
            self._doubted = None

    def _believable(self, match: Match | None) -> Match | None:
        """Somebody else's speech has sounds of any recording in it; it does not begin like one and stay so."""
        if match is None or (self._match is not None and match.utterance is self._match.utterance):
            return match
        begins = match.from_s - self.activity.stretch_s <= _LATE_S
        goes_on = self._doubted is not None and self._doubted[0] is match.utterance
        known_s = match.until_s - match.from_s
        return match if (begins and known_s >= _LEAST_S) or goes_on or known_s >= _BELIEVED_S else None

    def _leave(self, match: Match) -> None:
        """The stream is no longer that recording: over, or broken off; else it never was."""
        is_broken_off = self.activity.stretch_s > match.until_s - _SLACK_S or not self.activity.is_speaking
        if match.is_over or is_broken_off or self._match is not None:
            self._closed = self.words
            self._left, self._next = match.utterance, self._written
        else:
            self._doubted = (match.utterance, self._open)
            self._left = None
        self._open = []

    def _count_unknown(self) -> None:
        if self._puzzled_s >= _UNKNOWN_S:
            self._unknown += 1
            self._unknown_s += self._puzzled_s
        self._puzzled_s = 0.0

    def _write(self, match: Match) -> None:
        """Which of a recording's words were heard by now, in place of what was taken for words of that time."""
        from_s = match.from_s - _SLACK_S
        if self._doubted is not None and self._doubted[0] is match.utterance:
            self._closed += [word for word in self._doubted[1] if word.middle_s >= self._settled_until_s]
            self._left, self._next = match.utterance, self._written
            self._doubted = None
        self._closed = [word for word in self._closed if word.middle_s < from_s]
        from_s = max(from_s, self._settled_until_s)
        self._open, self.is_whole = [], True
        first = self._next if self._goes_on(match) else 0
        for index, spoken in enumerate(match.utterance.words):
            start_s, end_s = match.begins_s + spoken.start_s, match.begins_s + spoken.end_s
            middle_s = (start_s + end_s) / 2
            self.is_whole = end_s <= self.activity.time_s and middle_s <= match.until_s + _QUIET_END_S
            if not self.is_whole:
                return
            is_sounding = self.activity.share(start_s, middle_s) >= _SOUNDING_SHARE
            if middle_s >= from_s and index >= first and is_sounding:
                self._written = index + 1
                self._open += self._as_heard(match, index, start_s, end_s)

    def _goes_on(self, match: Match) -> bool:
        """It is the recording that was broken off, after the words that were heard of it."""
        if self._left is None or self._left is not match.utterance or not self._next:
            return False
        last = match.utterance.words[self._next - 1]
        return match.from_s - match.begins_s >= (last.start_s + last.end_s) / 2 - _SLACK_S

    def _as_heard(self, match: Match, index: int, start_s: float, end_s: float) -> list[Word]:
        heard = self._errors.heard(match.utterance, index)
        length_s = (end_s - start_s) / max(1, len(heard.texts))
        return [
            Word(text, start_s + place * length_s, start_s + (place + 1) * length_s, heard.confidence)
            for place, text in enumerate(heard.texts)
        ]
