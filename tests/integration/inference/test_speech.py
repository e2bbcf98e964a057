"""The real voice and the real recogniser, heard through a telephone line."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest

from agent.domain.errors import Blame, FleetError
from agent.inference.client import InferenceClient, Transcript
from agent.inference.hibari import LONGEST_TEXT_CHARS
from agent.wording.spoken_form import spoken_form
from tests.integration.inference.telephone import LINE_RATE_HZ, over_the_line

SENTENCES = [
    "I'd like to book an appointment for a haircut on Thursday afternoon.",
    "Actually, can we make that Friday instead of Wednesday?",
    "What time do you close on Saturdays?",
    "Can I speak to a real person, please?",
    "Yes, please.",
    "Goodbye.",
]
#: What the caller reads in a message, and how the recogniser writes what it heard of it.
READ_BACK = {
    "Your number is +15550123456, right?": r"555.?012.?3456",
    "We open at 3:30 PM.": r"(?i)3.?30 ?p\.?m",
    "A haircut costs $89 today.": r"\$89\b|89 dollars",
    "The ZIP code is 01608.": r"\b01608\b",
    "That is Nov. 26, at 15:00.": r"November 26(th)?,? at 3 ?(p\.?m|o'clock)",
    "We are at 12 Elm Dr. near the park.": r"(?i)\b12\b.* drive near the park",
    "Dr. Smith is free on the 23rd.": r"(Dr\.|Doctor) Smith is free on the 23rd",
}


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


async def heard(speech: InferenceClient, text: str) -> Transcript:
    """What Whisper makes of hibari's `text` over the telephone."""
    said = await speech.synthesize(text, deadline_s=20)
    line = over_the_line(said.pcm, said.sample_rate_hz)
    return await speech.transcribe(line, sample_rate_hz=LINE_RATE_HZ, deadline_s=20)


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_a_sentence_survives_voice_line_and_recogniser(speech: InferenceClient, sentence: str) -> None:
    transcript = await heard(speech, sentence)
    assert words(transcript.text) == words(sentence)
    assert transcript.no_speech_prob < 0.6


@pytest.mark.parametrize(("written", "recognised"), READ_BACK.items())
async def test_numbers_are_understood_as_they_were_written(
    speech: InferenceClient, written: str, recognised: str
) -> None:
    text = (await heard(speech, spoken_form(written))).text
    assert re.search(recognised, text), text


async def test_an_utterance_longer_than_the_usual_window_is_heard_to_its_end(speech: InferenceClient) -> None:
    text = (await heard(speech, " ".join(SENTENCES[:4]))).text
    assert words(text) == words(" ".join(SENTENCES[:4]))


@pytest.mark.parametrize("level", [0.0, 0.003, 0.1], ids=["silence", "line noise", "loud noise"])
@pytest.mark.parametrize("audio_s", [0.0, 0.05, 2.0, 12.0])
async def test_where_nobody_speaks_nothing_is_heard(speech: InferenceClient, level: float, audio_s: float) -> None:
    noise = np.random.default_rng(1).normal(0, level, int(audio_s * 16_000))
    transcript = await speech.transcribe((noise * 32767).astype("<i2").tobytes(), deadline_s=20)
    assert transcript.text == ""
    assert transcript.no_speech_prob > 0.6


async def test_the_same_words_always_sound_the_same(speech: InferenceClient) -> None:
    first, second = [await speech.synthesize("How can I help you?", deadline_s=20) for _ in range(2)]
    assert first.pcm == second.pcm
    assert first.sample_rate_hz == 24_000


async def test_calls_are_heard_side_by_side(speech: InferenceClient) -> None:
    transcripts = await asyncio.gather(*(heard(speech, sentence) for sentence in SENTENCES[:4]))
    assert [words(t.text) for t in transcripts] == [words(s) for s in SENTENCES[:4]]


@pytest.mark.parametrize(
    ("pcm", "rate_hz", "reason"),
    [(bytes(3), 16_000, "odd"), (bytes(2), 11_025, "11025"), (bytes(2 * 30 * 16_000), 16_000, "at most 29 s")],
)
async def test_audio_that_cannot_be_read_is_refused_with_a_reason(
    speech: InferenceClient, pcm: bytes, rate_hz: int, reason: str
) -> None:
    with pytest.raises(FleetError, match=reason) as refused:
        await speech.transcribe(pcm, sample_rate_hz=rate_hz, deadline_s=20)
    assert refused.value.blame is Blame.CLIENT


@pytest.mark.parametrize(
    ("text", "voice", "reason"),
    [
        ("", "hibari", "something to say"),
        ("x" * (LONGEST_TEXT_CHARS + 1), "hibari", "at most"),
        ("Hi.", "nobody", "no such voice"),
    ],
)
async def test_what_cannot_be_said_is_refused_with_a_reason(
    speech: InferenceClient, text: str, voice: str, reason: str
) -> None:
    with pytest.raises(FleetError, match=reason) as refused:
        await speech.synthesize(text, voice=voice, deadline_s=20)
    assert refused.value.blame is Blame.CLIENT


async def test_text_without_a_sound_gives_silence_and_not_an_error(speech: InferenceClient) -> None:
    said = await speech.synthesize("...", deadline_s=20)
    assert len(said.pcm) % 2 == 0


def test_the_socket_is_where_it_was_asked_to_be(speech_process: Path) -> None:
    assert speech_process.is_socket()
