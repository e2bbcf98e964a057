"""Speech is read again once enough of it is unread, however often the caller draws breath."""

from __future__ import annotations

from agent.providers.unread import Unread

FRAME_S = 0.25


def asked_after(unread: Unread, frames: int) -> list[int]:
    return [frame for frame in range(1, frames + 1) if unread.speech(FRAME_S)]


def test_words_are_asked_for_once_until_they_come() -> None:
    assert asked_after(Unread(1.5), 40) == [6]


def test_what_was_spoken_while_they_were_worked_out_counts_for_the_next_time() -> None:
    unread = Unread(1.5)
    assert asked_after(unread, 8) == [6]
    unread.answered()
    assert asked_after(unread, 6) == [4]


def test_a_breath_that_lets_nobody_read_delays_nothing() -> None:
    unread = Unread(1.5)
    assert asked_after(unread, 6) == [6]
    unread.dropped()
    assert asked_after(unread, 6) == [1]


def test_a_pause_in_which_all_was_read_starts_the_count_again() -> None:
    unread = Unread(1.5)
    assert asked_after(unread, 5) == []
    unread.all_read()
    assert asked_after(unread, 6) == [6]
