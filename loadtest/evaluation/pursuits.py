"""How a caller goes after one goal: an opening, then an answer to whatever is asked.

A pursuit may answer None where the question is not about its goal; the caller then answers as anybody would.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from loadtest.evaluation.business import Business
from loadtest.evaluation.hearing import Ask, Heard
from loadtest.evaluation.phrasing import Facts, Phrasebook, Utterance
from loadtest.evaluation.plans import Booking, Change, Goal, Plan

_IS_MOVED = re.compile(r"\bis now (?:on|at)\b|\bmoved\b", re.IGNORECASE)
_IS_BOOKED = re.compile(r"\bbooked\b", re.IGNORECASE)
#: Asked where the agent is not sure what was meant, whether it is still wanted, or whether this would do instead.
DOUBTS = (
    Ask.MEANT_BOOKING, Ask.MEANT_MOVE, Ask.MEANT_CANCEL, Ask.MEANT_WHEN, Ask.OFFER_PERSON, Ask.CONFIRM_LIST,
)  # fmt: skip
#: Offers that do not suit are refused this often; then anything will do.
_MOST_REFUSALS = 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """A yes to something read back.

    Attributes:
        wish: what the caller wanted then.
        is_right: what he heard was that; False when he said yes before he had heard it.
    """

    heard: Heard
    wish: Booking
    is_right: bool


class Pursuit(Protocol):
    """One goal under way.

    Attributes:
        is_done: the agent has said that it is done; only that, not whether it is true.
        wish: what is to stand in the diary now; None when nothing is.
        agreements: every yes to something read back.
    """

    goal: Goal
    is_done: bool
    wish: Booking | None
    agreements: list[Agreement]

    def open(self) -> Utterance:
        """Say what is wanted."""
        ...

    def answer(self, heard: Heard) -> Utterance | None:
        """Answer what is asked."""
        ...


class Scheduling:
    """Booking an appointment, or moving one."""

    def __init__(self, goal: Goal, plan: Plan, words: Phrasebook, business: Business, rng: random.Random) -> None:
        assert goal.wish is not None
        self.goal = goal
        self.is_done = False
        self.wish: Booking | None = goal.wish
        self.agreements: list[Agreement] = []
        self._wished = goal.wish
        self._plan = plan
        self._words = words
        self._business = business
        self._rng = rng
        self._fallbacks = list(goal.fallbacks)
        self._change = goal.change
        self._offered: tuple[datetime, ...] = ()
        self._refusals = 0
        self._asked_when = 0
        self._wrong: list[str] = []
        self._read: datetime | None = None

    @property
    def _facts(self) -> Facts:
        names = self._business.service(self._wished.service_id).names
        service = names[0] if self._rng.random() < 0.7 else self._rng.choice(names)
        return Facts(service, self._wished.start, self._wished.name, self._wished.phone[2:])

    def open(self) -> Utterance:
        """Ask for it, saying more or less of it at once."""
        if self.goal.kind == "move":
            return self._open_move()
        more = self._plan.talkative + self._rng.uniform(-0.2, 0.2)
        if more < 0.3:
            return self._words.say("book", self._facts)
        if more < 0.5:
            return self._words.say("service", self._facts, {"service"})
        if more < 0.75:
            return self._words.say("book", self._facts, self._rng.choice([{"date"}, {"time"}, {"date", "time"}]))
        return self._words.ours("book_service_when", self._facts)

    def _open_move(self) -> Utterance:
        facts = replace(self._facts, service=self._business.service(self._wished.service_id).names[0])
        if self._plan.talkative > 0.7:
            return self._words.ours("move_when", facts)
        return self._words.say("move", facts, self._rng.choice([{"thing"}, {"thing", "name"}]))

    def answer(self, heard: Heard) -> Utterance | None:
        """Answer what is asked about the appointment."""
        if self._is_taken_for_another(heard) or (heard.ask in DOUBTS and not self.is_done):
            return self._settle(heard)
        if self.is_done and heard.ask not in (Ask.MORE, Ask.MEANT_GOODBYE):
            return self._words.ours("leave_it")
        match heard.ask:
            case Ask.SERVICE:
                return self._words.say("service", self._facts, {"service"})
            case Ask.WHEN | Ask.DAY:
                return self._say_when(heard)
            case Ask.OFFER:
                return self._choose(heard)
            case Ask.CONFIRM:
                return self._check(heard)
            case Ask.YES_NO:
                return self._words.ours("refuse" if self._wrong or self.wish is None else "affirm")
            case Ask.WHAT_TO_CHANGE if self.wish is None:
                return self._words.ours("never_mind")
            case Ask.WHAT_TO_CHANGE:
                return self._correct(self._wrong) if self._wrong else self._words.ours("nothing_wrong")
            case Ask.MORE:
                return self._take_news(heard)
            case _:
                return None

    def _settle(self, heard: Heard) -> Utterance:
        """Say yes to what he was rightly taken to mean; else what he means."""
        self._wrong = []
        is_own = heard.day in (None, self.goal.own.start.date() if self.goal.own else None)
        match heard.ask:
            case _ if self.wish is None:
                return self._words.ours("never_mind")
            case Ask.CONFIRM_LIST:
                return self._words.ours("never_mind")
            case Ask.MEANT_WHEN if self._is_wished(heard):
                return self._words.say("affirm")
            case Ask.MEANT_WHEN:
                self._wrong, self._read = ["start"], None
                return self._correct(self._wrong)
            case Ask.MEANT_MOVE if self.goal.kind == "move" and is_own:
                return self._words.say("affirm")
            case Ask.MEANT_BOOKING if self.goal.kind == "book":
                if heard.service_id in (None, self._wished.service_id):
                    return self._words.say("affirm")
                self._wrong = ["service"]
                return self._correct(self._wrong)
        self._wrong = ["kind"]
        if self.goal.kind == "move":
            return self._words.ours("move_not_book", self._facts)
        return self._words.ours("book_not_move" if heard.ask is Ask.CONFIRM else "book_not_that", self._facts)

    def _is_taken_for_another(self, heard: Heard) -> bool:
        """Whether he is asked, or read back to, as somebody with the other wish of the two."""
        if self.goal.kind == "book":
            return heard.ask is Ask.CONFIRM and "move" in heard.text
        return heard.ask is Ask.SERVICE or (heard.ask is Ask.CONFIRM and "move" not in heard.text)

    def _is_wished(self, heard: Heard) -> bool:
        wished = self._wished.start
        return heard.starts[-1] == wished if heard.starts else heard.day == wished.date()

    def _say_when(self, heard: Heard) -> Utterance:
        self._asked_when += 1
        if heard.is_refused and self._fallbacks:
            self._wish_for(self._fallbacks.pop(0))
        if heard.ask is Ask.DAY:
            return self._words.say("when", self._facts, self._rng.choice([{"date"}, {"date", "time"}]))
        is_brief = self._asked_when == 1 and not heard.is_refused and self._plan.talkative < 0.3
        return self._words.say("when", self._facts, {"date"} if is_brief else {"date", "time"})

    def _choose(self, heard: Heard) -> Utterance:
        self._offered = offers = heard.starts or self._offered
        for start in (self._wished.start, *self._fallbacks):
            if start in offers:
                return self._take(start, offers)
        if heard.is_refused and self._fallbacks and not self.goal.is_flexible and self._refusals < _MOST_REFUSALS:
            self._refusals += 1
            self._wish_for(self._fallbacks.pop(0))
            return self._words.say("when", self._facts, {"date", "time"})
        is_free = not heard.is_refused and self._refusals < _MOST_REFUSALS
        if is_free or not offers:
            self._refusals += 1
            is_day = any(start.date() == self._wished.start.date() for start in offers)
            return self._words.say(
                "when" if is_day else "correct", self._facts, {"time"} if is_day else {"date", "time"}
            )
        return self._take(self._rng.choice(offers), offers)

    def _take(self, start: datetime, offers: tuple[datetime, ...]) -> Utterance:
        self._wish_for(start)
        if len(offers) == 1:
            return self._words.say("accept")
        is_same_time = len({offer.time() for offer in offers}) < len(offers)
        place = offers.index(start)
        if self._rng.random() < 0.4:
            return self._words.ours(("first_offer", "second_offer")[place] if place < 2 else "first_offer")
        return self._words.say("when", self._facts, {"date"} if is_same_time else {"time"})

    def _check(self, heard: Heard) -> Utterance:
        if self._plan.drops_it:
            self.wish = None
            return self._words.ours("never_mind")
        self._wrong = self._differences(heard)
        self._read = heard.starts[-1] if heard.starts else None
        if not self._wrong and self._change is not None:
            self._wrong = self._change_mind()
        if self._wrong:
            return self._correct(self._wrong)
        return self.agree(heard)

    def agree(self, heard: Heard) -> Utterance:
        """Say yes to what was read back, right or not."""
        self.agreements.append(Agreement(heard, self._wished, is_right=not self._differences(heard)))
        return self._words.say("affirm_ask" if self._rng.random() < 0.06 else "affirm")

    def _differences(self, heard: Heard) -> list[str]:
        """What was read back and is not the wish: start, service, name, phone."""
        wish, own = self._wished, self.goal.own
        is_other_start = not heard.starts or heard.starts[-1] != wish.start
        if own is not None and len(heard.starts) > 1:
            is_other_start = is_other_start or heard.starts[0] != own.start
        found = ["start"] if is_other_start else []
        if heard.service_id not in (None, wish.service_id):
            found.append("service")
        if own is None and heard.name is not None and heard.name.casefold() != wish.name.casefold():
            found.append("name")
        if own is None and heard.phone not in (None, wish.phone):
            found.append("phone")
        return found

    def _change_mind(self) -> list[str]:
        change, changed, wish = self._change, self.goal.changed, self._wished
        self._change = None
        if changed is None:
            return []
        match change:
            case Change.TIME | Change.DAY:
                self._wish_for(changed.start)
                return ["start"]
            case Change.SERVICE if wish.start == self.goal.wish.start and changed.service_id != wish.service_id:  # type: ignore[union-attr]
                self._set(replace(wish, service_id=changed.service_id))
                return ["service"]
            case Change.NAME:
                self._set(replace(wish, name=changed.name))
                return ["name"]
            case Change.PHONE:
                self._set(replace(wish, phone=changed.phone))
                return ["phone"]
            case _:
                return []

    def _correct(self, wrong: list[str]) -> Utterance:
        if wrong[0] == "kind":
            return self._words.ours("move_not_book" if self.goal.kind == "move" else "book_not_move", self._facts)
        if wrong[0] == "start":
            slots = [{"date", "time"}]
            if self._read is not None and self._read.date() == self._wished.start.date():
                slots.append({"time"})
            elif self._read is not None and self._read.time() == self._wished.start.time():
                slots.append({"date"})
            return self._words.say("correct", self._facts, self._rng.choice(slots))
        return self._words.ours(f"correct_{wrong[0]}", self._facts)

    def _take_news(self, heard: Heard) -> Utterance | None:
        """The agent says it is done; what it says is not the wish: say so, once."""
        done = _IS_MOVED if self.goal.kind == "move" else _IS_BOOKED
        if not done.search(heard.text) or not heard.starts:
            return None
        is_right = heard.starts[-1] == self._wished.start
        if is_right or self.is_done:
            self.is_done = True
            return None
        self.is_done = True
        return self._words.say("correct", self._facts, {"date", "time"})

    def adopt(self, start: datetime) -> bool:
        """Take this for the offer he took, unless the time that stands is one of his own; returns whether he does."""
        goal = self.goal
        own = {*goal.fallbacks, *(booking.start for booking in (goal.wish, goal.changed) if booking is not None)}
        if self._wished.start in own:
            return False
        self._wish_for(start)
        return True

    def _wish_for(self, start: datetime) -> None:
        self._set(replace(self._wished, start=start))

    def _set(self, wish: Booking) -> None:
        self._wished = self.wish = wish
