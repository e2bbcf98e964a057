"""Jobs and their worker's parent over a real socket: both ways, bounded, and never in anybody's way."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from agent.runtime.job_line import JobLine, Message, dial
from tests.unit.worker.job_line import listening, until


def nothing(_: Message) -> None:
    pass


async def test_a_job_is_greeted_heard_and_told_and_its_end_is_noticed() -> None:
    at_parent: list[Message] = []
    at_job: list[Message] = []
    async with listening(at_parent.append, lambda: {"hello": 1}) as (path, switch):
        line = await dial(path, at_job.append)
        assert line is not None
        await until(lambda: at_job == [{"hello": 1}])
        assert line.send({"text": "zwei\nZeilen"})
        await until(lambda: at_parent == [{"text": "zwei\nZeilen"}])
        switch.tell_all({"news": 2})
        await until(lambda: at_job[1:] == [{"news": 2}])
        line.close()
        await until(lambda: switch.jobs == 0)
    assert not path.exists()


async def test_the_last_words_of_a_job_are_read_though_the_parent_speaks_meanwhile() -> None:
    at_parent: list[Message] = []
    async with listening(at_parent.append, lambda: {"hello": 1}) as (path, switch):
        line = await dial(path, nothing)
        assert line is not None
        for number in range(100):
            line.send({"number": number})
        leaving = asyncio.create_task(line.hang_up())
        for _ in range(5):
            switch.tell_all({"news": 1})
            await asyncio.sleep(0)
        await leaving
        assert [message["number"] for message in at_parent] == list(range(100))
        assert not line.send({"too": "late"})


async def test_a_job_without_a_parent_goes_without(tmp_path: Path) -> None:
    assert await dial(None, nothing) is None
    assert await dial(tmp_path / "none.sock", nothing) is None


async def test_what_finds_no_room_is_dropped_and_counted() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        _, line = await asyncio.get_running_loop().create_connection(lambda: JobLine(nothing), sock=ours)
        sent = 0
        while line.send({"text": "x" * 10_000}):
            sent += 1
            assert sent < 1000
        assert line.lost == 1
        line.close()
    assert not line.send({"too": "late"})


async def test_a_line_that_is_no_message_is_skipped_and_an_endless_one_ends_the_connection() -> None:
    at_parent: list[Message] = []
    async with listening(at_parent.append, lambda: {}) as (path, switch):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b'no json\n[1]\n{"good": 1}\n')
        await until(lambda: at_parent == [{"good": 1}])
        writer.write(b"x" * 200_000)
        await until(lambda: switch.jobs == 0)
        async with asyncio.timeout(5):
            while await _reads(reader):
                pass
        writer.close()


async def _reads(reader: asyncio.StreamReader) -> bool:
    try:
        return bool(await reader.read(1000))
    except ConnectionError:
        return False
