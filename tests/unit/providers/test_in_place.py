"""Work too short for a thread is done by the loop's own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from agent.providers.in_place import InPlace


async def test_work_is_done_at_once_in_the_loops_thread() -> None:
    loop = asyncio.get_running_loop()
    passes: list[str] = []
    loop.call_soon(passes.append, "the loop went round")

    thread = await loop.run_in_executor(InPlace(), threading.get_ident)

    assert thread == threading.get_ident()
    assert not passes


async def test_an_error_reaches_who_awaits() -> None:
    with pytest.raises(ZeroDivisionError):
        await asyncio.get_running_loop().run_in_executor(InPlace(), divmod, 1, 0)
