"""What a call's process and its worker tell each other of providers, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from agent.bootstrap.breaker_board import Board
from agent.bootstrap.job_reports import FleetBreakers, Reception, greeting
from agent.domain.breaker import Happening, key_of
from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Kind, Unit, Used, in_order, parse_chain
from agent.runtime.job_metrics import ATTEMPTS, CALL_COST_CENTS, FIRST_SECONDS, USED, JobMetrics
from tests.unit.worker.job_line import listening, until

CHAIN = parse_chain(Kind.TTS, "deepgram/aura-2, elevenlabs/flash@voice")
FIRST, SECOND = CHAIN
OF_FIRST = {"kind": "tts", "provider": "deepgram/aura-2"}


@dataclass
class Parent:
    path: Path
    board: Board
    registry: CollectorRegistry
    reception: Reception
    hurried: list[None]

    def value(self, name: str, labels: dict[str, str]) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
async def parent() -> AsyncIterator[Parent]:
    registry = CollectorRegistry()
    metrics = JobMetrics(registry)
    hurried: list[None] = []
    board = Board(lambda: datetime.now(UTC), metrics.record, lambda: switch.tell_all(greeting(board)))
    reception = Reception(board, metrics, lambda: hurried.append(None))
    async with listening(reception.hear, lambda: greeting(board)) as (path, switch):
        yield Parent(path, board, registry, reception, hurried)


async def test_three_calls_that_fail_once_each_make_a_fourth_leave_the_provider_alone(parent: Parent) -> None:
    jobs = [await FleetBreakers.open(parent.path) for _ in range(4)]
    assert in_order(CHAIN, jobs[3]) == (FIRST, SECOND)
    for job in jobs[:3]:
        job.attempted(Attempt(FIRST, Blame.UPSTREAM, reason="no audio within 0.8 s"))
    await until(lambda: jobs[3].is_open(FIRST))
    assert in_order(CHAIN, jobs[3]) == (SECOND, FIRST)
    assert len(parent.hurried) == 3
    parent.board.see(key_of(FIRST), Happening.PROBE_SUCCEEDED)
    await until(lambda: not jobs[3].is_open(FIRST))
    for job in jobs:
        await job.aclose()


async def test_a_call_that_comes_later_knows_from_its_start(parent: Parent) -> None:
    parent.board.see(key_of(SECOND), Happening.PROBE_REFUSED, "invalid key")
    job = await FleetBreakers.open(parent.path)
    await until(lambda: job.is_open(SECOND))
    assert not job.is_open(FIRST)
    await job.aclose()


async def test_attempts_and_uses_become_metrics(parent: Parent) -> None:
    job = await FleetBreakers.open(parent.path)
    job.attempted(Attempt(FIRST, Blame.SUCCESS, 0.21))
    job.attempted(Attempt(FIRST, Blame.UPSTREAM, None, "429"))
    job.used(Used(FIRST, Unit.CHARACTERS, 120))
    job.record(CALL_COST_CENTS, 2.5, ("tts", "deepgram/aura-2"))
    await until(lambda: parent.value(f"{CALL_COST_CENTS}_total", OF_FIRST) == 2.5)
    assert parent.value(f"{ATTEMPTS}_total", {**OF_FIRST, "outcome": "success"}) == 1
    assert parent.value(f"{ATTEMPTS}_total", {**OF_FIRST, "outcome": "upstream"}) == 1
    assert parent.value(f"{FIRST_SECONDS}_count", OF_FIRST) == 1
    assert parent.value(f"{USED}_total", {**OF_FIRST, "unit": "characters"}) == 120
    await job.aclose()


async def test_what_has_no_spare_is_counted_and_has_no_breaker(parent: Parent) -> None:
    parent.reception.hear({"attempt": ["embedding", "compatible/small", "client", None, "invalid key"]})
    labels = {"kind": "embedding", "provider": "compatible/small", "outcome": "client"}
    assert parent.value(f"{ATTEMPTS}_total", labels) == 1
    assert (parent.board.pending, parent.board.left_alone, parent.hurried) == ([], [], [])


async def test_a_call_without_a_worker_above_it_tries_every_provider() -> None:
    job = await FleetBreakers.open(None)
    job.attempted(Attempt(FIRST, Blame.CLIENT))
    job.used(Used(FIRST, Unit.CHARACTERS, 1))
    assert not job.is_open(FIRST)
    await job.aclose()


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"attempt": []},
        {"attempt": ["fax", "x", "success", None, ""]},
        {"attempt": ["tts", "x", "theirs", None, ""]},
        {"attempt": ["tts", "", "success", None, ""]},
        {"attempt": ["tts", "x" * 201, "success", None, ""]},
        {"attempt": ["tts", [], "success", None, ""]},
        {"metric": ["agent_call_cost_cents", 1]},
    ],
)
async def test_a_message_that_means_nothing_is_counted_and_dropped(parent: Parent, message: dict[str, Any]) -> None:
    parent.reception.hear(message)
    assert parent.value("agent_job_metrics_dropped_total", {"reason": "malformed"}) == 1
    assert parent.board.pending == []
