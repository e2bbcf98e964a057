"""A whole kind of providers is gone, or the money is: what a caller can still do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadtest.caller.script import Line
from loadtest.chaos import breaker_rows, business, plan
from loadtest.chaos.calling import Errand, Made, says
from loadtest.chaos.heard import first_sound_ms
from loadtest.chaos.plan import GOOD, HOURS, LAST, RIDDLE, Kind, Target
from loadtest.chaos.report import LIMIT_MS
from loadtest.chaos.stage import Stage
from loadtest.chaos.telephone import Order
from loadtest.soak.store import fetch

_FAULT = "failing"
#: Providers without a local one behind them, all emulated, in the order in which they are asked.
_HOSTED: Mapping[Kind, tuple[Target, ...]] = {
    Kind.RECOGNISER: (
        Target(Kind.RECOGNISER, "deepgram/flux-general-en", "flux"),
        Target(Kind.RECOGNISER, "deepgram/nova-3", "listen"),
    ),
    Kind.VOICE: (
        Target(Kind.VOICE, "elevenlabs/eleven_flash_v2_5", "elevenlabs"),
        Target(Kind.VOICE, "deepgram/aura-2-andromeda-en", "speak"),
    ),
}
NAMES = ("recognisers", "models", "voices", "money")
#: A booking without a word: book, the second service, the first opening, that one, no name, a number, right, no more.
_KEYS = ("1", "2", "1", "1", "1", "5550123456", "1", "2")
_YES = "1"
#: So many answers that nobody ever said pass a cent, with the recogniser meanwhile.
_DEAR = plan.COLOURS[:6]
#: The budget, and what is on its way while that is spent; by the list of prices the call would cost 2.4 without one on
#: the stack with Flux, 1.6 on that with nova-3.
_MOST_CENTS = 1.5


@dataclass(frozen=True, slots=True)
class Case:
    """One outage.

    Attributes:
        what: as a sentence.
        lines: the caller's; while the line `struck_at` is said all of `gone` go, until the call is over.
        books: whether an appointment is to come of it.
        expected: patterns, each of which something the agent says has.
        budget: which budget is to be spent in the call; empty for none.
    """

    name: str
    what: str
    called: str
    lines: tuple[Line, ...]
    expected: tuple[str, ...]
    gone: tuple[Target, ...] = ()
    struck_at: int = 1
    books: bool = False
    budget: str = ""


def cases(targets: Mapping[Kind, Target], codes: Mapping[str, str]) -> list[Case]:
    """All of them."""
    questions = [plan.code_question(colour) for colour in _DEAR]
    by_keys = [Line(dtmf=keys) for keys in _KEYS]
    dear = tuple(codes[colour].lower() for colour in _DEAR)
    return [
        Case(
            "recognisers", "all recognisers are gone: the keys are offered, and a booking is made by them",
            business.HOSTED, (*says(GOOD, HOURS), Line(dtmf=_YES), *by_keys), ("press",), _HOSTED[Kind.RECOGNISER],
            books=True,
        ),
        Case(
            "models", "all models are gone: the rules carry on, and a booking is made",
            business.PLAIN, (*says(RIDDLE), *by_keys), ("sorry",), (targets[Kind.MODEL],), 0, books=True,
        ),
        Case(
            "voices", "all voices are gone: what was said before can still be said, and goodbye",
            business.HOSTED, tuple(says(GOOD, questions[0], LAST)), (), _HOSTED[Kind.VOICE],
        ),
        Case(
            "money", "a cent is spent: the call goes on with what costs nothing, and ends politely",
            business.PENNY, tuple(says(GOOD, *questions, RIDDLE, HOURS, LAST)),
            ("behind the building", *dear, "sorry", "monday", "bye"), budget="call",
        ),
    ]  # fmt: skip


def run(stage: Stage, only: Sequence[str]) -> list[str]:
    """One call each. Returns: what was wrong, in sentences.

    Args:
        only: names of cases, see NAMES; without one of those all are run.
    """
    codes = business.codes(stage.dice)
    _open_businesses(stage, codes)
    every = cases(stage.targets, codes)
    wrong = []
    for case in [case for case in every if case.name in only] or every:
        stage.console.rule(case.what)
        _close_breakers(stage)
        made = _call(case, stage)
        found = _faults(case, made, stage.database_url)
        for turn in made.stored.turns if made.stored else []:
            stage.console.print(f"{turn['role']:6} {turn['text']}")
        if made.stored:
            stage.console.print(f"  > it cost {made.stored.call['cost_cents']} cents")
        for sentence in found or ["as it should be"]:
            stage.console.print(f"  > {sentence}")
        wrong += [f"{case.what}: {sentence}" for sentence in found]
    return wrong


def _open_businesses(stage: Stage, codes: Mapping[str, str]) -> None:
    """Have the fleet serve those who are called here. Raises CommandFailed."""
    hosted = {kind.value: [target.name for target in targets] for kind, targets in _HOSTED.items()}
    stage.open_business(codes)
    for written in (
        business.document("hosted-dental", business.HOSTED, codes, providers=hosted),
        business.document("penny-dental", business.PENNY, codes, budget={"call_cents": 1}),
    ):
        business.open_business(stage.folder, written)


def _close_breakers(stage: Stage) -> None:
    """Have a call begin with every provider in use, whatever the one before did to them. Raises CommandFailed."""
    for target in {*stage.targets.values(), *itertools.chain(*_HOSTED.values())}:
        breaker_rows.close(stage.database_url, target)


def _call(case: Case, stage: Stage) -> Made:
    def strike() -> None:
        for target in case.gone:
            stage.emulators.strike(target.served, _FAULT)

    try:
        order = Order(case.struck_at, strike)
        return stage.calling.make(Errand(f"outage-{case.name}", case.called, case.lines, order))
    finally:
        stage.emulators.mend()


def _faults(case: Case, made: Made, database_url: str) -> list[str]:
    """What was not as it should be, in sentences."""
    found = list(made.heard.report["failures"])
    if made.stored is None:
        return [*found, "the call was not stored"]
    if not made.ended_well:
        found.append(f"it did not end well: {made.stored.call['outcome']}, {made.stored.call['hangup_by']} hung up")
    found += [f"nothing that was said had {pattern!r}" for pattern in case.expected if not made.stored.answers(pattern)]
    for line in range(len(made.heard.report["turns"])):
        heard_ms = first_sound_ms(made.heard.report, line)
        if heard_ms is None or heard_ms > LIMIT_MS:
            found.append(f"line {line + 1}: {'nothing' if heard_ms is None else f'{heard_ms:.0f} ms'} until a sound")
    if case.books and (count := asyncio.run(_bookings(database_url, made.caller))) != 1:
        found.append(f"{count} confirmed appointments instead of 1")
    return found + (beyond(case.budget, made.stored.call) if case.budget else [])


def beyond(budget: str, call: Mapping[str, Any]) -> list[str]:
    """What is wrong with the spending of a call's row, in sentences."""
    if call["budget_spent"] != budget:
        return [f"the record names no budget of the {budget} that was spent; the call cost {call['cost_cents']} cents"]
    if call["cost_cents"] > _MOST_CENTS:
        return [f"it went on to cost {call['cost_cents']} cents"]
    return []


async def _bookings(database_url: str, caller: str) -> int:
    (row,) = await fetch(
        database_url,
        "SELECT count(*) AS n FROM appointments a JOIN calls c ON c.id = a.call_id"
        " WHERE c.caller_e164 = $1 AND a.status = 'confirmed'",
        caller,
    )
    return int(row["n"])
