"""The codec against G.711's own corner values."""

from __future__ import annotations

import numpy as np
import pytest

from loadtest.caller import ulaw


@pytest.mark.parametrize(
    ("code", "sample"), [(0x00, -32124), (0x7F, 0), (0x80, 32124), (0xFF, 0), (0xFE, 8), (0x7E, -8), (0xF0, 120)]
)
def test_code_words_decode_to_the_values_of_the_standard(code: int, sample: int) -> None:
    assert ulaw.decode(bytes([code]))[0] == sample


def test_every_code_word_survives_decoding_and_encoding() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)  # 0x7F is negative zero; it encodes as 0xFF
    assert ulaw.encode(ulaw.decode(codes)) == codes


def test_digital_silence_is_sent_as_ff() -> None:
    assert ulaw.encode(np.zeros(3, dtype=np.int16)) == b"\xff\xff\xff"


def test_the_loudest_samples_do_not_wrap_around() -> None:
    loudest = ulaw.decode(ulaw.encode(np.array([32767, -32768], dtype=np.int16)))
    assert list(loudest) == [32124, -32124]


def test_encoding_errs_by_at_most_half_a_step() -> None:
    samples = np.arange(-32000, 32000, 7, dtype=np.int16)
    error = np.abs(ulaw.decode(ulaw.encode(samples)).astype(int) - samples)
    assert np.all(error <= (np.abs(samples.astype(int)) + 132) / 32)
