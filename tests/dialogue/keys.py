"""Calls on a telephone that is pressed, on virtual time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from tests.dialogue.fakes import Caller
from tests.dialogue.telephone import Telephone
from tests.dialogue.virtual_time import run_virtually

#: A new appointment, the first service, the first opening, the first of two.
TO_THE_NAME = ("1", "1", "1", "1")
TO_THE_NUMBER = (*TO_THE_NAME, "1")


def virtually(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        run_virtually(test())

    del run.__wrapped__  # type: ignore[attr-defined]  # else pytest awaits it on its own loop
    return run


async def at(*entries: str, caller: Caller | None = None) -> Telephone:
    """A telephone on which these entries have been made, each heard out."""
    phone = Telephone(caller)
    await phone.answered()
    for keys in entries:
        await phone.keys(keys)
    return phone
