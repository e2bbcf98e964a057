"""Callers with errands of several steps, in three lanes at once; in a lane one call follows another."""

from __future__ import annotations

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.call.dialler import Dialler, Heard
from tests.call.stack import CallStack
from tests.call.wishes import Day, open_thursday

WARM, COLD = "+15550100300", "+15550100400"
FRONT_DESK, CARRIERS_DESK = "+15550109300", "+15550109400"
PUT_THROUGH, UNHEARD, CUT_SHORT, UNTAKEN = "+15550125001", "+15550125002", "+15550125003", "+15550125004"
REFERRED, REFERRED_IN_VAIN = "+15550125005", "+15550125006"
REGULAR, ASKING, WRITING, CURIOUS = "+15550127001", "+15550127002", "+15550127003", "+15550127004"
REGULARS_KEYS = REGULAR.removeprefix("+1")
_COMMAND_S = 60
_FROM = Path("infra/local/tenants/riverside-dental.yaml")


@dataclass(frozen=True, slots=True)
class Regular:
    """One number that calls three times: books by keys alone, moves that by voice, cancels it.

    Attributes:
        day: to which it is moved, at 2 PM.
    """

    day: Day
    by_keys: Heard
    move: Heard
    cancel: Heard


@dataclass(frozen=True, slots=True)
class Pair:
    """A caller and the person they asked for, as each of them heard it."""

    caller: Heard
    person: Heard


@dataclass(frozen=True, slots=True)
class People:
    """Callers who want a person, first of a business that dials one, then of one that leaves it to its carrier."""

    put_through: Pair
    away: Pair
    hangs_up: Pair
    busy: Pair
    referred: Heard
    referred_in_vain: Heard


@dataclass(frozen=True, slots=True)
class Errands:
    """Callers who want neither a person nor an appointment."""

    questions: Heard
    message: Heard
    knowledge: Heard


@dataclass(frozen=True, slots=True)
class Afternoon:
    """The lanes; a result waits for its lane's last call."""

    people: Future[People]
    regular: Future[Regular]
    errands: Future[Errands]


def begin_afternoon(stack: CallStack, dial: Dialler, folder: Path) -> Afternoon:
    """Open two businesses more and dial; returns before anybody is answered."""
    _open_businesses(stack, folder)
    lanes = ThreadPoolExecutor(3, thread_name_prefix="lane")
    afternoon = Afternoon(lanes.submit(_people, dial), lanes.submit(_regular, dial), lanes.submit(_errands, dial))
    lanes.shutdown(wait=False)
    return afternoon


def _people(dial: Dialler) -> People:
    """One after the other: the trunk leads to one telephone."""
    return People(
        put_through=_pair(dial, "person", "put-through", PUT_THROUGH),
        away=_pair(dial, "person-away", "put-through-in-vain", UNHEARD, sorry="picked up"),
        hangs_up=_pair(dial, "person-hangs-up", "put-through-in-vain", CUT_SHORT, sorry="reach any"),
        busy=_pair(dial, "person-busy", "put-through-in-vain", UNTAKEN, sorry="busy"),
        referred=dial.begin("referred", REFERRED, to=COLD).heard(),
        referred_in_vain=dial.begin("referred-in-vain", REFERRED_IN_VAIN, to=COLD, status="486", sorry="busy").heard(),
    )


def _regular(dial: Dialler) -> Regular:
    day = open_thursday(3)
    by_keys = dial.begin("keys-only", REGULAR, service_key="2", phone=REGULARS_KEYS).heard()
    move = dial.begin("move", REGULAR, day=day.spoken).heard()
    cancel = dial.begin("cancel", REGULAR).heard()
    return Regular(day, by_keys, move, cancel)


def _errands(dial: Dialler) -> Errands:
    return Errands(
        questions=dial.begin("three-questions", ASKING).heard(),
        message=dial.begin("message", WRITING, number=WRITING.removeprefix("+1")).heard(),
        knowledge=dial.begin("knowledge", CURIOUS).heard(),
    )


def _pair(dial: Dialler, person: str, scenario: str, caller: str, **values: str) -> Pair:
    waiting = dial.answer(person)
    calling = dial.begin(scenario, caller, to=WARM, **values)
    return Pair(calling.heard(), waiting.heard())


def _open_businesses(stack: CallStack, folder: Path) -> None:
    """Two businesses beside the demo's, and their numbers beside its."""
    warm = {"number": FRONT_DESK, "kind": "warm", "hours": "always", "ring_timeout_s": 6}
    cold = {"number": CARRIERS_DESK, "kind": "cold", "hours": "always"}
    files = [_business(folder, "lakeside-dental", WARM, warm), _business(folder, "hillside-dental", COLD, cold)]
    plan = yaml.safe_load(Path("sip/plan.yaml").read_text())
    plan["carriers"][0]["numbers"] += [WARM, COLD]
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    _voicefleet(stack, folder, "tenant", "apply", *map(str, files))
    for action in ("apply", "plan"):  # the second finds nothing to do, the outbound trunk included
        _voicefleet(stack, folder, "sip", action, str(folder / "plan.yaml"))


def _business(folder: Path, slug: str, number: str, transfer: dict[str, object]) -> Path:
    document = yaml.safe_load(_FROM.read_text())
    document |= {"slug": slug, "name": slug.replace("-", " ").title(), "numbers": [number], "transfer": transfer}
    document |= {"recording": "off", "recording_text": ""}
    file = folder / f"{slug}.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def _voicefleet(stack: CallStack, folder: Path, *words: str) -> None:
    log = folder / "voicefleet.log"
    process = stack.begin_inside(sys.executable, "-m", "agent.cli", *words, log=log)
    assert process.wait(_COMMAND_S) == 0, log.read_text()
