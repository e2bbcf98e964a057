"""Speech that nobody registered, written down by a recogniser that is asked at pauses."""

from __future__ import annotations

import numpy as np
from multidict import MultiDict

from loadtest.emulators.deepgram_listen_query import listen_options
from loadtest.emulators.deepgram_listen_session import ListenSession
from loadtest.emulators.deepgram_messages import Message
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.listened import ListenedTranscriber
from loadtest.emulators.word_errors import WordErrors
from tests.unit.emulators.babble import RATE_HZ, WORD_S, babble, chunks, silence, texts


class Secretary:
    """Writes one word a syllable, so many chunks after it was asked."""

    def __init__(self, slow: int = 0) -> None:
        self.asked: list[Samples] = []
        self._slow = slow
        self._polls: dict[int, int] = {}

    def ask(self, samples: Samples) -> int | None:
        self.asked.append(samples)
        return len(self.asked) - 1

    def answer(self, question: int) -> str | None:
        self._polls[question] = self._polls.get(question, 0) + 1
        if self._polls[question] <= self._slow:
            return None
        loud = np.abs(self.asked[question].astype(np.int32)) > 500
        seconds = (np.flatnonzero(loud)[-1] - np.flatnonzero(loud)[0]) / RATE_HZ
        return " ".join(f"w{number}" for number in range(1, round(seconds / WORD_S) + 1))


def _feed(transcriber: ListenedTranscriber, audio: Samples, rate_hz: int = RATE_HZ) -> None:
    for chunk in chunks(audio, rate_hz):
        for _ in transcriber.steps(chunk):
            pass


def _transcriber(secretary: Secretary, errors: WordErrors | None = None, rate_hz: int = RATE_HZ) -> ListenedTranscriber:
    return ListenedTranscriber(secretary, rate_hz, errors or WordErrors(), "stream")


def test_what_is_said_before_a_pause_is_written_down_with_times_inside_it() -> None:
    transcriber = _transcriber(Secretary())
    _feed(transcriber, np.concatenate([silence(0.5), babble(4, 1), silence(0.3)]))
    assert texts(transcriber.words) == "w1 w2 w3 w4"
    assert transcriber.is_heard
    assert 0.4 <= transcriber.words[0].start_s < transcriber.words[-1].end_s <= 0.5 + 4 * WORD_S + 0.05


def test_words_are_not_all_while_the_answer_is_awaited() -> None:
    transcriber = _transcriber(Secretary(slow=6))
    _feed(transcriber, np.concatenate([silence(0.3), babble(3, 2), silence(0.2)]))
    assert not transcriber.is_heard
    assert not transcriber.words
    _feed(transcriber, silence(0.4))
    assert transcriber.is_heard
    assert texts(transcriber.words) == "w1 w2 w3"


def test_whoever_goes_on_after_a_pause_is_written_down_as_a_whole() -> None:
    secretary = Secretary()
    transcriber = _transcriber(secretary)
    _feed(transcriber, np.concatenate([silence(0.3), babble(2, 3), silence(0.2), babble(2, 4), silence(0.3)]))
    assert len(secretary.asked) == 2
    assert len(secretary.asked[1]) > len(secretary.asked[0])
    assert texts(transcriber.words).startswith("w1 w2 w3 w4")


def test_what_is_settled_is_not_told_again() -> None:
    transcriber = _transcriber(Secretary())
    _feed(transcriber, np.concatenate([silence(0.3), babble(3, 5), silence(0.3)]))
    assert texts(transcriber.settle()) == "w1 w2 w3"
    _feed(transcriber, np.concatenate([silence(1.0), babble(2, 6), silence(0.3)]))
    assert texts(transcriber.settle()) == "w1 w2"


def test_long_speech_is_asked_about_before_it_ends() -> None:
    secretary = Secretary()
    _feed(_transcriber(secretary), np.concatenate([silence(0.3), babble(16, 7)]))
    assert secretary.asked


def test_the_recogniser_is_given_telephone_audio_whatever_the_client_sends() -> None:
    secretary = Secretary()
    _feed(
        _transcriber(secretary, rate_hz=16000),
        np.concatenate([silence(0.3, 16000), babble(2, 8, 16000), silence(0.3, 16000)]),
        16000,
    )
    assert len(secretary.asked[0]) / RATE_HZ < 0.3 + 2 * WORD_S + 0.3


def test_one_word_in_so_many_is_spoiled_and_keyterms_are_spared() -> None:
    transcriber = _transcriber(Secretary(), WordErrors(rate=1.0, seed=3))
    transcriber.expect(["w2"])
    _feed(transcriber, np.concatenate([silence(0.3), babble(3, 9), silence(0.3)]))
    written = texts(transcriber.words).split()
    assert "w2" in written
    assert written != ["w1", "w2", "w3"]


def test_a_forced_end_waits_for_the_words() -> None:
    transcriber = _transcriber(Secretary(slow=8))
    asked = MultiDict(model="nova-3", encoding="linear16", sample_rate="8000")
    session = ListenSession(transcriber, listen_options(asked), "id", lambda: 0.0)
    told: list[Message] = []
    for chunk in chunks(np.concatenate([silence(0.3), babble(3, 10), silence(0.15)])):
        told += [due.message for due in session.feed(chunk)]
    told += [due.message for due in session.control({"type": "Finalize"})]
    assert not any(message.get("from_finalize") for message in told)
    for chunk in chunks(silence(0.8)):
        told += [due.message for due in session.feed(chunk)]
    finals = [message for message in told if message.get("from_finalize")]
    assert [final["channel"]["alternatives"][0]["transcript"] for final in finals] == ["w1 w2 w3"]
