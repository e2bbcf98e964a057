"""Callers who ask for a person: of a business that dials one (warm) and of one that leaves it to the carrier (cold)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.call.dialler import Dialler, Heard
from tests.call.stack import CallStack, wait_until

WARM, COLD = "+15550100300", "+15550100400"
FRONT_DESK, CARRIERS_DESK = "+15550109300", "+15550109400"
PUT_THROUGH, UNHEARD, CUT_SHORT, UNTAKEN = "+15550125001", "+15550125002", "+15550125003", "+15550125004"
REFERRED, REFERRED_IN_VAIN = "+15550125005", "+15550125006"
_COMMAND_S = 60
_FROM = Path("infra/local/tenants/riverside-dental.yaml")


@dataclass(frozen=True, slots=True)
class Pair:
    """A caller and the person they asked for, as each of them heard it."""

    caller: Heard
    person: Heard


@dataclass(frozen=True, slots=True)
class Afternoon:
    """Every call of these tests."""

    put_through: Pair
    away: Pair
    hangs_up: Pair
    busy: Pair
    referred: Heard
    referred_in_vain: Heard


@pytest.fixture(scope="module")
def afternoon(stack: CallStack, dial: Dialler, tmp_path_factory: pytest.TempPathFactory) -> Afternoon:
    folder = tmp_path_factory.mktemp("businesses")
    _open_businesses(stack, folder)
    referred = dial.begin("referred", REFERRED, to=COLD)
    in_vain = dial.begin("referred-in-vain", REFERRED_IN_VAIN, to=COLD, status="486", sorry="busy")
    put_through = _pair(dial, "person", "put-through", PUT_THROUGH)
    away = _pair(dial, "person-away", "put-through-in-vain", UNHEARD, sorry="picked up")
    hangs_up = _pair(dial, "person-hangs-up", "put-through-in-vain", CUT_SHORT, sorry="reach any")
    busy = _pair(dial, "person-busy", "put-through-in-vain", UNTAKEN, sorry="busy")
    return Afternoon(put_through, away, hangs_up, busy, referred.heard(), in_vain.heard())


def test_a_person_hears_who_is_on_the_line_and_then_the_caller(afternoon: Afternoon) -> None:
    assert (afternoon.put_through.person.failures, afternoon.put_through.caller.failures) == ([], [])
    briefing = afternoon.put_through.person.turn_with("on the line")
    digits = briefing.rpartition(" ")[2]
    assert (digits[:3], digits[-4:]) == ("555", PUT_THROUGH[-4:])  # in between the ear may hear a digit twice
    assert "question" in afternoon.put_through.person.agent_said


def test_the_caller_hears_the_person_and_nothing_of_the_briefing(afternoon: Afternoon) -> None:
    heard = afternoon.put_through.caller.agent_said
    assert "put you through" in heard
    assert "front desk" in heard
    assert "on the line" not in heard
    assert PUT_THROUGH[-4:] not in heard


def test_the_call_outlives_the_agent_and_ends_when_the_person_hangs_up(stack: CallStack, afternoon: Afternoon) -> None:
    assert afternoon.put_through.caller.report["ended_by"] == "agent"  # the far end: our side of the bridge
    row = stack.ended_call(PUT_THROUGH)
    assert (row["disposition"], row["outcome"]) == ("transferred", "success")
    assert "keeper" not in str(row["facts"])
    wait_until(lambda: not _open_records(stack), "nothing of it is left open", within_s=20)


@pytest.mark.parametrize("which", ["away", "hangs_up", "busy"])
def test_a_caller_whom_nobody_takes_is_back_with_the_agent_and_offered_a_message(
    stack: CallStack, afternoon: Afternoon, which: str
) -> None:
    pair: Pair = getattr(afternoon, which)
    assert pair.caller.failures == []
    assert "on the line" not in pair.caller.agent_said
    assert "message" in pair.caller.agent_said  # "Shall I take a message, so someone can call you back?"
    assert "goodbye" in pair.caller.agent_turns[-1]


def test_who_is_not_reached_was_not_transferred(stack: CallStack, afternoon: Afternoon) -> None:
    for caller in (UNHEARD, CUT_SHORT, UNTAKEN, REFERRED_IN_VAIN):
        assert stack.ended_call(caller)["disposition"] == "declined"


def test_a_person_who_does_not_answer_is_not_rung_for_ever(afternoon: Afternoon) -> None:
    setup: dict[str, Any] = afternoon.away.person.report["setup"]
    assert setup["status"] == 487
    assert setup["answer_ms"] is None


def test_the_carrier_is_asked_to_take_the_caller_and_hangs_up_on_us(stack: CallStack, afternoon: Afternoon) -> None:
    assert afternoon.referred.failures == []
    assert afternoon.referred.report["referred_to"] == f"tel:{CARRIERS_DESK}"
    assert stack.ended_call(REFERRED)["disposition"] == "transferred"


def test_a_caller_the_carrier_could_not_place_is_back_with_the_agent(afternoon: Afternoon) -> None:
    heard = afternoon.referred_in_vain
    assert heard.failures == []
    assert heard.report["referred_to"] == f"tel:{CARRIERS_DESK}"
    assert "message" in heard.turn_with("busy")


def _pair(dial: Dialler, person: str, scenario: str, caller: str, **values: str) -> Pair:
    """One after the other: the trunk leads to one telephone."""
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


def _open_records(stack: CallStack) -> list[dict[str, Any]]:
    return [row for caller in (PUT_THROUGH, REFERRED) for row in stack.calls(caller) if row["status"] != "ended"]
