"""Goals that need no diary searched: calling off, and asking."""

from __future__ import annotations

import random
import re
from datetime import timedelta

from loadtest.evaluation.business import Business
from loadtest.evaluation.hearing import Ask, Heard
from loadtest.evaluation.phrasing import Facts, Phrasebook, Utterance
from loadtest.evaluation.plans import Booking, Goal, Plan
from loadtest.evaluation.pursuits import DOUBTS, Agreement

#: Whoever is asked one of these was taken for somebody who wants to book.
OF_A_BOOKING = (Ask.SERVICE, Ask.WHEN, Ask.DAY, Ask.OFFER, Ask.CONFIRM)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DOES_NOT_KNOW = re.compile(r"\b(?:don't|do not) (?:know|have) that\b", re.IGNORECASE)
_ASKS_FOR_THE_END = re.compile(r"\bhow late\b", re.IGNORECASE)
_IS_CANCELLED = re.compile(r"(?:\b(?:is|been|have)|'ve) cancell?ed\b", re.IGNORECASE)


class Cancelling:
    """An appointment called off."""

    def __init__(self, goal: Goal, plan: Plan, words: Phrasebook, business: Business, rng: random.Random) -> None:
        assert goal.own is not None
        self.goal = goal
        self.is_done = False
        self.wish: Booking | None = None
        self.agreements: list[Agreement] = []
        self._own = goal.own
        self._words = words
        self._rng = rng
        self._facts = Facts(
            business.service(self._own.service_id).names[0], self._own.start, self._own.name, self._own.phone[2:]
        )
        self._is_theirs = True

    def open(self) -> Utterance:
        """Say that it is to be called off."""
        slots = self._rng.choice([{"thing"}, {"thing"}, {"thing", "name"}, {"thing", "date"}, {"thing", "time"}])
        return self._words.say("cancel", self._facts, slots)

    def answer(self, heard: Heard) -> Utterance | None:
        """Agree to what is ours and to nothing else."""
        if heard.ask is Ask.CONFIRM_CANCEL:
            self._is_theirs = self._own.start in heard.starts
            if self._is_theirs:
                self.agreements.append(Agreement(heard, self._own, is_right=True))
            return self._words.say("affirm") if self._is_theirs else self._words.say("refuse")
        if heard.ask is Ask.MEANT_CANCEL:
            self._is_theirs = True
            return self._words.say("affirm")
        if heard.ask is Ask.YES_NO:
            return self._words.ours("affirm" if self._is_theirs else "refuse")
        if heard.ask in OF_A_BOOKING or heard.ask in DOUBTS:
            self._is_theirs = False
            return self._words.ours("cancel_not_book", self._facts)
        if heard.ask is Ask.MORE and _IS_CANCELLED.search(heard.text):
            self.is_done = True
        return None


class Asking:
    """Three questions, one after another, whatever is asked in between.

    A question that was missed, or taken for something else, is asked once more; who is told that the agent does not
    know takes that for an answer.
    """

    def __init__(self, goal: Goal, plan: Plan, words: Phrasebook, business: Business, rng: random.Random) -> None:
        self.goal = goal
        self.is_done = False
        self.wish: Booking | None = None
        self.agreements: list[Agreement] = []
        self.answered: list[str] = []
        self._left = list(goal.questions)
        self._words = words
        self._business = business
        priced = [service for service in business.services if service.price_dollars]
        self._service = rng.choice(priced or list(business.services))
        week = [plan.now.date() + timedelta(days=ahead) for ahead in range(1, 8)]
        open_days = [day for day in week if business.hours[day.weekday()] and day not in business.closed_on]
        self._facts = Facts(self._service.names[0], day=rng.choice(open_days))
        self._asked: str | None = None
        self._said = ""
        self._is_again = False

    def open(self) -> Utterance:
        """The first question."""
        return self._next()

    def answer(self, heard: Heard) -> Utterance | None:
        """Note whether the question was answered, and ask it again or the next one."""
        if self._asked is not None:
            if is_answer(heard.text, self._asked, self._business, self._facts, said=self._said):
                self.answered.append(self._asked)
            elif not self._is_again and not _DOES_NOT_KNOW.search(heard.text):
                self._is_again = True
                return self._question(self._asked)
        self._asked = None
        if self._left:
            return self._next()
        self.is_done = len(self.answered) == len(self.goal.questions)
        return None

    def _next(self) -> Utterance:
        self._asked = self._left.pop(0)
        self._is_again = False
        return self._question(self._asked)

    def _question(self, kind: str) -> Utterance:
        utterance = self._words.say(kind, self._facts, {"service"} if kind == "ask_price" else ())
        self._said = utterance.text
        return utterance


def is_answer(text: str, question: str, business: Business, facts: Facts, *, said: str = "") -> bool:
    """Whether these words hold what the tenant file says to a question.

    Args:
        said: the question's own words: "how late" asks for no more than the end of that day.
    """
    told = text.lower()
    match question:
        case "ask_price":
            prices = {service.names[0]: service.price_dollars for service in business.services}
            return re.search(rf"\b{prices.get(facts.service or '')}\b", told) is not None
        case "ask_hours" if facts.day is not None:
            hours = [at for interval in business.hours[facts.day.weekday()] for at in interval]
            wanted = hours[-1:] if _ASKS_FOR_THE_END.search(said) else (hours[0], hours[-1])
            is_of_that_day = _WEEKDAYS[facts.day.weekday()] in told
            return is_of_that_day and all(re.search(rf"\b{at.hour % 12 or 12}\b", told) for at in wanted)
        case "ask_address":
            street = str(business.document.get("address", "")).split(",")[0].lower()
            return bool(street) and street in told
        case _:
            return "park" in told and not re.search(r"\b(?:sorry|don't know|don't have that|not sure|can't)\b", told)
