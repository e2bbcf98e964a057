"""What a simulated caller gathers from the agent's words, in today's wordings and in others."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from agent.dialogue.prompts import load_prompts
from agent.dialogue.prompts.fragments import OPTIONAL
from agent.domain.lines import LineKey
from loadtest.evaluation.business import load_business
from loadtest.evaluation.hearing import Ask, listen

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
TODAY = date(2026, 12, 1)

ASKED = {
    LineKey.ASK_HELP: Ask.HELP, LineKey.ASK_SERVICE: Ask.SERVICE, LineKey.ASK_WHEN: Ask.WHEN, LineKey.ASK_DAY: Ask.DAY,
    LineKey.ASK_OTHER_TIME: Ask.WHEN, LineKey.ASK_DATE_CONFLICT: Ask.DAY, LineKey.OFFER_ONE: Ask.OFFER,
    LineKey.OFFER_TWO: Ask.OFFER, LineKey.OFFER_TWO_SAME_DAY: Ask.OFFER, LineKey.ASK_WHICH: Ask.OFFER,
    LineKey.ASK_NAME: Ask.NAME, LineKey.ASK_PHONE: Ask.PHONE, LineKey.ASK_PHONE_REST: Ask.PHONE_REST,
    LineKey.ASK_PHONE_AGAIN: Ask.PHONE, LineKey.READ_BACK: Ask.CONFIRM, LineKey.READ_BACK_SHORT: Ask.CONFIRM,
    LineKey.READ_BACK_MOVE: Ask.CONFIRM, LineKey.ASK_WHAT_TO_CHANGE: Ask.WHAT_TO_CHANGE,
    LineKey.ASK_ANYTHING_ELSE: Ask.MORE, LineKey.ASK_WHAT_ELSE: Ask.MORE,
    LineKey.FOUND_AND_CANCEL: Ask.CONFIRM_CANCEL, LineKey.FOUND_AND_MOVE: Ask.WHEN,
    LineKey.ASK_BOOKED_PHONE: Ask.BOOKED_PHONE, LineKey.ASK_BOOKED_NAME: Ask.BOOKED_NAME,
    LineKey.ASK_BOOKED_DAY: Ask.BOOKED_DAY, LineKey.ASK_WHICH_OF_TWO: Ask.WHICH_APPOINTMENT,
    LineKey.ASK_WHICH_OF_MANY: Ask.WHICH_APPOINTMENT, LineKey.HINT_SERVICE: Ask.SERVICE, LineKey.HINT_WHEN: Ask.WHEN,
    LineKey.HINT_CHOICE: Ask.OFFER, LineKey.HINT_NAME: Ask.NAME, LineKey.HINT_YES_NO: Ask.YES_NO,
    LineKey.STILL_THERE: Ask.STILL_THERE, LineKey.STORE_TROUBLE: Ask.TRY_AGAIN, LineKey.FAREWELL: Ask.GOODBYE,
    LineKey.GIVE_UP_NOT_UNDERSTOOD: Ask.GOODBYE, LineKey.OFFER_MESSAGE: Ask.OFFER_MESSAGE,
    LineKey.ASK_MESSAGE: Ask.MESSAGE, LineKey.HINT_MESSAGE: Ask.MESSAGE, LineKey.ASK_MESSAGE_URGENT: Ask.URGENT,
    LineKey.READ_BACK_MESSAGE: Ask.CONFIRM_MESSAGE, LineKey.READ_BACK_MESSAGE_ONLY: Ask.CONFIRM_MESSAGE,
    LineKey.ASK_TEXT: Ask.TEXT,
}  # fmt: skip


class _Any(dict[str, str]):
    def __missing__(self, name: str) -> str:
        if name in OPTIONAL:
            return ""
        return "Friday, December 4th at 10 AM" if name.endswith("_at") else "cleaning"


@pytest.mark.parametrize(("key", "ask"), ASKED.items())
def test_every_question_of_the_prompts_is_understood_by_the_callers(key: LineKey, ask: Ask) -> None:
    for text in load_prompts("en")[key]:
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
