"""What a caller gathers from the agent's words: what is asked, and what is said of times, names and numbers.

A reader of its own, by plain words: it shares nothing with the agent, and other wordings of the same question are
meant to be read as well. Words come as text, from the terminal or from a recogniser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum

from loadtest.evaluation.business import Business

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WHEN = re.compile(
    rf"\b(?P<month>{'|'.join(_MONTHS)}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:, (?P<year>\d{{4}}))?"
    r"|\b(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>[ap])\.?m\b|\b(?P<noon>noon)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b\d{3}[- ]\d{3}[- ]\d{4}\b")
_DIGITS_SO_FAR = re.compile(r"\b(?:so far )?i have ((?:\d[ ,-]*)+)(?: so far)?\.", re.IGNORECASE)
#: Why a time is offered is no offer: "9:15 AM, the nearest to 9 AM".
_REASON = re.compile(
    r", the (?:first|last|nearest|closest) (?:after|before|to) (?:noon|\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?)", re.IGNORECASE
)
_MESSAGE = re.compile(r"\byour message: (?P<words>.+?)\. (?=your number\b|is that\b)", re.IGNORECASE)
_NAME = re.compile(r",? for (?P<name>[^,.?]+?)(?:, (?:phone|and|at)\b|[.?,]|$)", re.IGNORECASE)
#: A passage asked about by its title, which may hold any words.
_TITLE = re.compile(r"\b(?:is this your question|do you want to know this)\b\W*(?P<title>.*)", re.IGNORECASE)
_LIST = re.compile(r"\bthat(?:'s| is) the list for\b|\bon the (?:waiting )?list\b", re.IGNORECASE)
_GONE = re.compile(r"\b(?:good ?bye)\b", re.IGNORECASE)


class Ask(Enum):
    """What the caller is asked for, or told last."""

    HELP = "help"
    SERVICE = "service"
    WHEN = "when"
    DAY = "day"
    OFFER = "offer"
    NAME = "name"
    PHONE = "phone"
    PHONE_REST = "phone_rest"
    CONFIRM = "confirm"
    CONFIRM_CANCEL = "confirm_cancel"
    CONFIRM_LIST = "confirm_list"
    MEANT_BOOKING = "meant_booking"
    MEANT_MOVE = "meant_move"
    MEANT_CANCEL = "meant_cancel"
    MEANT_WHEN = "meant_when"
    MEANT_GOODBYE = "meant_goodbye"
    MEANT_QUESTION = "meant_question"
    OFFER_PERSON = "offer_person"
    YES_NO = "yes_no"
    WHAT_TO_CHANGE = "what_to_change"
    BOOKED_PHONE = "booked_phone"
    BOOKED_NAME = "booked_name"
    BOOKED_DAY = "booked_day"
    WHICH_APPOINTMENT = "which_appointment"
    OFFER_MESSAGE = "offer_message"
    MESSAGE = "message"
    URGENT = "urgent"
    CONFIRM_MESSAGE = "confirm_message"
    TEXT = "text"
    WAITING_LIST = "waiting_list"
    MORE = "more"
    STILL_THERE = "still_there"
    TRY_AGAIN = "try_again"
    LEAVE_IT = "leave_it"
    GOODBYE = "goodbye"
    UNCLEAR = "unclear"


#: Tried in this order on the last question, then on everything said.
_ASKS = tuple(
    (ask, re.compile(pattern, re.IGNORECASE))
    for ask, pattern in (
        (Ask.STILL_THERE, r"still there"),
        (Ask.TRY_AGAIN, r"try (?:that|it) again"),
        (Ask.MORE, r"anything else|what else can i"),
        (Ask.LEAVE_IT, r"leave it (?:for now|there|at that)"),
        (Ask.YES_NO, r"is that a yes|yes or (?:a )?no"),
        (Ask.CONFIRM_CANCEL, r"shall i cancel|should i cancel|want (?:me )?to cancel"),
        (Ask.MEANT_GOODBYE, r"is (?:that|this) (?:all|everything)(?: for today| you need)?\?"),
        (Ask.MEANT_CANCEL, r"(?:like|want) to cancel an appointment"),
        (Ask.MEANT_MOVE, r"(?:like|want) to (?:move|reschedule|change) (?:an appointment|your)"),
        (Ask.CONFIRM, r"is (?:that|this|it) (?:all )?(?:right|correct)|did i get that right"),
        (Ask.WHAT_TO_CHANGE, r"what should i change"),
        (Ask.WHICH_APPOINTMENT, r"which one is it|which appointment|the one you mean"),
        (Ask.BOOKED_PHONE, r"number (?:was|is) it (?:booked )?under"),
        (Ask.BOOKED_NAME, r"name is (?:it|the appointment) (?:booked )?under"),
        (Ask.BOOKED_DAY, r"day is the appointment"),
        (Ask.PHONE_REST, r"rest of (?:the|your) number"),
        (Ask.OFFER_MESSAGE, r"(?:shall|can|should|may) i take a message|(?:like|want) to leave a message"),
        (
            Ask.OFFER_PERSON,
            r"(?:shall|should|may|can) i (?:put you through|(?:connect|transfer) you)"
            r"|like to (?:speak|talk) (?:with|to) (?:a person|someone|somebody)",
        ),
        (Ask.MESSAGE, r"(?:should i|me to) pass on|your message\?|what(?:'s| is) the message"),
        (Ask.URGENT, r"is (?:it|this|that) urgent"),
        (Ask.TEXT, r"(?:may|shall|can) i text you"),
        (Ask.WAITING_LIST, r"on the waiting list"),
        (Ask.PHONE, r"number to reach|number can we|phone number|your number|the number\?|once more, one digit"),
        (Ask.NAME, r"\bname\b"),
        (Ask.SERVICE, r"what would you like to book|which service"),
        (Ask.MEANT_BOOKING, r"(?:like|want) to book|(?:shall|should|may|can) i book"),
        (Ask.OFFER, r"which one|which would you like|would that work|does that work"),
        (Ask.DAY, r"(?:which|what) day (?:would|did|do)|on which day"),
        (Ask.MEANT_WHEN, r"(?:do|did) you mean|still want your"),
        (Ask.WHEN, r"what (?:other )?day and time|when would|what time|another day|an earlier day"),
        (Ask.HELP, r"how can i help|what can i do for you"),
    )
)
_NOT_FREE = re.compile(
    r"isn't free|not free|don't have (?:that one|anything) free|just taken|gone by|can't book that far", re.IGNORECASE
)
_APOLOGY = re.compile(
    r"^sorry, (?:i (?:didn't catch|missed)|i just need|was that)|please (?:say|tell me)|you can (?:also )?(?:say|tell)"
    r"|just tell me|trouble understanding|didn't get that number",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One reply of the agent's.

    Attributes:
        starts: times named with their day, wall clock, in order.
        day: named last, with a time or without.
        service_id: the service named last.
        name, phone: those read back; phone is E.164.
        digits: of a number that was only half understood.
        message: the words of one read back, maybe only the first of them.
        title: of a question that may have been meant.
        is_refused: what the caller wished is not free.
        is_missed: the caller was not understood.
    """

    text: str
    ask: Ask
    starts: tuple[datetime, ...] = ()
    day: date | None = None
    service_id: str | None = None
    name: str | None = None
    phone: str | None = None
    digits: str | None = None
    message: str | None = None
    title: str | None = None
    is_refused: bool = False
    is_missed: bool = False


def listen(text: str, business: Business, today: date) -> Heard:
    """Gather what these words say."""
    asked_about = _TITLE.search(text)
    if asked_about is not None:
        return Heard(text=text, ask=Ask.MEANT_QUESTION, title=asked_about["title"])
    message = _MESSAGE.search(text)
    said = _REASON.sub("", text if message is None else text[: message.start()] + text[message.end() :])
    number = _NUMBER.search(text, message.end("words") if message else 0)
    so_far = _DIGITS_SO_FAR.search(said)
    starts, last = _starts(said, today)
    name = _NAME.search(said, last) if starts else None
    ask = _ask(said, has_times=bool(starts))
    if ask is Ask.CONFIRM:
        ask = Ask.CONFIRM_MESSAGE if message is not None else Ask.CONFIRM_LIST if _LIST.search(said) else ask
    days = [_day(match, today) for match in _WHEN.finditer(said) if match["month"]]
    return Heard(
        text=text,
        ask=ask,
        starts=starts,
        day=days[-1] if days else None,
        service_id=_service(said, business),
        name=name["name"].strip() if name else None,
        phone="+1" + re.sub(r"\D", "", number[0]) if number else None,
        digits=re.sub(r"\D", "", so_far[1]) if so_far else None,
        message=message["words"] if message else None,
        is_refused=_NOT_FREE.search(said) is not None,
        is_missed=_APOLOGY.search(said) is not None,
    )


def _ask(text: str, *, has_times: bool) -> Ask:
    questions = re.findall(r"[^.?!]*\?", text)
    for words in (questions[-1], text) if questions else (text,):
        if not questions and _GONE.search(text):
            return Ask.GOODBYE
        for ask, pattern in _ASKS:
            if pattern.search(words):
                is_service = ask is Ask.OFFER and not has_times and "first one" not in text and ":" not in words
                return Ask.SERVICE if is_service and "which would" in words.lower() else ask
    return Ask.UNCLEAR


def _starts(text: str, today: date) -> tuple[tuple[datetime, ...], int]:
    """Each time of day with the day named last before it, and where the last of them ends."""
    starts: list[datetime] = []
    day: date | None = None
    end = 0
    for match in _WHEN.finditer(text):
        if match["month"]:
            day = _day(match, today)
            continue
        if day is not None:
            starts.append(datetime.combine(day, _time(match)))
            end = match.end()
    return tuple(starts), end


def _day(match: re.Match[str], today: date) -> date:
    month, number = _MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    year = int(match["year"]) if match["year"] else today.year
    day = date(year, month, number)
    return day.replace(year=year + 1) if day < today and not match["year"] else day


def _time(match: re.Match[str]) -> time:
    if match["noon"]:
        return time(12)
    hour = int(match["hour"]) % 12 + (12 if match["half"].lower() == "p" else 0)
    return time(hour, int(match["minute"] or 0))


def _service(text: str, business: Business) -> str | None:
    found = [
        (match.start(), service.id)
        for service in business.services
        for match in re.finditer(rf"\b{re.escape(service.names[0])}\b", text, re.IGNORECASE)
    ]
    return max(found)[1] if found else None
