"""A simulated caller: hears the agent's words, says the next ones. Knows neither how they arrive nor how his own do.

The same caller drives a text call and a call by voice: `reply` takes what was heard as text and gives what to do
next, and how far into the agent's words to begin.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from loadtest.evaluation.business import Business
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.hearing import Ask, Heard, listen
from loadtest.evaluation.message_pursuits import LeavingMessage, LeavingMessageInstead, ReachingHuman
from loadtest.evaluation.phrasing import Facts, Phrasebook, Utterance
from loadtest.evaluation.plans import Booking, Goal, Plan
from loadtest.evaluation.pursuits import DOUBTS, Pursuit, Scheduling
from loadtest.evaluation.short_pursuits import OF_A_BOOKING, Asking, Cancelling
from loadtest.evaluation.side_question import SideQuestion

#: Asked the same thing more often than this in a row, a person hangs up.
PATIENCE = 4
_MOST_TURNS = 40
#: Who came to ask wants none, and gives neither name nor number for it.
_OF_AN_APPOINTMENT = (*OF_A_BOOKING, Ask.NAME, Ask.PHONE, Ask.PHONE_REST)
#: Nobody digresses here: "thanks" would be an answer, and "hello" a message.
_ANSWERED_AT_ONCE = (
    Ask.MORE, Ask.MEANT_GOODBYE, *DOUBTS, Ask.CONFIRM, Ask.OFFER_MESSAGE, Ask.MESSAGE, Ask.URGENT,
)  # fmt: skip
#: Whoever did not come for it says no.
_REFUSED = (Ask.CONFIRM_CANCEL, Ask.WAITING_LIST, Ask.LEAVE_IT, *DOUBTS)
_MOST_OPENINGS = 3

_PURSUITS: dict[str, Callable[[Goal, Plan, Phrasebook, Business, random.Random], Pursuit]] = {
    "book": Scheduling,
    "move": Scheduling,
    "cancel": Cancelling,
    "ask": Asking,
    "message": LeavingMessage,
    "human": ReachingHuman,
    "message_instead": LeavingMessageInstead,
}


@dataclass(frozen=True, slots=True)
class Act:
    """What the caller does next.

    Attributes:
        utterance: what he says; None when he hangs up.
        heard_share: he begins when this much of the agent's words has been said; None lets it finish.
    """

    utterance: Utterance | None
    heard_share: float | None = None


class Caller:
    """One caller of a plan.

    Attributes:
        business: what he knows of it.
        corpus: where his words are from.
        pursuits: his goals, each with what became of it.
        left_because: why he hung up; None while he is there.
    """

    def __init__(self, plan: Plan, business: Business, corpus: Corpus, rng: random.Random) -> None:
        self.plan = plan
        self.business = business
        self.corpus = corpus
        self._rng = rng
        self._words = Phrasebook(corpus, plan.now.date(), rng)
        self.pursuits = [_PURSUITS[goal.kind](goal, plan, self._words, business, rng) for goal in plan.goals]
        self.left_because: str | None = None
        self._goal = 0
        self._openings = 0
        self._turns = 0
        self._asked: tuple[object, int] = (None, 0)
        self._has_cut_in = False
        self._side = SideQuestion(plan.question, plan.asks_at)

    @property
    def pursuit(self) -> Pursuit:
        """The goal at hand."""
        return self.pursuits[self._goal]

    def reply(self, words: str) -> Act:
        """What he does after these words of the agent's."""
        return self.react(listen(self.heeded(words), self.business, self.plan.now.date()))

    def heeded(self, words: str) -> str:
        """What of the agent's words he listens to for his goal: of a reply to his question what it asks him."""
        return self._side.heeded(words)

    def react(self, heard: Heard) -> Act:
        """What he does after what he gathered of the agent's words."""
        self._turns += 1
        reason = self._reason_to_leave(heard)
        if reason is not None:
            self.left_because = reason
            return Act(None)
        self._side.listened(is_asked_about=heard.ask is Ask.MEANT_QUESTION)
        if heard.ask is Ask.MEANT_QUESTION:
            return Act(self._words.say("affirm" if self._side.is_meant(heard) else "refuse"))
        if isinstance(self.pursuit, (Scheduling, Cancelling)) and self._side.is_due(self._turns, heard):
            return Act(self._side.ask())
        is_for_now = heard.is_refused or heard.ask in _ANSWERED_AT_ONCE
        is_listening = isinstance(self.pursuits[self._goal], (Asking, ReachingHuman))  # for what was asked for
        if self._turns == self.plan.digresses_at and not is_for_now and not is_listening:
            return Act(self._words.say(self._rng.choice(["repeat", "repeat", "ask_address", "greet", "thanks"])))
        utterance = self._pursue(heard) or self._declined(heard) or self._answer(heard)
        if self.plan.cuts_in and not self._has_cut_in and heard.ask is Ask.CONFIRM:
            self._has_cut_in = True
            return Act(utterance, self._rng.uniform(0.2, 0.7))
        return Act(utterance)

    def _reason_to_leave(self, heard: Heard) -> str | None:
        if self.plan.leaves_after is not None and self._turns > self.plan.leaves_after:
            return "plan"
        if heard.ask is Ask.GOODBYE:
            return "goodbye"
        # Read back anew, or after an answer that was wanted, it is another question.
        question = (heard.ask, heard.starts, heard.name, heard.phone, self._answers())
        asked, times = self._asked
        self._asked = (question, times + 1 if asked == question else 1)
        if self._asked[1] > PATIENCE or self._turns > _MOST_TURNS:
            return f"asked for {heard.ask.value} {self._asked[1]} times in a row, {self._turns} turns in all"
        return None

    def _pursue(self, heard: Heard) -> Utterance | None:
        """Go after the goal at hand; when it is done or hopeless, take up the next."""
        if heard.ask in (Ask.STILL_THERE, Ask.TRY_AGAIN):
            return None
        if self._openings == 0:
            return self._open()
        pursuit = self.pursuits[self._goal]
        said = pursuit.answer(heard)
        is_all_asked = said is None and isinstance(pursuit, Asking)
        is_open = (
            heard.ask not in (Ask.MORE, Ask.MEANT_GOODBYE, Ask.HELP, Ask.UNCLEAR)
            and not pursuit.is_done
            and not is_all_asked
        )
        if said is not None or is_open:
            return said
        is_hopeless = self._openings >= _MOST_OPENINGS or is_all_asked
        if not pursuit.is_done and not is_hopeless and not self._was_dropped(pursuit):
            return self._open()
        if self._goal + 1 < len(self.pursuits):
            self._goal += 1
            self._openings = 0
            return self._open()
        return None

    def _answers(self) -> int:
        pursuit = self.pursuits[self._goal]
        return len(pursuit.answered) if isinstance(pursuit, Asking) else 0

    def _was_dropped(self, pursuit: Pursuit) -> bool:
        return pursuit.goal.kind == "book" and pursuit.wish is None

    def _open(self) -> Utterance:
        self._openings += 1
        return self.pursuits[self._goal].open()

    def _declined(self, heard: Heard) -> Utterance | None:
        is_unwanted = isinstance(self.pursuits[self._goal], Asking) and heard.ask in _OF_AN_APPOINTMENT
        return self._words.ours("all_done") if is_unwanted else None

    def _answer(self, heard: Heard) -> Utterance:
        """What anybody answers, whatever he is after."""
        person = self._person()
        facts = Facts(name=person.name, phone=person.phone[2:], start=person.start)
        match heard.ask:
            case Ask.NAME | Ask.BOOKED_NAME:
                return self._words.say("name", facts, {"name"})
            case Ask.PHONE if self.plan.from_number == person.phone and self._rng.random() < 0.5:
                return self._words.ours("same_number")
            case Ask.PHONE | Ask.BOOKED_PHONE:
                return self._words.ours("phone", facts)
            case Ask.PHONE_REST:
                said = heard.digits or ""
                is_start = person.phone[2:].startswith(said)
                return self._words.ours("phone_rest", Facts(phone=person.phone[2 + (len(said) if is_start else 0) :]))
            case Ask.BOOKED_DAY:
                return self._words.ours("booked_day", facts)
            case Ask.WHICH_APPOINTMENT:
                service = self.business.service(person.service_id).names[0]
                return self._words.ours("which_appointment", Facts(service, person.start))
            case Ask.STILL_THERE | Ask.TRY_AGAIN | Ask.YES_NO | Ask.TEXT | Ask.MEANT_GOODBYE:
                return self._words.ours("affirm")
            case unwished if unwished in _REFUSED:
                return self._words.say("refuse")
            case Ask.OFFER_MESSAGE | Ask.MESSAGE | Ask.URGENT | Ask.CONFIRM_MESSAGE:
                return self._words.ours("no_message")
            case Ask.MORE:
                return self._words.say("no_more")
            case Ask.GOODBYE | Ask.HELP:
                return self._words.say("goodbye")
            case _:
                return self._words.ours("all_done") if self.pursuits[self._goal].is_done else self._words.say("repeat")

    def _person(self) -> Booking:
        """Whom and what the goal at hand is about: the appointment as it stands, or as it is wished."""
        pursuit = self.pursuits[self._goal]
        known = pursuit.goal.own or pursuit.wish or pursuit.goal.wish
        if known is not None:
            return known
        return Booking("", self.plan.now, self.plan.name, self.plan.phone)
