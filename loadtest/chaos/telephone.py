"""Calls by callers without an ear: each line when the agent has been quiet, and something ordered in between."""

from __future__ import annotations

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
from loadtest.caller.sip_message import parse_uri
from loadtest.chaos.meeting import Meeting, MeetingConversation

#: Between two calls that begin together: a worker has a few processes ready, and makes one in place of each it gave.
_APART_NS = 400_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done right before a line, counted from 0, once all calls have come so far."""

    at_line: int
    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that is to be made; those with the same order wait for each other before its line.

    Attributes:
        called: the number.
    """

    called: str
    scenario: Scenario
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Dialled:
    """A finished call.

    Attributes:
        report: as the caller's call.json has it.
        spurts: every stretch of the agent's speech, in nanoseconds of the same clock as `line_ends_ns`.
        line_ends_ns: of each line: its last sample, or its last key's end; 0 for one that was not said.
        was_there: it had come as far as the order's line when that was carried out; also where nothing was ordered.
    """

    report: dict[str, Any]
    spurts: tuple[Spurt, ...]
    line_ends_ns: tuple[int, ...]
    was_there: bool = True


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

    def dial(self, dialled: Sequence[Ringing]) -> list[Dialled]:
        """Make these calls at the same time.

        Raises:
            CallerError: a call could not be made, or recorded.
            Exception: what was ordered raised.
        """
        noise, numbered = NoiseMeter(), list(enumerate(dialled, 1))
        meetings = {
            order: Meeting(order.at_line, order.act, [number for number, each in numbered if each.order == order])
            for order in {each.order for each in dialled if each.order}
        }
        calls = [self._call(number, each, meetings[each.order] if each.order else None) for number, each in numbered]
        loop.run([(index * _APART_NS, call) for index, call in enumerate(calls)], None)
        for meeting in meetings.values():
            meeting.finish()
        return [
            self._filed(call, noise, was_there=each.order is None or call.number in meetings[each.order].had)
            for call, each in zip(calls, dialled, strict=True)
        ]

    def _call(self, number: int, ringing: Ringing, meeting: Meeting | None) -> Call:
        scenario = ringing.scenario
        called = parse_uri(f"sip:{ringing.called}@{self._to.host}:{self._to.port}")
        clips = voices.clips(scenario.caller.voice, texts) if (texts := scenario.spoken()) else {}
        call = Call(number, scenario, called, self._local_ip, clips, None, lambda at_ns, who, text: None)
        if meeting is not None:
            call.conversation = MeetingConversation(scenario, call.tracker, call.record, meeting, number)
        return call

    def _filed(self, call: Call, noise: NoiseMeter, *, was_there: bool) -> Dialled:
        folder = self._out / call.scenario.name
        folder.mkdir(parents=True, exist_ok=True)
        written = report.describe(call, noise, folder)
        call.write_recording(folder / "call.wav")
        report.write(written, folder / "call.json")
        ends_ns = tuple(turn.end_ns for turn in call.record.turns)
        return Dialled(written, tuple(call.tracker.spurts), ends_ns, was_there)
