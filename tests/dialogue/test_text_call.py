"""Text calls: every step is reported whole, and nothing stays held after the last."""

from __future__ import annotations

import json
from datetime import date, time
from itertools import pairwise
from uuid import UUID

import pytest

from agent.dialogue.text_call import TextCall
from agent.dialogue.turn_report import TurnReport
from agent.domain.errors import DeadlineExceeded
from agent.domain.events import Booked, Held, HoldLost, StoreFailed
from agent.domain.facts import When
from agent.domain.lines import LineKey
from agent.domain.openings import Opening
from agent.domain.outcome import Disposition
from agent.domain.passages import Finding, Found, Verdict
from agent.domain.requests import ConfirmBooking, HoldOpening, ReleaseHold
from agent.domain.state import Stage
from agent.scheduling.memory_desk import MemoryDesk
from agent.understanding import Cascade
from tests.dialogue.fakes import CALLER, NOW, TENANT, Desk

TO_THE_READBACK = ("I'd like a cleaning.", "Thursday at 3 PM.", "Dana Smith.", "555-012-3456.")
THURSDAY_AT_THREE = NOW.replace(month=12, day=3, hour=20)


def call_at(desk: MemoryDesk) -> TextCall:
    return TextCall(TENANT, desk, lambda: NOW, caller_number=CALLER)


async def reports_of(call: TextCall, *words: str) -> list[TurnReport]:
    return [await call.answer(), *[await call.say(each) for each in words]]


def stages(reports: list[TurnReport]) -> list[str]:
    return [report.after.stage.value for report in reports]


def done(report: TurnReport) -> list[tuple[type, type]]:
    return [(type(effect), type(outcome)) for effect, outcome in report.outcomes]


async def test_a_booking_is_reported_step_by_step_and_ends_booked() -> None:
    desk = Desk()
    call = call_at(desk)
    reports = await reports_of(call, *TO_THE_READBACK, "Yes.", "No, thanks.")
    assert stages(reports) == ["service", "time", "name", "phone", "confirming", "done", "ended"]
    assert [report.turn for report in reports] == list(range(7))
    assert all(one.after == other.before for one, other in pairwise(reports))
    assert reports[0].lines[0].key is LineKey.GREETING
    assert reports[1].understood == {"service_id": "cleaning"}
    assert reports[1].heard == "I'd like a cleaning."
    assert done(reports[2]) == [(HoldOpening, Held)]
    assert "Thursday, December 3rd at 3 PM" in reports[4].spoken
    assert done(reports[5]) == [(ConfirmBooking, Booked)]
    assert [report.disposition for report in reports[-2:]] == [None, Disposition.BOOKED]
    (booking,) = desk.bookings
    assert (booking.opening.start_at, booking.name, booking.phone) == (THURSDAY_AT_THREE, "Dana Smith", CALLER)


async def test_a_correction_is_reported_with_the_exchange_of_its_hold() -> None:
    desk = Desk()
    call = call_at(desk)
    first = (await reports_of(call, *TO_THE_READBACK))[-1].after.hold
    report = await call.say("No, Friday.")
    assert first is not None
    assert report.understood["when"] == When(date(2026, 12, 4), date(2026, 12, 4))
    assert report.changes["when"] == When(date(2026, 12, 4), date(2026, 12, 4), time(15))
    assert done(report) == [(ReleaseHold, type(None)), (HoldOpening, Held)]
    assert report.outcomes[0][0] == ReleaseHold(first.id)
    assert [entry.id for entry in desk.holds] == [report.after.hold and report.after.hold.id]


async def test_a_yes_to_a_read_back_that_was_cut_off_books_nothing() -> None:
    desk = Desk()
    call = call_at(desk)
    await reports_of(call, *TO_THE_READBACK)
    cut = call.cut(0.4)
    assert cut.changes == {"is_readback_heard": False}
    assert cut.spoken == ""
    again = await call.say("Yes.")
    assert again.lines[0].key is LineKey.READ_BACK_SHORT
    assert not desk.bookings
    await call.say("Yes.")
    assert len(desk.bookings) == 1


async def test_a_read_back_cut_at_its_very_end_was_heard() -> None:
    desk = Desk()
    call = call_at(desk)
    await reports_of(call, *TO_THE_READBACK)
    assert call.cut(0.95).changes == {}
    await call.say("Yes.")
    assert len(desk.bookings) == 1


async def test_trouble_with_the_store_is_reported_and_a_second_try_books_once() -> None:
    desk = Desk()
    call = call_at(desk)
    await reports_of(call, *TO_THE_READBACK)
    desk.is_down = True
    failed = await call.say("Yes.")
    assert done(failed) == [(ConfirmBooking, StoreFailed)]
    assert failed.after.stage is Stage.TROUBLE
    desk.is_down = False
    assert done(await call.say("Yes, please.")) == [(ConfirmBooking, Booked)]
    assert len(desk.bookings) == 1


async def test_effects_that_follow_from_an_outcome_are_reported_after_it() -> None:
    class Racing(Desk):
        """Somebody else is quicker by one member of staff."""

        async def hold(self, *args: object, **named: object) -> object:  # type: ignore[override]
            opening = args[2]
            if not self.entries and isinstance(opening, Opening):
                await MemoryDesk.hold(self, TENANT, TENANT.id, opening, "cleaning")
            return await super().hold(*args, **named)

    call = call_at(Racing())
    report = (await reports_of(call, "A cleaning on Thursday at 3 PM."))[-1]
    assert done(report) == [(HoldOpening, HoldLost), (HoldOpening, Held)]
    assert report.after.stage is Stage.NAME


async def test_hanging_up_gives_the_hold_back() -> None:
    desk = Desk()
    call = call_at(desk)
    await reports_of(call, *TO_THE_READBACK)
    assert len(desk.holds) == 1
    last = await call.hang_up()
    assert not desk.holds
    assert last.disposition is Disposition.ABANDONED
    assert call.is_ended


async def test_a_reply_that_never_ends_is_a_fault_and_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    call = call_at(desk)
    await reports_of(call, *TO_THE_READBACK)
    desk.gate.clear()
    monkeypatch.setattr("agent.dialogue.text_call._LONGEST_REPLY_S", 0.0)
    with pytest.raises(DeadlineExceeded):
        await call.say("Yes.")
    monkeypatch.undo()
    desk.gate.set()
    await call.hang_up()
    assert not desk.holds


async def test_silences_are_counted_until_the_caller_speaks() -> None:
    call = call_at(Desk())
    await call.answer()
    assert (await call.stay_silent()).lines[0].key is LineKey.ASK_HELP
    assert (await call.stay_silent()).lines[0].key is LineKey.STILL_THERE
    await call.say("A cleaning.")
    assert (await call.stay_silent()).lines[0].key is LineKey.ASK_WHEN
    await call.stay_silent()
    assert (await call.stay_silent()).disposition is Disposition.ABANDONED


async def test_a_caller_who_calls_back_on_the_same_desk_is_not_booked_twice() -> None:
    desk = Desk()
    await reports_of(call_at(desk), *TO_THE_READBACK, "Yes.")
    (booking,) = desk.bookings
    with_hold = await desk.hold(TENANT, booking.id, booking.opening, "cleaning")
    assert with_hold is None
    again = await reports_of(call_at(desk), *TO_THE_READBACK, "Yes.")
    assert booking.opening.staff_id != again[2].after.hold.opening.staff_id  # type: ignore[union-attr]
    assert desk.bookings == (booking,)
    assert not desk.holds


async def test_a_report_as_json_says_only_what_was_set_and_what_changed() -> None:
    call = call_at(Desk())
    report = (await reports_of(call, "A cleaning on Thursday at 3 PM."))[-1]
    document = json.loads(json.dumps(report.to_json()))
    assert document["event"] == "said"
    assert document["understood"] == {
        "service_id": "cleaning",
        "when": {"first_on": "2026-12-03", "last_on": "2026-12-03", "at": "15:00:00"},
    }
    assert (document["state"]["before"], document["state"]["after"]) == ("service", "name")
    assert document["state"]["changes"]["service_id"] == "cleaning"
    assert "phone" not in document["state"]["changes"]
    (effect,) = document["effects"]
    assert (effect["effect"], effect["outcome"]["event"]) == ("hold_opening", "held")
    assert effect["opening"]["start_at"] == THURSDAY_AT_THREE.isoformat()
    assert document["disposition"] is None


PARKING = Found(UUID(int=7), 2, "riverside-dental/visits.md", "parking", "Parking", "Behind the house.", 0.9)


class Shelf:
    """A base whose one passage answers what speaks of a car, or may answer what speaks of a bike."""

    async def find(self, question: str) -> Finding | None:
        verdict = Verdict.ACCEPT if "car" in question else Verdict.CONFIRM if "bike" in question else Verdict.REFUSE
        return Finding(verdict, (PARKING,), 0.6, 0.4)


def cited(report: TurnReport) -> list[tuple[str, str, float]]:
    return [(each["passage"], each["used"], each["score"]) for each in report.to_json()["cited"]]


async def test_a_step_names_the_passages_behind_its_words_also_a_turn_after_they_were_found() -> None:
    call = TextCall(TENANT, Desk(), lambda: NOW, caller_number=CALLER, cascade=Cascade(TENANT, library=Shelf()))
    words = (
        "I'd like a cleaning.",
        "Where do I leave my car?",
        "What do I do with my bike?",
        "Yes.",
        "Who made you so?",
    )
    reports = await reports_of(call, *words)
    name = "riverside-dental/visits.md#parking"
    assert [cited(report) for report in reports] == [
        [], [], [(name, "spoken", 0.9)], [(name, "asked_about", 0.9)], [(name, "spoken", 0.9)],
        [(name, "passed_over", 0.9)],
    ]  # fmt: skip
    assert [report.after.stage for report in reports[1:]] == [Stage.TIME] * 5
    assert "Behind the house." in reports[4].spoken


async def test_a_question_in_between_costs_nothing_that_is_known_and_the_open_question_comes_again() -> None:
    call = TextCall(TENANT, Desk(), lambda: NOW, caller_number=CALLER, cascade=Cascade(TENANT, library=Shelf()))
    await reports_of(call, *TO_THE_READBACK[:2])
    before = call.state
    asked = await call.say("My car is quite long, is there somewhere for me to leave it?")
    assert asked.spoken.startswith("Behind the house. ")
    assert asked.spoken.endswith("?")
    after = call.state
    assert (after.stage, after.hold, after.question, after.misses) == (Stage.NAME, before.hold, before.question, 0)
    reports = [await call.say(each) for each in (*TO_THE_READBACK[2:], "Yes.")]
    assert stages(reports) == ["phone", "confirming", "done"]
