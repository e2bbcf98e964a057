"""What a simulated caller gathers from the agent's words, in today's wordings and in others."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from agent.dialogue.prompts.fragments import OPTIONAL
from loadtest.evaluation.business import load_business
from loadtest.evaluation.hearing import Ask, listen

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
TODAY = date(2026, 12, 1)

ASKED = {
    "ask_help": Ask.HELP, "ask_service": Ask.SERVICE, "ask_when": Ask.WHEN, "ask_day": Ask.DAY,
    "ask_other_time": Ask.WHEN, "ask_date_conflict": Ask.DAY, "offer_one": Ask.OFFER,
    "offer_two": Ask.OFFER, "offer_two_same_day": Ask.OFFER, "ask_which": Ask.OFFER,
    "ask_name": Ask.NAME, "ask_phone": Ask.PHONE, "ask_phone_rest": Ask.PHONE_REST,
    "ask_phone_again": Ask.PHONE, "read_back": Ask.CONFIRM, "read_back_short": Ask.CONFIRM,
    "read_back_move": Ask.CONFIRM, "ask_what_to_change": Ask.WHAT_TO_CHANGE,
    "ask_anything_else": Ask.MORE, "ask_what_else": Ask.MORE,
    "found_and_cancel": Ask.CONFIRM_CANCEL, "found_and_move": Ask.WHEN,
    "ask_booked_phone": Ask.BOOKED_PHONE, "ask_booked_name": Ask.BOOKED_NAME,
    "ask_booked_day": Ask.BOOKED_DAY, "ask_which_of_two": Ask.WHICH_APPOINTMENT,
    "ask_which_of_many": Ask.WHICH_APPOINTMENT, "hint_service": Ask.SERVICE, "hint_when": Ask.WHEN,
    "hint_choice": Ask.OFFER, "hint_name": Ask.NAME, "hint_yes_no": Ask.YES_NO,
    "still_there": Ask.STILL_THERE, "store_trouble": Ask.TRY_AGAIN, "farewell": Ask.GOODBYE,
    "give_up_not_understood": Ask.GOODBYE, "offer_message": Ask.OFFER_MESSAGE,
    "ask_message": Ask.MESSAGE, "hint_message": Ask.MESSAGE, "ask_message_urgent": Ask.URGENT,
    "read_back_message": Ask.CONFIRM_MESSAGE, "read_back_message_only": Ask.CONFIRM_MESSAGE,
    "ask_text": Ask.TEXT, "ask_other_than_now": Ask.WHEN, "ask_phone_for_name": Ask.PHONE, "hint_phone": Ask.PHONE,
    "hint_change": Ask.WHAT_TO_CHANGE, "hint_booked_day": Ask.WHICH_APPOINTMENT, "time_is_past": Ask.WHEN,
    "time_is_too_far": Ask.WHEN, "offer_list": Ask.WAITING_LIST, "read_back_list": Ask.CONFIRM_LIST,
    "offer_human": Ask.OFFER_PERSON, "offer_link": Ask.TEXT, "offer_rest": Ask.LEAVE_IT,
    "shall_i_cancel": Ask.CONFIRM_CANCEL, "meant_service": Ask.MEANT_BOOKING, "meant_day": Ask.MEANT_WHEN,
    "meant_time": Ask.MEANT_WHEN, "meant_move": Ask.MEANT_MOVE, "meant_cancel": Ask.MEANT_CANCEL,
    "meant_human": Ask.OFFER_PERSON, "meant_goodbye": Ask.MEANT_GOODBYE, "go_on_booking": Ask.MEANT_WHEN,
    "go_on_service": Ask.MEANT_BOOKING, "go_on_move": Ask.MEANT_MOVE, "go_on_message": Ask.OFFER_MESSAGE,
}  # fmt: skip
#: Asked only of those who may buy a house, and none of the callers does.
NOT_ASKED = {
    "lead_interest", "lead_budget", "lead_timeline", "lead_financing", "lead_decision", "hint_lead",
}  # fmt: skip
PROMPTS: dict[str, list[str]] = yaml.safe_load(Path("agent/dialogue/prompts/en.yaml").read_text("utf-8"))


class _Any(dict[str, str]):
    def __missing__(self, name: str) -> str:
        if name in OPTIONAL:
            return ""
        return {"at": "Friday, December 4th at 10 AM", "on": "Friday, December 4th"}.get(name[-2:], "cleaning")


def test_every_question_of_the_prompts_is_one_that_callers_know() -> None:
    questions = {key for key, texts in PROMPTS.items() if any("?" in text for text in texts)}
    assert questions - set(ASKED) == NOT_ASKED


@pytest.mark.parametrize(("key", "ask"), ASKED.items())
def test_every_question_of_the_prompts_is_understood_by_the_callers(key: str, ask: Ask) -> None:
    for text in PROMPTS[key]:
        words = text.replace(":day}", "}").replace(":time}", "}").format_map(_Any())
        assert listen(words, BUSINESS, TODAY).ask is ask, words


def test_what_is_read_back_is_heard_whole() -> None:
    heard = listen(
        "So that's a filling on Friday, January 8th at 2:15 PM, for Mary O'Brien, phone: 555-012-3456. Is that right?",
        BUSINESS, TODAY,
    )  # fmt: skip
    assert heard.starts == (datetime(2027, 1, 8, 14, 15),)
    assert (heard.service_id, heard.name, heard.phone) == ("filling", "Mary O'Brien", "+15550123456")


def test_offers_of_one_day_and_of_two_and_noon_are_heard() -> None:
    same = listen("On Monday, December 7th I have 9 AM or noon. Which would you like?", BUSINESS, TODAY)
    assert same.starts == (datetime(2026, 12, 7, 9), datetime(2026, 12, 7, 12))
    two = listen("I have Monday, December 7th at 4:30 p.m., or Tuesday, December 8th at 8 AM.", BUSINESS, TODAY)
    assert two.starts == (datetime(2026, 12, 7, 16, 30), datetime(2026, 12, 8, 8))


def test_a_message_is_heard_apart_from_what_is_said_of_it() -> None:
    heard = listen(
        "I've marked it urgent. Your message: call me at 555-999-1111 before 3 PM on May 4th. "
        "Your number: 555-012-3456. Is that right?",
        BUSINESS, TODAY,
    )  # fmt: skip
    assert heard.ask is Ask.CONFIRM_MESSAGE
    assert (heard.message, heard.phone) == ("call me at 555-999-1111 before 3 PM on May 4th", "+15550123456")
    assert heard.starts == ()


def test_why_a_time_is_offered_is_no_offer() -> None:
    heard = listen("I have Monday, December 7th at 9:15 AM, the nearest to 9 AM. Would that work?", BUSINESS, TODAY)
    assert heard.starts == (datetime(2026, 12, 7, 9, 15),)


def test_what_is_taken_and_what_was_missed_is_noticed() -> None:
    assert listen("Sorry, that time isn't free. When would be better?", BUSINESS, TODAY).is_refused
    assert listen("Sorry, I didn't catch that. How can I help you today?", BUSINESS, TODAY).is_missed
    assert not listen("How can I help you today?", BUSINESS, TODAY).is_missed


def test_the_day_named_last_is_heard_with_and_without_a_time() -> None:
    assert listen("Do you mean Thursday, December 10th?", BUSINESS, TODAY).day == date(2026, 12, 10)
    assert listen("Do you mean Thursday, December 10th at 10:30 AM?", BUSINESS, TODAY).day == date(2026, 12, 10)
    assert listen("Do you mean cleaning?", BUSINESS, TODAY).day is None
