"""Requests of several clients, in line before one engine in a real child process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.domain.errors import Blame, DeadlineExceeded, FleetError, Overloaded
from agent.inference import frames
from agent.inference.client import InferenceUnavailable, Priority
from tests.integration.inference.desk import ask, open_desk, until


async def test_answers_find_their_way_back_in_whatever_order_they_finish(tmp_path: Path) -> None:
    async with open_desk(tmp_path, slots=2) as desk, desk.client() as client:
        slow = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        assert (await ask(client, "say quick")).text == "quick"
        assert not slow.done()
        desk.gate("a").touch()
        assert (await slow).text == str(desk.gate("a"))


async def test_no_more_requests_run_at_once_than_there_are_slots(tmp_path: Path) -> None:
    async with open_desk(tmp_path, slots=2) as desk, desk.client() as client:
        held = [ask(client, f"hold {desk.gate('a')}") for _ in range(2)]
        await desk.occupied(2)
        third = ask(client, "say third")
        await desk.occupied(2, queued=1)
        assert "say third" not in desk.started()
        desk.gate("a").touch()
        await asyncio.gather(*held, third)
        assert desk.started()[-1] == "say third"


async def test_a_full_line_refuses_at_once_and_says_that_retrying_may_help(tmp_path: Path) -> None:
    async with open_desk(tmp_path, queue_limit=2) as desk, desk.client() as client:
        tasks = [ask(client, f"hold {desk.gate('a')}") for _ in range(3)]
        await desk.occupied(1, queued=2)
        with pytest.raises(Overloaded) as refused:
            await ask(client, "say no")
        assert (refused.value.blame, refused.value.retryable) == (Blame.SERVER, True)
        desk.gate("a").touch()
        await asyncio.gather(*tasks)
        assert (await ask(client, "say yes")).text == "yes"


async def test_a_partial_is_taken_while_a_slot_is_idle_and_refused_otherwise(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        assert (await ask(client, "say so far", priority=Priority.PARTIAL)).text == "so far"
        held = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        with pytest.raises(Overloaded):
            await ask(client, "say partial", priority=Priority.PARTIAL)
        final = ask(client, "say final")
        await desk.occupied(1, queued=1)
        desk.gate("a").touch()
        assert (await final).text == "final"
        await held
        assert "say partial" not in desk.started()


async def test_a_request_whose_deadline_passes_in_line_is_never_started(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        held = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        with pytest.raises(DeadlineExceeded):
            await ask(client, "say late", deadline_s=0.05)
        desk.gate("a").touch()
        await held
        await ask(client, "say next")
        assert "say late" not in desk.started()


async def test_the_server_itself_drops_what_is_late_even_if_its_client_still_waits(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        held = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        reader, writer = await asyncio.open_unix_connection(desk.socket_path)
        writer.write(frames.encode({"id": 7, "op": "transcribe", "deadline_s": 0.0}, b"say late"))
        await desk.occupied(1, queued=1)
        desk.gate("a").touch()
        answer = await frames.read(reader)
        assert answer is not None
        assert (answer.header["id"], answer.header["code"]) == (7, "deadline")
        await held
        assert "say late" not in desk.started()
        writer.close()


async def test_cancelling_the_caller_takes_its_request_out_of_the_line(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        held = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        gone = ask(client, "say never mind")
        await desk.occupied(1, queued=1)
        gone.cancel()
        await desk.occupied(1, queued=0)
        desk.gate("a").touch()
        await held
        await ask(client, "say next")
        assert "say never mind" not in desk.started()


async def test_cancelling_a_request_under_way_leaves_the_connection_usable(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        gone = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        gone.cancel()
        waiting = ask(client, "say next")
        await desk.occupied(1, queued=1)
        desk.gate("a").touch()
        assert (await waiting).text == "next"


async def test_a_client_that_goes_away_takes_its_waiting_requests_along(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client, desk.client() as leaving:
        held = ask(client, f"hold {desk.gate('a')}")
        await desk.occupied(1)
        lost = ask(leaving, "say lost")
        await desk.occupied(1, queued=1)
        await leaving.aclose()
        with pytest.raises(InferenceUnavailable):
            await lost
        await desk.occupied(1, queued=0)
        desk.gate("a").touch()
        await held


async def test_what_the_engine_cannot_read_is_the_clients_fault_and_not_retried(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        with pytest.raises(FleetError, match="cannot be read") as refused:
            await ask(client, "refuse")
        assert (refused.value.blame, refused.value.retryable) == (Blame.CLIENT, False)


async def test_a_request_that_fails_inside_the_engine_does_not_end_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        with pytest.raises(FleetError, match="ZeroDivisionError") as failed:
            await ask(client, "raise")
        assert failed.value.blame is Blame.SERVER
        assert (await ask(client, "say still here")).text == "still here"
        assert desk.engine.restarts == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        b"\x00\x00\x00\x02\x00\x00\x00\x00[]",
        b"\x00\x00\x00\x02\x00\x00\x00\x00{}",
        b'\x00\x00\x00\x09\x00\x00\x00\x00{"id"',
    ],
    ids=["another protocol", "sizes beyond bounds", "not an object", "no id", "cut off"],
)
async def test_garbage_closes_its_own_connection_and_no_other(tmp_path: Path, garbage: bytes) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        await ask(client, "say before")
        reader, writer = await asyncio.open_unix_connection(desk.socket_path)
        writer.write(garbage)
        writer.write_eof()
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        assert (await ask(client, "say after")).text == "after"


async def test_health_counts_what_runs_and_what_waits(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk, desk.client() as client:
        tasks = [ask(client, f"hold {desk.gate('a')}") for _ in range(3)]
        await desk.occupied(1, queued=2)
        whisper = (await client.health(deadline_s=5)).engines["whisper"]
        assert (whisper.ready, whisper.running, whisper.queued, whisper.slots) == (True, 1, 2, 1)
        desk.gate("a").touch()
        await asyncio.gather(*tasks)


async def test_nothing_is_ready_before_the_model_is_warm(tmp_path: Path) -> None:
    async with open_desk(tmp_path, is_ready=False) as desk, desk.client() as client:
        assert not (await client.health(deadline_s=5)).ready
        with pytest.raises(InferenceUnavailable) as refused:
            await ask(client, "say early")
        assert refused.value.retryable
        desk.gate("warm").touch()
        await until(lambda: desk.engine.health().ready)
        assert (await ask(client, "say now")).text == "now"
