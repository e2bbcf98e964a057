"""What the judge makes of calls, and how sure the figures are."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import PATIENCE, Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import Exchange, Transcript
from loadtest.evaluation.hearing import listen
from loadtest.evaluation.intervals import upper_bound, wilson
from loadtest.evaluation.judge import Result, judge
from loadtest.evaluation.message_pursuits import LeavingMessage
from loadtest.evaluation.phrasing import Utterance
from loadtest.evaluation.plans import Booking, Goal, Plan, draw
from loadtest.evaluation.pursuits import Agreement
from loadtest.evaluation.wrong_rows import Wrong

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
NOW = datetime(2026, 12, 1, 8)
WISH = Booking("cleaning", datetime(2026, 12, 10, 10, 30), "Dana Smith", "+15550123456")
READ_BACK = "So that's cleaning on Thursday, December 10th at {}, for Dana Smith, phone: 555-012-3456. Is that right?"


def call_for(
    *goals: Goal, booked: tuple[Booking, ...] = (), others: tuple[tuple[str, datetime], ...] = ()
) -> Transcript:
    plan = Plan(1, NOW, WISH.name, WISH.phone, WISH.phone, goals, booked, others)
    return Transcript(plan, Caller(plan, BUSINESS, Corpus("held_back"), random.Random(1)))


def row(booking: Booking, *, is_new: bool = True, status: str = "confirmed") -> dict[str, Any]:
    return {
        "service_id": booking.service_id, "start": booking.start.isoformat(), "name": booking.name,
        "phone": booking.phone, "status": status, "is_new": is_new,
    }  # fmt: skip


def agree(call: Transcript, text: str, *, is_right: bool) -> None:
    heard = listen(text, BUSINESS, NOW.date())
    call.caller.pursuits[0].agreements.append(Agreement(heard, WISH, is_right))


def test_a_row_as_wished_is_a_booking_done() -> None:
    call = call_for(Goal("book", WISH))
    call.rows = [row(WISH)]
    verdict = judge(call)
    assert [each.result for each in verdict.goals] == [Result.DONE]
    assert verdict.is_good


@pytest.mark.parametrize(
    "other",
    [
        {"start": datetime(2026, 12, 10, 11)},
        {"phone": "+15550123457"},
        {"name": "Dana Smyth"},
        {"service_id": "filling"},
    ],
)
def test_a_row_that_differs_in_anything_is_wrong(other: dict[str, Any]) -> None:
    call = call_for(Goal("book", WISH))
    call.rows = [row(replace(WISH, **other))]
    verdict = judge(call)
    assert [each.result for each in verdict.goals] == [Result.FAILED]
    assert [fault.wrong for fault in verdict.faults] == [Wrong.UNASKED]


def test_a_wrong_row_that_the_caller_agreed_to_is_told_from_one_that_was_read_back_right() -> None:
    wrong = row(replace(WISH, start=datetime(2026, 12, 10, 11)))
    misled, betrayed = call_for(Goal("book", WISH)), call_for(Goal("book", WISH))
    agree(misled, READ_BACK.format("11 AM"), is_right=False)
    agree(betrayed, READ_BACK.format("10:30 AM"), is_right=True)
    misled.rows = betrayed.rows = [wrong]
    assert [fault.wrong for fault in judge(misled).faults] == [Wrong.AGREED]
    assert [fault.wrong for fault in judge(betrayed).faults] == [Wrong.DIFFERS]


def test_an_appointment_that_nobody_wanted_changed_must_still_stand() -> None:
    other = replace(WISH, start=datetime(2026, 12, 17, 9))
    call = call_for(Goal("cancel", own=WISH), booked=(WISH, other))
    call.rows = [row(WISH, is_new=False, status="cancelled"), row(other, is_new=False, status="cancelled")]
    verdict = judge(call)
    assert [each.result for each in verdict.goals] == [Result.DONE]
    assert [fault.wrong for fault in verdict.faults] == [Wrong.LOST]


def results(call: Transcript) -> list[Result]:
    return [each.result for each in judge(call).goals]


def wrongs(call: Transcript) -> list[Wrong]:
    return [fault.wrong for fault in judge(call).faults]


def test_a_wish_is_for_one_row_and_the_second_is_wrong() -> None:
    call = call_for(Goal("book", WISH))
    agree(call, READ_BACK.format("10:30 AM"), is_right=True)
    call.rows = [row(WISH), row(WISH)]
    assert (results(call), wrongs(call)) == ([Result.DONE], [Wrong.TWICE])


def test_two_wishes_need_two_rows() -> None:
    call = call_for(Goal("book", WISH), Goal("book", WISH))
    call.rows = [row(WISH)]
    assert (results(call), wrongs(call)) == ([Result.DONE, Result.FAILED], [])


STRANGER = Booking("filling", datetime(2026, 12, 9, 9), "Somebody Else", "+15550000000")
UNNAMED = {**row(STRANGER, is_new=False), "name": None, "phone": None}  # as by voice


@pytest.mark.parametrize("stood", [row(STRANGER, is_new=False), UNNAMED])
def test_a_strangers_appointment_must_stand_as_it_did(stood: dict[str, Any]) -> None:
    call = call_for(Goal("book", WISH), others=((STRANGER.service_id, STRANGER.start),) * 2)
    call.rows = [row(WISH), stood, stood]
    assert judge(call).is_good
    call.rows = [row(WISH), stood, {**stood, "status": "cancelled"}]
    assert (results(call), wrongs(call)) == ([Result.DONE], [Wrong.LOST])
    call.rows = [row(WISH), stood, {**stood, "start": datetime(2026, 12, 9, 13).isoformat()}]
    assert wrongs(call) == [Wrong.LOST]


MOVED_TO = replace(WISH, start=datetime(2026, 12, 17, 9))
ELSEWHERE = replace(WISH, start=datetime(2026, 12, 18, 9))


@pytest.mark.parametrize(
    ("old", "new", "result", "wrong"),
    [
        ("cancelled", [MOVED_TO], Result.DONE, []),
        ("cancelled", [], Result.FAILED, [Wrong.LOST]),
        ("confirmed", [], Result.FAILED, []),
        ("cancelled", [ELSEWHERE], Result.FAILED, [Wrong.UNASKED]),
        ("confirmed", [MOVED_TO], Result.FAILED, []),
        ("cancelled", [WISH], Result.FAILED, []),
        ("cancelled", [MOVED_TO, MOVED_TO], Result.DONE, [Wrong.TWICE]),
    ],
)
def test_a_move_leaves_one_appointment_and_never_none(
    old: str, new: list[Booking], result: Result, wrong: list[Wrong]
) -> None:
    call = call_for(Goal("move", MOVED_TO, own=WISH), booked=(WISH,))
    call.rows = [row(WISH, is_new=False, status=old), *(row(each) for each in new)]
    assert (results(call), wrongs(call)) == ([result], wrong)


def test_whoever_leaves_in_the_middle_of_a_move_still_has_his_appointment() -> None:
    call = call_for(Goal("move", MOVED_TO, own=WISH), booked=(WISH,))
    call.caller.left_because = "plan"
    call.rows = [row(WISH, is_new=False, status="cancelled")]
    assert (results(call), wrongs(call)) == ([Result.LEFT], [Wrong.LOST])


def test_a_row_with_neither_name_nor_number_is_somebodys_mistake() -> None:
    call = call_for(Goal("ask", questions=("ask_hours",)))
    call.rows = [{**row(WISH), "name": None, "phone": None}]
    assert wrongs(call) == [Wrong.UNASKED]


MESSAGE = {"reason": "message", "name": WISH.name, "phone": WISH.phone, "is_urgent": None, "is_confirmed": True}


@pytest.mark.parametrize(
    ("other", "result"),
    [
        ({}, Result.DONE),
        ({"is_confirmed": False}, Result.FAILED),
        ({"phone": "+15550123457"}, Result.FAILED),
        ({"is_urgent": True}, Result.FAILED),
        ({"text": "Something else was understood altogether."}, Result.FAILED),
        ({"reason": "not_understood"}, Result.FAILED),
    ],
)
@pytest.mark.parametrize("kind", ["message", "message_instead"])
def test_a_message_is_left_when_it_stands_as_it_was_said(kind: str, other: dict[str, Any], result: Result) -> None:
    call = call_for(Goal(kind))
    (pursuit,) = call.caller.pursuits
    assert isinstance(pursuit, LeavingMessage)
    call.messages = [{**MESSAGE, "text": pursuit.text, **other}]
    assert [each.result for each in judge(call).goals] == [result]


def test_a_message_that_nobody_left_and_a_promise_that_nobody_can_keep_are_not_good() -> None:
    stray = call_for(Goal("book", WISH))
    stray.rows, stray.messages = [row(WISH)], [{**MESSAGE, "text": "Yes."}]
    assert (judge(stray).stray_messages, judge(stray).is_good) == (1, False)
    promised = call_for(Goal("book", WISH))
    promised.rows = [row(WISH)]
    promised.exchanges = [Exchange(Utterance("Well."), "Well.", "Someone will call you back.", None, {}, "ended", ())]
    assert (judge(promised).empty_promises, judge(promised).is_good) == (1, False)


def test_a_caller_checks_the_number_and_the_words_of_a_message_that_is_read_back() -> None:
    call = call_for(Goal("message"))
    pursuit = call.caller.pursuits[0]
    assert isinstance(pursuit, LeavingMessage)
    read_back = "Your message: {}. Your number: {}. Is that right?"

    def said(words: str, number: str) -> str:
        utterance = pursuit.answer(listen(read_back.format(words, number), BUSINESS, NOW.date()))
        return utterance.text if utterance else ""

    first_words = " ".join(pursuit.text.split()[:12])
    assert "number" in said(first_words, "555-012-3457")
    assert "No" in said("see you in the summer, and many happy returns", "555-012-3456")
    assert "No" not in said(first_words + "…", "555-012-3456")


def test_a_reservation_left_open_is_not_good() -> None:
    call = call_for(Goal("book", WISH))
    call.rows = [row(WISH), row(replace(WISH, start=datetime(2026, 12, 10, 9)), status="held")]
    assert not judge(call).is_good


def test_who_is_asked_the_same_again_and_again_hangs_up_and_counts_as_failed() -> None:
    call = call_for(Goal("book", WISH))
    for _ in range(PATIENCE + 1):
        act = call.caller.reply("What day and time would you like?")
    assert act.utterance is None
    verdict = judge(call)
    assert verdict.is_loop
    assert [each.result for each in verdict.goals] == [Result.FAILED]


def test_who_meant_to_leave_early_is_not_eligible() -> None:
    call = call_for(Goal("book", WISH))
    call.caller.plan = replace(call.plan, leaves_after=1)
    call.caller.reply("How can I help you today?")
    assert call.caller.reply("Which service would you like: cleaning, or filling?").utterance is None
    assert [each.result for each in judge(call).goals] == [Result.LEFT]


def test_a_caller_refuses_a_read_back_that_is_not_his_wish_and_agrees_to_one_that_is() -> None:
    call = call_for(Goal("book", WISH))
    call.caller.reply("How can I help you today?")
    call.caller.reply(READ_BACK.format("11 AM"))
    assert not call.caller.pursuits[0].agreements
    call.caller.reply(READ_BACK.format("10:30 AM"))
    assert [each.is_right for each in call.caller.pursuits[0].agreements] == [True]


def test_the_same_seed_draws_the_same_callers_and_every_wish_fits_the_hours() -> None:
    plans = [draw(index, seed=3, business=BUSINESS) for index in range(200)]
    assert plans == [draw(index, seed=3, business=BUSINESS) for index in range(200)]
    assert plans != [draw(index, seed=4, business=BUSINESS) for index in range(200)]
    for plan in plans:
        for goal in plan.goals:
            for wish in (goal.wish, goal.own, goal.changed):
                if wish is not None:
                    assert BUSINESS.is_open(wish.start, BUSINESS.service(wish.service_id).length_min)


def test_intervals_are_those_of_the_tables() -> None:
    assert wilson(95, 100) == pytest.approx((0.8882, 0.9785), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert upper_bound(0, 100) == pytest.approx(0.0295, abs=1e-4)
    assert upper_bound(2, 1000) == pytest.approx(0.00628, abs=1e-5)
    assert upper_bound(5, 5) == 1.0
