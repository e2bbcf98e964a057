"""Words of any speech, by a recogniser that really listens: Whisper in a child process, asked at pauses.

In place of the ground truth where nobody can say beforehand what will be said. It makes mistakes of its own, takes a
fifth of a second for an answer, and one child answers all streams in turn: for a few calls, and for no latency.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from loadtest.caller.ear import Ear
from loadtest.caller.voices import RATE_HZ, resample
from loadtest.emulators.fingerprint import DIMENSIONS, Samples
from loadtest.emulators.ground_truth import SpokenWord, Utterance
from loadtest.emulators.speech_activity import BLOCK_S, SpeechActivity
from loadtest.emulators.transcript import Word
from loadtest.emulators.word_errors import WordErrors

#: A pause at which the words so far are asked for, and how often they are while somebody speaks on.
_PAUSE_S, _EVERY_S = 0.1, 1.5
_LEAD_IN_S, _LONGEST_S = 0.3, 28.0
#: Answers nobody has come for: of streams that were closed.
_MOST_ANSWERS = 64
_NO_VECTORS = np.zeros((0, DIMENSIONS), dtype=np.float32)


class Listener(Protocol):
    """Writes down what is said in audio; the answer comes later."""

    def ask(self, samples: Samples) -> int | None:
        """The question's number for mono int16 at RATE_HZ; None when too many are waiting."""
        ...

    def answer(self, question: int) -> str | None:
        """The words; None while there is no answer."""
        ...


@dataclass
class SharedEar:
    """One child for all streams. Raises CallerError when it dies."""

    ear: Ear
    _answers: OrderedDict[int, str] = field(default_factory=OrderedDict)

    def ask(self, samples: Samples) -> int | None:
        """Hand audio over."""
        return self.ear.submit(samples)

    def answer(self, question: int) -> str | None:
        """What came back for it; each answer is given once."""
        self.ear.flush()
        for number, text in self.ear.read():
            self._answers[number] = text.strip()
        while len(self._answers) > _MOST_ANSWERS:
            self._answers.popitem(last=False)
        return self._answers.pop(question, None)


class ListenedTranscriber:
    """One stream's words.

    Attributes:
        activity: when somebody speaks.
        is_whole: never; nobody knows what they still want to say, and a turn ends later for it.
    """

    def __init__(self, listener: Listener, rate_hz: int, errors: WordErrors, name: str) -> None:
        self.activity = SpeechActivity(rate_hz)
        self.is_whole = False
        self._listener = listener
        self._rate_hz = rate_hz
        self._block = round(BLOCK_S * rate_hz)
        self._errors = errors
        self._name = name
        self._kept = np.zeros(0, dtype=np.int16)
        self._audio = np.zeros(0, dtype=np.int16)
        self._audio_from_s = 0.0
        self._settled = 0
        self._question: tuple[int, float] | None = None
        self._asked_until_s = 0.0
        self._heard_until_s = 0.0
        self._words: list[Word] = []

    def expect(self, terms: Iterable[str]) -> None:
        """Add no mistakes to these terms from now on."""
        self._errors = self._errors.with_keyterms(terms)

    def take_unknown(self) -> tuple[int, float]:
        """Nothing is unknown to it."""
        return 0, 0.0

    @property
    def is_heard(self) -> bool:
        """Whether the words are of all the speech there was."""
        return self._heard_until_s >= self.activity.end_s

    @property
    def words(self) -> list[Word]:
        """Heard and not settled yet; they may still change."""
        return list(self._words)

    def settle(self) -> list[Word]:
        """The words so far; what is heard next begins a new utterance."""
        words, self._words = self._words, []
        self._settled += 1
        self._question = None
        self._heard_until_s = self._asked_until_s = self.activity.time_s
        self._forget_until(self.activity.time_s - _LEAD_IN_S)
        return words

    def steps(self, samples: Samples) -> Iterator[None]:
        """Hear what comes, 10 ms at a time; what is left over is heard with the next."""
        self._collect()
        audio = np.concatenate([self._kept, samples])
        whole = len(audio) - len(audio) % self._block
        self._kept = audio[whole:]
        if not whole:
            return
        self._audio = np.concatenate([self._audio, audio[:whole]])
        for level_db in self.activity.levels_db(audio[:whole]):
            self.activity.hear(level_db)
            self._maybe_ask()
            yield
        keep_s = _LONGEST_S if self.activity.end_s > self._heard_until_s or self._words else _LEAD_IN_S
        self._forget_until(self.activity.time_s - keep_s)

    def _maybe_ask(self) -> None:
        activity = self.activity
        is_new = activity.end_s > self._asked_until_s
        is_pause = not activity.is_speaking and activity.silence_s >= _PAUSE_S
        is_long = activity.end_s - self._asked_until_s >= _EVERY_S and self._question is None
        if is_new and (is_pause or is_long):
            until = round((activity.time_s - self._audio_from_s) * self._rate_hz)
            asked = self._listener.ask(_at_8_khz(self._audio[:until], self._rate_hz))
            if asked is not None:
                self._question = (asked, activity.end_s)
                self._asked_until_s = activity.end_s

    def _collect(self) -> None:
        if self._question is None:
            return
        number, until_s = self._question
        text = self._listener.answer(number)
        if text is not None:
            self._question = None
            self._heard_until_s = until_s
            self._words = self._placed(text.split(), until_s)

    def _placed(self, texts: list[str], until_s: float) -> list[Word]:
        """Words shared out over the utterance, with the mistakes that are its share."""
        from_s = max(self._audio_from_s, min(self.activity.stretch_s, until_s))
        each_s = (until_s - from_s) / max(1, len(texts))
        spoken = tuple(
            SpokenWord(text, from_s + place * each_s, from_s + (place + 1) * each_s) for place, text in enumerate(texts)
        )
        utterance = Utterance(f"{self._name} {self._settled}", " ".join(texts), spoken, _NO_VECTORS, until_s - from_s)
        return [
            Word(text, word.start_s, word.end_s, heard.confidence)
            for index, word in enumerate(spoken)
            for heard in [self._errors.heard(utterance, index)]
            for text in heard.texts
        ]

    def _forget_until(self, at_s: float) -> None:
        gone = max(0, round((at_s - self._audio_from_s) * self._rate_hz))
        self._audio = self._audio[gone:]
        self._audio_from_s += gone / self._rate_hz


def _at_8_khz(samples: Samples, rate_hz: int) -> Samples:
    if rate_hz == RATE_HZ:
        return samples
    narrow = resample(samples.astype(np.float32), rate_hz, RATE_HZ)
    return np.clip(narrow, -32768, 32767).astype(np.int16)
