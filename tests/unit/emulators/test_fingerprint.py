"""A registered recording is known by its sound, whatever the line did to it, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from loadtest.caller.ulaw import decode, encode
from loadtest.caller.voices import resample
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.ground_truth import GroundTruth
from tests.unit.emulators.babble import RATE_HZ, WORD_S, babble, heard, known, sentence, silence, texts


def at_rate(audio: Samples, rate_hz: int) -> Samples:
    return np.clip(resample(audio.astype(np.float32), RATE_HZ, rate_hz), -32768, 32767).astype(np.int16)


def on_the_telephone(audio: Samples, *, gain_db: float = 0.0) -> Samples:
    return decode(encode((audio * 10 ** (gain_db / 20)).astype(np.int16)))


def with_noise(audio: Samples, snr_db: float) -> Samples:
    """With some noise before it and after it."""
    level = np.sqrt(np.mean(audio.astype(np.float64) ** 2)) * 10 ** (-snr_db / 20)
    long = np.concatenate([silence(2.5), audio, silence(1.0)])
    noise = np.random.default_rng(9).normal(0.0, level, len(long))
    return np.clip(long + noise, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("gain_db", [-14.0, 4.0])
def test_a_recording_is_known_after_a_telephone_line_at_any_rate_and_gain(rate_hz: int, gain_db: float) -> None:
    truth, utterance, audio = known()
    words, unknown = heard(truth, at_rate(on_the_telephone(audio, gain_db=gain_db), rate_hz), rate_hz)
    assert (texts(words), unknown) == (utterance.text, 0)


def test_a_recording_is_known_in_noise_20_db_below_it() -> None:
    truth, utterance, audio = known()
    assert texts(heard(truth, with_noise(audio, 20.0))[0]) == utterance.text


@pytest.mark.parametrize("late", [1, 77, 159, 213])
def test_a_recording_may_begin_at_any_sample(late: int) -> None:
    truth, utterance, audio = known()
    words, _ = heard(truth, np.concatenate([np.zeros(late, dtype=np.int16), audio]))
    assert texts(words) == utterance.text
    assert words[0].end_s == pytest.approx(0.5 + late / RATE_HZ + WORD_S, abs=0.03)


def test_of_a_recording_that_is_broken_off_only_what_was_said_is_heard() -> None:
    truth, _, audio = known()
    words, unknown = heard(truth, audio[: round(4.1 * WORD_S * RATE_HZ)])
    assert (texts(words), unknown) == (sentence(4), 0)


def test_of_a_recording_whose_beginning_is_lost_the_rest_is_heard() -> None:
    truth, _, audio = known()
    words, _ = heard(truth, audio[round(2.9 * WORD_S * RATE_HZ) :])
    assert texts(words) == "w4 w5 w6 w7 w8"


@pytest.mark.parametrize("pause_s", [0.3, 0.7, 2.0])
def test_a_pause_within_a_recording_neither_loses_nor_doubles_words(pause_s: float) -> None:
    truth, utterance, audio = known(10)
    middle = 5 * round(WORD_S * RATE_HZ)
    words, _ = heard(truth, np.concatenate([audio[:middle], silence(pause_s), audio[middle:]]))
    assert texts(words) == utterance.text


def test_a_recording_that_is_said_again_is_heard_again() -> None:
    truth, utterance, audio = known(5)
    words, _ = heard(truth, np.concatenate([audio, silence(1.2), audio]))
    assert texts(words) == f"{utterance.text} {utterance.text}"


@pytest.mark.parametrize("seed", range(50, 56))
def test_speech_that_is_not_registered_gives_no_words_and_is_counted(seed: int) -> None:
    truth, _, _ = known()
    words, unknown = heard(truth, babble(8, seed))
    assert (texts(words), unknown) == ("", 1)


def test_noise_alone_is_nobody_speaking() -> None:
    truth, _, _ = known()
    hiss = np.random.default_rng(1).normal(0.0, 60.0, 3 * RATE_HZ).astype(np.int16)
    words, _ = heard(truth, hiss)
    assert not words


@pytest.mark.parametrize("said", ["short", "long"])
def test_of_recordings_that_begin_alike_the_one_that_was_said_is_heard(said: str) -> None:
    truth = GroundTruth()
    beginning = babble(4, 5)
    audio = {"short": beginning, "long": np.concatenate([beginning, babble(4, 6)])}
    truth.register("yes that works", audio["short"], RATE_HZ)
    truth.register("yes that works for me on monday then", audio["long"], RATE_HZ)
    expected = {"short": "yes that works", "long": "yes that works for me on monday then"}
    assert texts(heard(truth, audio[said])[0]) == expected[said]


def test_words_come_when_their_sound_has_come_and_not_before() -> None:
    truth, utterance, audio = known()
    for count in range(2, 8):
        part = audio[: round((count + 0.05) * WORD_S * RATE_HZ)]
        words, _ = heard(truth, part)
        assert texts(words) == " ".join(utterance.text.split()[:count])


def test_a_recording_is_registered_once() -> None:
    truth, utterance, audio = known()
    before = len(truth.utterances)
    assert truth.register(utterance.text, audio, RATE_HZ) is utterance
    assert len(truth.utterances) == before


def test_what_is_forgotten_is_not_known_any_more() -> None:
    truth, _, audio = known()
    truth.clear()
    assert heard(truth, audio) == ([], 1)


def test_words_without_given_ends_lie_between_the_pauses_of_their_recording() -> None:
    truth = GroundTruth()
    audio = np.concatenate([babble(2, 1), silence(0.4), babble(6, 2)])
    words = truth.register("Good morning, I would like an appointment", audio, RATE_HZ).words
    assert words[1].end_s == pytest.approx(2 * WORD_S, abs=0.03)
    assert words[2].start_s == pytest.approx(2 * WORD_S + 0.4, abs=0.03)
    assert words[-1].end_s == pytest.approx(8 * WORD_S + 0.4, abs=0.03)
    assert all(first.end_s <= second.start_s for first, second in pairwise(words))


@pytest.mark.parametrize(
    ("text", "audio", "ends_s"),
    [
        ("", babble(1, 1), None),
        ("word", silence(1.0), None),
        ("word", silence(0.0), None),
        ("two words", babble(2, 1), [0.2]),
        ("two words", babble(2, 1), [0.3, 0.2]),
        ("two words", babble(2, 1), [0.2, 9.0]),
    ],
)
def test_a_recording_that_cannot_be_heard_is_refused(text: str, audio: Samples, ends_s: list[float] | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        GroundTruth().register(text, audio, RATE_HZ, ends_s)
