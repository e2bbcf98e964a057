"""Preparing the caller's speech."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from loadtest.caller import voices
from loadtest.caller.errors import CallerError


@pytest.mark.parametrize("rate_hz", [24_000, 22_050, 16_000])
def test_resampling_keeps_a_tone_s_level_and_drops_what_would_alias(rate_hz: int) -> None:
    seconds = np.arange(rate_hz) / rate_hz
    kept = voices.resample(np.sin(2 * np.pi * 1000 * seconds).astype(np.float32), rate_hz, 8000)
    gone = voices.resample(np.sin(2 * np.pi * 5000 * seconds).astype(np.float32), rate_hz, 8000)
    assert len(kept) == 8000
    assert np.std(kept[500:-500]) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert np.std(gone[500:-500]) < 0.01


def test_upsampling_keeps_the_samples_it_was_given() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000).astype(np.float32)
    wide = voices.resample(tone, 8000, 16_000)
    assert np.max(np.abs(wide[::2][200:-200] - tone[200:-200])) < 0.02


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It's 5550123456.", "It's five five five, zero one two, three four five six."),
        ("It's (555) 012-3456.", "It's five five five, zero one two, three four five six."),
        ("At 3:30 PM, please.", "At 3:30 P M, please."),
        ("Room 101 on the 26th.", "Room 101 on the 26th."),
    ],
)
def test_what_voices_misread_is_spelt_out(text: str, spoken: str) -> None:
    assert voices.as_spoken(text) == spoken


def test_a_wav_of_another_format_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    with wave.open(str(path), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(44_100)
        target.writeframes(b"\0" * 400)
    with pytest.raises(CallerError, match=r"2 channel.* 44100 Hz; it must be mono, 16 bit, 8000 Hz \(sox -D"):
        voices.read_wav(path)
    with pytest.raises(CallerError, match="cannot read"):
        voices.read_wav(tmp_path / "nowhere.wav")


def test_a_silent_recording_is_refused() -> None:
    with pytest.raises(CallerError, match="is silent"):
        voices.trim(np.zeros(8000, dtype=np.int16), Path("mine.wav"))
