"""Calls by callers without an ear: each line when the agent has been quiet, and something ordered in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtest.caller import loop, report, voices
from loadtest.caller.call import Call
from loadtest.caller.cli import route_to
from loadtest.caller.noise import NoiseMeter
from loadtest.caller.onset import Spurt
from loadtest.caller.script import Scenario
from loadtest.caller.sip_message import Uri, parse_uri

#: An order is a request or two on loopback.
_ORDER_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done while the first sound of a line, counted from 0, leaves."""

    at_line: int
    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Dialled:
    """A finished call.

    Attributes:
        report: as the caller's call.json has it.
        spurts: every stretch of the agent's speech, in nanoseconds of the same clock as `line_ends_ns`.
        line_ends_ns: of each line: its last sample, or its last key's end; 0 for one that was not said.
    """

    report: dict[str, Any]
    spurts: tuple[Spurt, ...]
    line_ends_ns: tuple[int, ...]


class Telephone:
    """Dials numbers.

    Args:
        to: SIP URI, of whose host every number is dialled.
        out: folder; each call gets one below it.
    """

    def __init__(self, to: str, out: Path) -> None:
        self._to = parse_uri(to)
        self._local_ip = route_to(self._to)
        self._out = out

    def dial(self, number: str, scenarios: Sequence[Scenario], order: Order | None = None) -> list[Dialled]:
        """Call once for each scenario, all at the same time.

        Raises:
            CallerError: a call could not be made, or recorded.
            Exception: what was ordered raised.
        """
        called = parse_uri(f"sip:{number}@{self._to.host}:{self._to.port}")
        noise, errand = NoiseMeter(), _Errand(order)
        calls = [self._call(place, scenario, called, errand) for place, scenario in enumerate(scenarios, 1)]
        loop.run([(0, call) for call in calls], None)
        errand.finish()
        return [self._filed(call, noise) for call in calls]

    def _call(self, place: int, scenario: Scenario, called: Uri, errand: _Errand) -> Call:
        clips = voices.clips(scenario.caller.voice, texts) if (texts := scenario.spoken()) else {}
        lines_begun = 0

        def announce(at_ns: int, who: str, text: str) -> None:
            nonlocal lines_begun
            if who == "caller":
                errand.line_begins(lines_begun)
                lines_begun += 1

        return Call(place, scenario, called, self._local_ip, clips, None, announce)

    def _filed(self, call: Call, noise: NoiseMeter) -> Dialled:
        folder = self._out / call.scenario.name
        folder.mkdir(parents=True, exist_ok=True)
        written = report.describe(call, noise, folder)
        call.write_recording(folder / "call.wav")
        report.write(written, folder / "call.json")
        ends_ns = tuple(turn.end_ns for turn in call.record.turns)
        return Dialled(written, tuple(call.tracker.spurts), ends_ns)


class _Errand:
    """Done in a thread, because the caller's loop must send a packet every 20 ms."""

    def __init__(self, order: Order | None) -> None:
        self._order = order
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    def line_begins(self, line: int) -> None:
        if self._order is not None and self._thread is None and line == self._order.at_line:
            self._thread = threading.Thread(target=self._run, args=(self._order,), name="chaos-order", daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Raises what the order raised."""
        if self._thread is not None:
            self._thread.join(_ORDER_LIMIT_S)
        if self._error is not None:
            raise self._error

    def _run(self, order: Order) -> None:
        try:
            order.act()
        except Exception as error:
            self._error = error
