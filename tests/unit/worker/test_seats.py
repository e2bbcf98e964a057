"""A worker's seats: taken before a job is accepted, never more than there are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentServer, JobRequest
from prometheus_client import CollectorRegistry, Counter

from agent.bootstrap.seats import Seats


@dataclass
class _Request:
    """A job offered by livekit-server; its acceptance takes until `answered`."""

    answered: asyncio.Event
    jobs: list[object]
    id: str = "job"
    room: Any = field(default_factory=lambda: SimpleNamespace(name="room"))
    outcome: str = ""

    async def accept(self, *, name: str, identity: str) -> None:
        await self.answered.wait()
        self.jobs.append(self)
        self.outcome = "accepted"

    async def reject(self, *, terminate: bool) -> None:
        self.outcome = "ended" if terminate else "left to others"


def _seats(total: int, *, jobs: int = 0, draining: bool = False) -> Seats:
    server = AgentServer()
    stub = SimpleNamespace(on=server.on, active_jobs=[object()] * jobs, draining=draining, _connecting=False)
    refusals = Counter("refusals", "Calls refused.", registry=CollectorRegistry())
    return Seats(cast(AgentServer, stub), total, refusals)


async def _offer(seats: Seats, count: int) -> list[str]:
    answered = asyncio.Event()
    requests = [_Request(answered, cast(list[object], seats.server.active_jobs)) for _ in range(count)]
    offered = asyncio.gather(*(seats.on_request(cast(JobRequest, request)) for request in requests))
    await asyncio.sleep(0)
    answered.set()
    await offered
    return [request.outcome for request in requests]


async def test_of_two_offers_in_the_same_instant_the_last_seat_goes_to_one() -> None:
    assert await _offer(_seats(2, jobs=1), 2) == ["accepted", "left to others"]


async def test_a_seat_whose_job_has_started_is_not_counted_twice() -> None:
    seats = _seats(3)
    await _offer(seats, 2)
    assert (seats.busy, seats.changed.is_set()) == (2, True)


async def test_a_seat_whose_job_could_not_be_accepted_is_free_again() -> None:
    seats = _seats(1)
    broken = _Request(asyncio.Event(), [])

    async def fail(**_: str) -> None:
        raise ConnectionError

    broken.accept = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionError):
        await seats.on_request(cast(JobRequest, broken))
    assert seats.busy == 0


async def test_a_worker_that_drains_takes_nothing() -> None:
    assert await _offer(_seats(2, draining=True), 1) == ["left to others"]


def test_only_a_registered_worker_offers_its_free_seats() -> None:
    seats = _seats(3, jobs=1)
    assert seats.offered == 1
    seats.registered.set()
    assert seats.offered == 3


def test_a_worker_that_drains_offers_what_it_serves() -> None:
    seats = _seats(3, jobs=2, draining=True)
    seats.registered.set()
    assert seats.offered == 2
