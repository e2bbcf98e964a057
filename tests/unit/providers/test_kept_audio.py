from __future__ import annotations

import pytest
from livekit import rtc

from agent.providers.kept_audio import LEAD_IN_S, LONGEST_S, KeptAudio


def frame(value: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytes([value]) * 3200, 16_000, 1, 1600)  # a tenth of a second


def filled(kept: KeptAudio, seconds: float) -> None:
    for number in range(round(seconds * 10)):
        kept.push(frame(number % 256))


def seconds(kept: KeptAudio) -> float:
    return sum(each.duration for each in kept.frames)


def test_while_nobody_speaks_the_last_moment_is_kept() -> None:
    kept = KeptAudio()
    filled(kept, 9.0)
    assert seconds(kept) == pytest.approx(LEAD_IN_S)
    assert kept.frames[-1].data.cast("B")[0] == 89


def test_speech_is_kept_with_what_came_before_it_up_to_a_bound() -> None:
    kept = KeptAudio()
    filled(kept, 9.0)
    kept.speech_began()
    filled(kept, 5.0)
    assert seconds(kept) == pytest.approx(LEAD_IN_S + 5.0)
    filled(kept, 60.0)
    assert seconds(kept) == pytest.approx(LONGEST_S)


def test_words_that_count_are_not_heard_again() -> None:
    kept = KeptAudio()
    kept.speech_began()
    filled(kept, 5.0)
    kept.settled()
    assert kept.frames == ()
    filled(kept, 9.0)
    assert seconds(kept) == pytest.approx(LEAD_IN_S)
