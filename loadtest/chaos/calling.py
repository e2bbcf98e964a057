"""Calls of the trials' own callers: each with a number nobody had, and what the fleet stored of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from loadtest.caller.script import Caller, End, Limits, Line, Scenario
from loadtest.chaos.telephone import Dialled, Order, Ringing, Telephone
from loadtest.soak.store import fetch, settled

#: Silence at the ear is waited for so long; then it is counted as this much.
CENSORED_S = 8.0
#: Quiet that ends the agent's turn: longer than a reply that breaks off and goes on may pause.
_QUIET_MS = 2000
_NUMBERS = 10_000_000
_CALL = """
SELECT id, status, outcome, hangup_by, facts->>'budget_spent' AS budget_spent,
       (facts->>'cost_cents')::float8 AS cost_cents FROM calls WHERE caller_e164 = $1
"""
_TURNS = "SELECT role, text, timings FROM turns WHERE call_id = $1 ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Stored:
    """A call as the fleet stored it: its row, and its turns in order."""

    call: dict[str, Any]
    turns: list[dict[str, Any]]

    @property
    def answers_to_words(self) -> list[dict[str, Any]]:
        """Of the agent's turns those that the caller's words began, as docs/latency.md has their timings."""
        timings = [turn["timings"] for turn in self.turns if turn["role"] == "agent"]
        return [each for each in timings if each.get("begun_by") == "words"]

    @property
    def said(self) -> str:
        """All of the agent's words, in lower case."""
        return " ".join(turn["text"] for turn in self.turns if turn["role"] == "agent").lower()

    def answers(self, pattern: str) -> bool:
        """Whether something the agent said fits a pattern."""
        return re.search(pattern, self.said) is not None


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be said to whom; the agent is to hang up after the last line, unless that is to hang up.

    Attributes:
        name: of the call, in files.
        called: the number.
        order: carried out before one of the lines, once every call with the same order has come so far.
    """

    name: str
    called: str
    lines: Sequence[Line]
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A call as it was heard, and as it was stored, if it was."""

    heard: Dialled
    caller: str
    stored: Stored | None

    @property
    def ended_well(self) -> bool:
        """Whether every line was said, the agent hung up, and nobody is to blame."""
        report = self.heard.report
        is_success = self.stored is not None and self.stored.call["outcome"] == "success"
        return not report["failures"] and report["ended_by"] == "agent" and is_success


def _numbers() -> itertools.count[int]:
    """Seconds of the epoch, and on: no call of the last weeks had them, whose caller might be recognised."""
    return itertools.count(int(time.time()))


@dataclass(frozen=True, slots=True)
class Calling:
    """Makes calls."""

    telephone: Telephone
    database_url: str
    _next: itertools.count[int] = field(default_factory=_numbers)

    def make(self, errand: Errand) -> Made:
        """One call. Raises: as `Telephone.dial`."""
        (made,) = self.make_at_once([errand])
        return made

    def make_at_once(self, errands: Sequence[Errand]) -> list[Made]:
        """All of them at the same time. Raises: as `Telephone.dial`."""
        callers = [f"+1555{next(self._next) % _NUMBERS:07d}" for _ in errands]
        heard = self.telephone.dial([_ringing(each, caller) for each, caller in zip(errands, callers, strict=True)])
        return [
            Made(each, caller, asyncio.run(_stored(self.database_url, caller)))
            for each, caller in zip(heard, callers, strict=True)
        ]


def says(*texts: str) -> list[Line]:
    """Lines that are spoken."""
    return [Line(say=text) for text in texts]


def _ringing(errand: Errand, caller: str) -> Ringing:
    hangs_up = bool(errand.lines[-1].hangup)
    scenario = Scenario(
        name=f"{errand.name}-{caller[-7:]}",
        caller=Caller.model_validate({"from": caller}),
        limits=Limits(answer_s=20.0, call_s=150.0, reply_s=CENSORED_S, silence_ms=_QUIET_MS),
        lines=list(errand.lines),
        end=End(expect_bye=not hangs_up, within_s=15.0),
    )
    return Ringing(errand.called, scenario, errand.order)


async def _stored(database_url: str, caller: str) -> Stored | None:
    """The one call of a number, once it is closed; None when it is not in time."""
    call = await settled(database_url, _CALL, caller, is_settled=_is_closed)
    if call is None or not _is_closed(call):
        return None
    turns = await fetch(database_url, _TURNS, call["id"])
    return Stored(call, [turn | {"timings": json.loads(turn["timings"])} for turn in turns])


def _is_closed(call: dict[str, Any]) -> bool:
    return bool(call["status"] == "ended")
