"""What /v1/listen says of a stream, in which order, and when."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from loadtest.emulators.deepgram_listen_query import ListenOptions
from loadtest.emulators.deepgram_listen_session import DETECTOR_STOP_S, Due, ListenSession
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.transcript import Transcriber
from loadtest.emulators.word_errors import WordErrors
from tests.unit.emulators.babble import RATE_HZ, WORD_S, babble, chunks, known, sentence, silence

OPTIONS = ListenOptions("nova-3", "linear16", RATE_HZ, (), True, True, True, 0.025, None)
LATENCY_S = 0.3
BEFORE_S = 0.5


def session_of(truth: GroundTruth, latency_s: float = 0.0, **options: Any) -> ListenSession:
    chosen = dataclasses.replace(OPTIONS, **options)
    return ListenSession(Transcriber(truth, RATE_HZ, WordErrors()), chosen, "an-id", lambda: latency_s)


def told(session: ListenSession, audio: Samples, after_s: float = 1.0) -> list[Due]:
    stream = np.concatenate([silence(BEFORE_S), audio, silence(after_s)])
    return [due for chunk in chunks(stream) for due in session.feed(chunk)]


def text(due: Due) -> str:
    words: str = due.message["channel"]["alternatives"][0]["transcript"]
    return words


def finals(dues: list[Due]) -> list[Due]:
    return [due for due in dues if due.message.get("is_final")]


def interims(dues: list[Due]) -> list[Due]:
    return [due for due in dues if due.message.get("is_final") is False]


def test_speech_starts_interims_grow_and_one_final_ends_it() -> None:
    truth, utterance, audio = known()
    dues = told(session_of(truth), audio)
    assert [due.message["type"] for due in dues] == ["SpeechStarted"] + ["Results"] * (len(dues) - 1)
    assert dues[0].message["timestamp"] == pytest.approx(BEFORE_S, abs=0.03)
    (final,) = finals(dues)
    assert final is dues[-1]
    assert text(final) == utterance.text
    assert final.message["speech_final"]
    said = [text(due) for due in interims(dues)]
    assert len(said) > 3
    assert all(utterance.text.startswith(part) for part in said)
    assert [len(part) for part in said] == sorted({len(part) for part in said})


def test_words_have_the_times_at_which_they_were_said() -> None:
    truth, _, audio = known()
    (final,) = finals(told(session_of(truth), audio))
    alternative = final.message["channel"]["alternatives"][0]
    for number, word in enumerate(alternative["words"], 1):
        assert word["end"] == pytest.approx(BEFORE_S + number * WORD_S, abs=0.03)
        assert word["start"] < word["end"]
        assert 0.9 < word["confidence"] <= 1.0
    assert 0.9 < alternative["confidence"] <= 1.0


def test_the_final_is_due_so_long_after_the_end_of_speech_as_was_drawn() -> None:
    truth, _, audio = known()
    (final,) = finals(told(session_of(truth, LATENCY_S), audio))
    assert final.at_s == pytest.approx(BEFORE_S + len(audio) / RATE_HZ + LATENCY_S, abs=0.05)


def test_a_final_does_not_come_before_its_silence_was_heard() -> None:
    truth, _, audio = known()
    (final,) = finals(told(session_of(truth, LATENCY_S, endpointing_s=0.6), audio))
    assert final.at_s == pytest.approx(BEFORE_S + len(audio) / RATE_HZ + 0.6, abs=0.05)


@pytest.mark.parametrize(("endpointing_s", "count"), [(0.025, 2), (0.9, 1), (None, 0)])
def test_a_pause_ends_speech_where_it_is_longer_than_endpointing(endpointing_s: float | None, count: int) -> None:
    truth, utterance, audio = known()
    middle = 4 * round(WORD_S * RATE_HZ)
    broken = np.concatenate([audio[:middle], silence(0.5), audio[middle:]])
    ends = finals(told(session_of(truth, endpointing_s=endpointing_s), broken))
    assert len(ends) == count
    assert " ".join(map(text, ends)) == (utterance.text if count else "")


def test_a_pause_shorter_than_the_detector_needs_ends_nothing() -> None:
    truth, _, audio = known()
    middle = 4 * round(WORD_S * RATE_HZ)
    broken = np.concatenate([audio[:middle], silence(DETECTOR_STOP_S - 0.06), audio[middle:]])
    assert len(finals(told(session_of(truth), broken))) == 1


def test_long_speech_is_told_in_parts_of_which_only_the_last_ends_it() -> None:
    truth, utterance, audio = known(30)
    ends = finals(told(session_of(truth), audio))
    assert [due.message["speech_final"] for due in ends] == [False, True]
    assert " ".join(map(text, ends)) == utterance.text


def test_unknown_speech_starts_and_ends_without_words() -> None:
    truth, _, _ = known()
    dues = told(session_of(truth), babble(8, 99))
    assert [due.message["type"] for due in dues] == ["SpeechStarted", "Results"]
    assert text(dues[1]) == ""
    assert dues[1].message["speech_final"]


def test_finalize_makes_final_what_was_heard_so_far() -> None:
    truth, _, audio = known()
    session = session_of(truth)
    told(session, audio[: round(4.1 * WORD_S * RATE_HZ)], after_s=0.12)
    (due,) = session.control({"type": "Finalize"})
    assert text(due) == sentence(4)
    assert due.message["from_finalize"]
    (again,) = session.control({"type": "Finalize"})
    assert text(again) == ""


def test_a_gap_is_told_once_after_the_last_final_word() -> None:
    truth, _, audio = known()
    dues = told(session_of(truth, utterance_end_s=1.0), audio, after_s=3.0)
    assert [due.message["type"] for due in dues[-2:]] == ["Results", "UtteranceEnd"]
    assert dues[-1].message["last_word_end"] == pytest.approx(BEFORE_S + len(audio) / RATE_HZ, abs=0.03)


def test_closing_gives_the_rest_and_then_the_metadata() -> None:
    truth, utterance, audio = known()
    session = session_of(truth)
    told(session, audio, after_s=0.12)
    rest = list(session.control({"type": "CloseStream"}))
    assert [due.message["type"] for due in rest] == ["Results", "Metadata"]
    assert text(rest[0]) == utterance.text
    assert rest[1].message["duration"] == pytest.approx(BEFORE_S + len(audio) / RATE_HZ + 0.12, abs=0.02)
    assert session.is_closed


def test_what_was_not_asked_for_is_not_sent() -> None:
    truth, _, audio = known()
    dues = told(session_of(truth, interim_results=False, vad_events=False, is_punctuated=False), audio)
    assert [due.message["type"] for due in dues] == ["Results"]
    assert "punctuated_word" not in dues[0].message["channel"]["alternatives"][0]["words"][0]


def test_keeping_alive_says_nothing_and_an_unknown_message_is_an_error() -> None:
    session = session_of(GroundTruth())
    assert not list(session.control({"type": "KeepAlive"}))
    (due,) = session.control({"type": "Speak"})
    assert (due.message["type"], due.message["variant"]) == ("Error", "SchemaError")
    assert not session.is_closed


def test_keyterms_are_replaced_while_the_stream_runs() -> None:
    session = session_of(GroundTruth())
    (due,) = session.control({"type": "Configure", "keyterms": ["Riverside"]})
    assert due.message == {"type": "ConfigureSuccess", "request_id": "an-id", "keyterms": ["Riverside"]}
    (due,) = session.control({"type": "Configure"})
    assert due.message == {"type": "ConfigureSuccess", "request_id": "an-id"}
