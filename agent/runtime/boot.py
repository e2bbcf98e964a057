"""The outermost frame of a process: read its settings, serve, and end with an exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from agent.domain.errors import FleetError
from agent.runtime.settings import BaseProcessSettings, load

S = TypeVar("S", bound=BaseProcessSettings)


def run_process(name: str, kind: type[S], serve: Callable[[S], Coroutine[Any, Any, int | None]]) -> int:
    """Serve until told to stop; a fault we know is one sentence on stderr, never a traceback.

    Args:
        name: of the process, before the sentence.
        kind: its settings, read here.
        serve: returns the exit code, None for 0.

    Returns: the exit code: 1 when a setting is wrong or something needed at boot is not there.
    """
    try:
        return asyncio.run(serve(load(kind))) or 0
    except FleetError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
