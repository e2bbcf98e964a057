"""Silence before and after speech is cut, whole or while it arrives."""

from __future__ import annotations

import pytest

from agent.providers.edges import Edges, without_edges
from tests.unit.providers.scripted import seconds_of, silence, tone

SPEECH = silence(0.4) + tone(0.5) + silence(0.6) + tone(0.3) + silence(0.8)


def streamed(pcm: bytes, size: int) -> list[bytes]:
    edges = Edges()
    return [*(edges.push(pcm[at : at + size]) for at in range(0, len(pcm), size)), edges.end()]


def test_a_little_is_left_before_the_first_sound_and_more_after_the_last() -> None:
    assert seconds_of(without_edges(SPEECH)) == pytest.approx(0.01 + 0.5 + 0.6 + 0.3 + 0.18, abs=0.01)


@pytest.mark.parametrize("size", [1, 7, 333, 4800, 10**6])
def test_pieces_of_any_size_come_to_the_same(size: int) -> None:
    pcm = SPEECH if size > 1 else SPEECH[: len(SPEECH) // 20 * 2]
    assert b"".join(streamed(pcm, size)) == (without_edges(pcm) if size > 1 else b"")


def test_the_first_sound_is_given_when_it_comes() -> None:
    edges = Edges()
    assert edges.push(silence(1.0)) == b""
    assert seconds_of(edges.push(tone(0.1))) == pytest.approx(0.11, abs=0.005)


def test_what_has_no_sound_is_left_when_it_is_whole_and_nothing_while_it_arrives() -> None:
    assert without_edges(silence(0.2)) == silence(0.2)
    assert b"".join(streamed(silence(0.2), 480)) == b""


@pytest.mark.parametrize("odd", [b"", b"\x01"])
def test_nothing_and_half_a_sample_are_borne(odd: bytes) -> None:
    assert b"".join(streamed(tone(0.1) + odd, 1001)) == tone(0.1)
    assert Edges().push(odd) == b""
