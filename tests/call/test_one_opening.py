"""One staff member, one opening, two callers who ask for it at the same moment, and rubbish on their wires."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.call.dialler import BAYVIEW, Dialler, Heard
from tests.call.stack import CallStack, wait_until
from tests.call.wishes import BAYVIEW_ZONE, open_thursday, spoken_clock

FIRST, SECOND = "+15550122001", "+15550122002"
_OFFERED = "which would you like"
_THROW_DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Pair:
    """Both calls as they were heard, and what was thrown at the stack meanwhile."""

    heard: list[Heard]
    rubbish: dict[str, int]
    sip_before: dict[str, Any]


@pytest.fixture(scope="module")
def pair(stack: CallStack, dial: Dialler, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("rubbish")
    sip_port = int(stack.record()["sip_port"])
    before = stack.part("livekit-sip")
    rubbish = {"malformed requests": _throw(stack, folder, "sip", [sip_port])}
    pending = dial.begin("booking", FIRST, to=BAYVIEW, calls=2, day=open_thursday().spoken, time="2 PM")
    wait_until(lambda: pending.transcript().count("answered") == 2, "both are answered", within_s=40)
    rubbish["media"] = _throw(stack, folder, "rtp", _media_ports(stack))
    rubbish["malformed requests"] += _throw(stack, folder, "sip", [sip_port])
    return Pair(pending.all(), rubbish, before)


def test_of_two_callers_for_one_opening_one_gets_it_and_the_other_is_offered_another(
    stack: CallStack, pair: Pair
) -> None:
    assert [heard.failures for heard in pair.heard] == [[], []]
    rows = [row for caller in (FIRST, SECOND) for row in stack.bookings(caller)]
    assert len(rows) == 2
    wished_at = open_thursday().at("14:00", BAYVIEW_ZONE)
    assert [row["start_at"] == wished_at for row in rows].count(True) == 1
    was_offered = [_OFFERED in heard.agent_said or "would that work" in heard.agent_said for heard in pair.heard]
    assert was_offered == [row["start_at"] != wished_at for row in rows]


def test_each_of_them_heard_the_time_that_is_stored(stack: CallStack, pair: Pair) -> None:
    for caller, heard in zip((FIRST, SECOND), pair.heard, strict=True):
        (row,) = stack.bookings(caller)
        assert spoken_clock(row["start_at"].astimezone(BAYVIEW_ZONE)) in heard.turn_with("is that right")


def test_the_two_bookings_of_one_staff_member_do_not_overlap(stack: CallStack, pair: Pair) -> None:
    rows = sorted((row for c in (FIRST, SECOND) for row in stack.bookings(c)), key=lambda row: row["busy_from"])
    assert rows[0]["staff_id"] == rows[1]["staff_id"]
    assert rows[0]["busy_to"] <= rows[1]["busy_from"]


def test_a_business_that_does_not_record_says_nothing_of_it_and_leaves_no_file(stack: CallStack, pair: Pair) -> None:
    assert "automated assistant" in pair.heard[0].agent_said
    assert "recorded" not in pair.heard[0].agent_said
    assert stack.ended_call(FIRST)["recording"] == "off"
    assert not (stack.state / "recordings" / "bayview-auto-repair").exists()


def test_rubbish_from_an_allowed_address_changes_nothing_for_callers_who_book(stack: CallStack, pair: Pair) -> None:
    """Media of no format, source or type agreed on, and SIP that is none, while both calls were up."""
    assert min(pair.rubbish.values()) > 0
    assert [heard.failures for heard in pair.heard] == [[], []]
    assert [len(stack.bookings(caller)) for caller in (FIRST, SECOND)] == [1, 1]
    after = stack.part("livekit-sip")
    assert (after["identity"], after["state"]) == (pair.sip_before["identity"], "healthy")


def _throw(stack: CallStack, folder: Path, what: str, ports: list[int]) -> int:
    """How many datagrams left, from an address the plan allows."""
    log = folder / f"{what}.log"
    words = [sys.executable, "-m", "tests.call.thrown", what, "127.0.0.1", *map(str, ports)]
    process = stack.begin_inside(*words, log=log)
    if process.wait(_THROW_DEADLINE_S) != 0:
        pytest.fail(log.read_text())
    return int(log.read_text())


def _media_ports(stack: CallStack) -> list[int]:
    """Ports livekit-sip takes RTP on just now, from the kernel's tables of its namespace."""
    folder = Path(f"/proc/{stack.pid('livekit-sip')}/net")
    tables = "".join((folder / name).read_text() for name in ("udp", "udp6"))
    ports = {int(found, 16) for found in re.findall(r"^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ", tables, re.M)}
    media = sorted(port for port in ports if 20_000 <= port <= 20_999)
    assert media, "no call is up"
    return media
