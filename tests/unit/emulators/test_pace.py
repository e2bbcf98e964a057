"""Pieces of an answer in their time, and what each fault leaves of them."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.emulators.pace import Dropped, paced
from loadtest.emulators.profiles import Fault

PIECES = ["a", "b", "c", "d"]


async def come(fault: Fault, got: list[str]) -> None:
    async for piece in paced(PIECES, fault, garbage="?"):
        got.append(piece)  # noqa: PERF401


@pytest.mark.parametrize(("fault", "expected"), [(Fault.NONE, PIECES), (Fault.MALFORMED, ["?"] * 4)])
async def test_all_pieces_come(fault: Fault, expected: list[str]) -> None:
    got: list[str] = []
    await come(fault, got)
    assert got == expected


async def test_a_dropped_answer_ends_in_the_middle() -> None:
    got: list[str] = []
    with pytest.raises(Dropped):
        await come(Fault.DROPPING, got)
    assert got == ["a", "b"]


@pytest.mark.parametrize(("fault", "expected"), [(Fault.MUTE, []), (Fault.STALLING, ["a", "b"])])
async def test_an_answer_that_says_no_more_never_ends(fault: Fault, expected: list[str]) -> None:
    got: list[str] = []
    task = asyncio.create_task(come(fault, got))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    assert got == expected
    task.cancel()
