"""Turns as Flux tells them: in the order of its state machine, surer the longer the silence."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from loadtest.emulators.deepgram_listen_query import TurnOptions
from loadtest.emulators.deepgram_listen_session import Due
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.flux_session import UPDATE_S, FluxSession
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.transcript import Transcriber
from loadtest.emulators.word_errors import WordErrors
from tests.unit.emulators.babble import RATE_HZ, WORD_S, babble, chunks, known, sentence, silence

OPTIONS = TurnOptions("flux-general-en", "linear16", RATE_HZ, ())
LATENCY_S = 0.26
BEFORE_S = 0.5
HALF = 4 * round(WORD_S * RATE_HZ)


def session_of(truth: GroundTruth, latency_s: float = LATENCY_S, **options: Any) -> FluxSession:
    chosen = dataclasses.replace(OPTIONS, **options)
    return FluxSession(Transcriber(truth, RATE_HZ, WordErrors()), chosen, "an-id", lambda: latency_s)


def told(session: FluxSession, audio: Samples, after_s: float = 1.5) -> list[Due]:
    stream = np.concatenate([silence(BEFORE_S), audio, silence(after_s)])
    return [due for chunk in chunks(stream) for due in session.feed(chunk)]


def events(dues: list[Due]) -> list[str]:
    """Without the updates."""
    return [due.message["event"] for due in dues if due.message.get("event") != "Update"]


def of(dues: list[Due], event: str) -> Due:
    (found,) = [due for due in dues if due.message["event"] == event]
    return found


def test_a_turn_starts_with_its_first_words_and_ends_with_all_of_them() -> None:
    truth, utterance, audio = known()
    dues = told(session_of(truth), audio)
    assert events(dues) == ["StartOfTurn", "EndOfTurn"]
    start, end = of(dues, "StartOfTurn").message, of(dues, "EndOfTurn").message
    assert start["transcript"]
    assert utterance.text.startswith(start["transcript"])
    assert end["transcript"] == utterance.text
    assert [word["word"] for word in end["words"]] == utterance.text.split()
    assert end["words"][-1]["end"] == pytest.approx(BEFORE_S + len(audio) / RATE_HZ, abs=0.03)


def test_a_turn_ends_at_the_default_threshold_after_the_latency_that_was_drawn() -> None:
    truth, _, audio = known()
    end = of(told(session_of(truth), audio), "EndOfTurn")
    assert end.at_s == pytest.approx(BEFORE_S + len(audio) / RATE_HZ + LATENCY_S, abs=0.04)
    assert end.message["end_of_turn_confidence"] >= OPTIONS.end_threshold
    assert end.message["trigger"] == "model"


def test_it_is_surer_the_longer_nobody_speaks() -> None:
    truth, _, audio = known()
    session = session_of(truth, end_threshold=1.0, timeout_s=60.0)
    told(session, audio, after_s=0.2)
    sure = []
    for _ in range(8):
        list(session.feed(silence(0.1)))
        sure.append(session.confidence)
    assert sure == sorted(sure)
    assert sure[0] < 0.8 < 0.9 < sure[-1] < 1.0


def test_updates_come_every_quarter_of_a_second_of_audio_also_in_silence() -> None:
    dues = list(session_of(GroundTruth()).feed(silence(2.0)))
    assert [due.message["event"] for due in dues] == ["Update"] * 8
    assert [due.at_s for due in dues] == pytest.approx([UPDATE_S * number for number in range(1, 9)])
    assert {due.message["transcript"] for due in dues} == {""}


def test_an_eager_end_comes_first_with_the_words_of_the_end() -> None:
    truth, _, audio = known()
    dues = told(session_of(truth, eager_threshold=0.4), audio)
    assert events(dues) == ["StartOfTurn", "EagerEndOfTurn", "EndOfTurn"]
    eager, end = of(dues, "EagerEndOfTurn"), of(dues, "EndOfTurn")
    assert eager.message["transcript"] == end.message["transcript"]
    assert 0.03 < end.at_s - eager.at_s < LATENCY_S


def test_a_turn_that_goes_on_after_an_eager_end_is_resumed() -> None:
    truth, utterance, audio = known()
    broken = np.concatenate([audio[:HALF], silence(0.6), audio[HALF:]])
    dues = told(session_of(truth, eager_threshold=0.4), broken)
    assert events(dues) == ["StartOfTurn", "EagerEndOfTurn", "TurnResumed", "EagerEndOfTurn", "EndOfTurn"]
    assert of(dues, "EndOfTurn").message["transcript"] == utterance.text


def test_an_unfinished_sentence_is_waited_for_longer() -> None:
    truth, _, audio = known()
    whole = of(told(session_of(truth), audio), "EndOfTurn")
    half = of(told(session_of(truth), audio[:HALF]), "EndOfTurn")
    assert half.message["transcript"] == sentence(4)
    waited_s = half.at_s - BEFORE_S - HALF / RATE_HZ
    assert waited_s > 2 * (whole.at_s - BEFORE_S - len(audio) / RATE_HZ)


def test_a_turn_ends_at_the_timeout_however_unsure() -> None:
    truth, _, audio = known()
    end = of(told(session_of(truth, end_threshold=1.0, timeout_s=0.8), audio), "EndOfTurn")
    assert end.at_s == pytest.approx(BEFORE_S + len(audio) / RATE_HZ + 0.8, abs=0.04)
    assert end.message["trigger"] == "timeout"


def test_a_turn_is_ended_at_the_clients_wish() -> None:
    truth, _, audio = known()
    session = session_of(truth)
    told(session, audio[:HALF], after_s=0.12)
    (due,) = session.control({"type": "ForceEndTurn"})
    assert (due.message["event"], due.message["transcript"]) == ("EndOfTurn", sentence(4))
    assert due.message["trigger"] == "manual"
    assert not list(session.control({"type": "ForceEndTurn"}))


def test_an_unknown_message_is_an_error_and_the_end() -> None:
    session = session_of(GroundTruth())
    (due,) = session.control({"type": "Speak"})
    assert due.message["type"] == "Error"
    assert session.is_closed


def test_the_next_turn_has_the_next_index_and_only_its_own_words() -> None:
    truth, _, audio = known()
    session = session_of(truth)
    first, second = told(session, audio), told(session, audio)
    assert of(first, "EndOfTurn").message["turn_index"] == 0
    assert {due.message["turn_index"] for due in second} == {1, 2}
    assert of(second, "EndOfTurn").message["transcript"] == of(first, "EndOfTurn").message["transcript"]


def test_unknown_speech_is_no_turn() -> None:
    truth, _, _ = known()
    assert events(told(session_of(truth), babble(8, 99))) == []


def test_messages_are_numbered_from_the_first() -> None:
    truth, _, audio = known()
    session = session_of(truth)
    dues = [*session.open(), *told(session, audio), *session.control({"type": "CloseStream"})]
    assert dues[0].message == {"type": "Connected", "request_id": "an-id", "sequence_id": 0}
    assert [due.message["sequence_id"] for due in dues] == list(range(len(dues)))
    assert session.is_closed


def test_configure_replaces_what_is_given_and_keeps_the_rest() -> None:
    session = session_of(GroundTruth(), eager_threshold=0.4)
    asked = {"type": "Configure", "thresholds": {"eot_threshold": 0.8}, "keyterms": ["Riverside"]}
    (due,) = session.control(asked)
    assert due.message["type"] == "ConfigureSuccess"
    assert due.message["thresholds"] == {"eager_eot_threshold": 0.4, "eot_threshold": 0.8, "eot_timeout_ms": 5000}
    assert due.message["keyterms"] == ["Riverside"]
    assert (session.options.end_threshold, session.options.keyterms) == (0.8, ("Riverside",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"thresholds": {"eot_threshold": 0.2}},
        {"thresholds": {"eager_eot_threshold": 0.8}},
        {"thresholds": {"eot_timeout_ms": "soon"}},
        {"thresholds": 0.7},
        {"keyterms": 5},
    ],
)
def test_a_configuration_out_of_bounds_changes_nothing(wrong: dict[str, Any]) -> None:
    session = session_of(GroundTruth())
    before = session.options
    (due,) = session.control({"type": "Configure", **wrong})
    assert due.message["type"] == "ConfigureFailure"
    assert session.options == before
