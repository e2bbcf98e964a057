"""A worker's board: its own calls count at once, the fleet's rows take over, and both agree on the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from agent.bootstrap.breaker_board import MOST_PENDING, Board
from agent.domain.breaker import FIRST_OPEN_S, Breaker, Happening, Key, Standing, after
from agent.domain.providers import Kind
from agent.runtime.job_metrics import BREAKER_STATE
from agent.storage.breakers import Fleet

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY: Key = (Kind.MODEL, "openai/gpt-4.1")
LOCAL: Key = (Kind.STT, "local")


@dataclass
class Watched:
    at: datetime = NOON
    changes: int = 0
    gauges: dict[tuple[str, ...], float] = field(default_factory=dict)

    def board(self) -> Board:
        def record(name: str, value: float, labels: object = ()) -> None:
            assert name == BREAKER_STATE
            assert isinstance(labels, tuple)
            self.gauges[labels] = value

        def changed() -> None:
            self.changes += 1

        return Board(lambda: self.at, record, changed)


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_burst_here_opens_here_before_anything_is_stored(watched: Watched) -> None:
    board = watched.board()
    for _ in range(3):
        assert board.left_alone == []
        board.see(KEY, Happening.FAILED, "503")
    assert (board.left_alone, watched.changes, watched.gauges) == ([KEY], 1, {("model", KEY[1]): 2})
    assert len(board.pending) == 3


def test_what_is_pending_comes_on_top_of_what_is_read(watched: Watched) -> None:
    board = watched.board()
    board.see(KEY, Happening.FAILED)
    elsewhere = after(after(Breaker(), Happening.FAILED, NOON), Happening.FAILED, NOON)
    board.read(Fleet(NOON, {KEY: elsewhere}))
    assert board.left_alone == [KEY]
    board.stored(1, {KEY: Breaker()})
    assert (board.left_alone, board.pending) == ([], [])


def test_a_local_engine_fails_for_this_machine_alone(watched: Watched) -> None:
    board = watched.board()
    board.see(LOCAL, Happening.PROBE_REFUSED)
    board.read(Fleet(NOON, {}))
    assert (board.left_alone, board.pending) == ([LOCAL], [])


def test_times_are_the_servers_whatever_the_workers_clock_says(watched: Watched) -> None:
    board = watched.board()
    board.read(Fleet(NOON + timedelta(hours=1), {}))
    board.see(KEY, Happening.SUCCEEDED)
    assert board.pending[0].at == NOON + timedelta(hours=1)
    watched.at += timedelta(seconds=3)
    assert [told.age_s for told in board.untold(10)] == [3.0]


def test_what_is_pending_is_bounded_and_the_rest_is_counted_as_lost(watched: Watched) -> None:
    board = watched.board()
    for _ in range(MOST_PENDING + 2):
        board.see(KEY, Happening.SUCCEEDED)
    assert (len(board.pending), board.lost) == (MOST_PENDING, 2)
    board.give_up(10)
    assert (len(board.pending), board.lost) == (MOST_PENDING - 10, 12)


def test_one_that_is_left_alone_is_due_in_time_and_claimed_once(watched: Watched) -> None:
    board = watched.board()
    board.see(KEY, Happening.PROBE_REFUSED)
    assert board.due() == []
    watched.at += timedelta(seconds=FIRST_OPEN_S)
    assert board.due() == [KEY]
    assert [board.claim(KEY, None), board.claim(KEY, None)] == [True, False]
    assert (board.due(), watched.gauges[("model", KEY[1])], board.left_alone) == ([], 1, [KEY])


def test_a_configured_one_nobody_heard_of_is_due_when_idle_ones_are_probed(watched: Watched) -> None:
    board = watched.board()
    assert board.due(configured=[KEY], idle_s=None) == []
    assert board.due(configured=[KEY], idle_s=60) == [KEY]
    board.see(KEY, Happening.SUCCEEDED)
    assert board.due(configured=[KEY], idle_s=60) == []


def test_what_a_provider_said_holds_nothing_that_a_database_refuses(watched: Watched) -> None:
    board = watched.board()
    board.see(KEY, Happening.PROBE_REFUSED, "no\x00 \ud800way\n")
    assert board.untold(1)[0].reason == "no way"
    board.adopt({KEY: Breaker(standing=Standing.CLOSED)})
    assert board.left_alone == [KEY]
