"""Goals about somebody who is not on the line: leaving a message, reaching a human, or one after the other."""

from __future__ import annotations

import random
import re

from loadtest.evaluation.business import Business
from loadtest.evaluation.hearing import Ask, Heard
from loadtest.evaluation.phrasing import Facts, Phrasebook, Utterance, own_words
from loadtest.evaluation.plans import Booking, Goal, Plan
from loadtest.evaluation.pursuits import DOUBTS, Agreement
from loadtest.evaluation.short_pursuits import OF_A_BOOKING

_IS_TAKEN = re.compile(r"\b(?:passed (?:that|it|this) on|have your message|let them know)\b", re.IGNORECASE)
_IS_MARKED = re.compile(r"^[^:]*\bmarked it (?:as )?urgent\b", re.IGNORECASE)
_IS_CONNECTING = re.compile(
    r"\b(?:connect(?:ing)? you|put(?:ting)? you through|transfer(?:ring)? you|get (?:you )?someone)\b", re.IGNORECASE
)
_IS_REFUSING = re.compile(r"\b(?:can't|cannot|can not|unable|not able|couldn't)\b", re.IGNORECASE)
#: A caller agrees to a read-back in which he knows this share of his words again.
_KNOWN_SHARE = 0.6


class LeavingMessage:
    """Words for somebody who is not there.

    Attributes:
        text: what is to be passed on.
    """

    def __init__(self, goal: Goal, plan: Plan, words: Phrasebook, business: Business, rng: random.Random) -> None:
        self.goal = goal
        self.is_done = False
        self.wish: Booking | None = None
        self.agreements: list[Agreement] = []
        self.text = rng.choice(own_words()["message_text"])
        self._words = words
        self._phone = plan.phone
        self._was_asked = Ask.MESSAGE
        self._is_marked = False

    def open(self) -> Utterance:
        """Ask to leave one."""
        return self._words.say("message")

    def answer(self, heard: Heard) -> Utterance | None:
        """Say it when asked for it, and check what is read back."""
        if _IS_TAKEN.search(heard.text):
            self.is_done = True
            return None
        ask = self._was_asked if heard.ask is Ask.YES_NO else heard.ask
        self._was_asked = ask
        match ask:
            case Ask.OFFER_MESSAGE:
                return self._words.say("affirm")
            case Ask.MESSAGE | Ask.WHAT_TO_CHANGE:
                return Utterance(self.text)
            case Ask.URGENT:
                return self._words.ours("urgent" if self.goal.is_urgent else "not_urgent")
            case Ask.CONFIRM_MESSAGE:
                return self._check(heard)
            case Ask.OFFER_PERSON if self.goal.kind == "message_instead":
                return self._words.say("affirm")
            case taken if taken in OF_A_BOOKING or taken in DOUBTS:
                return self._words.ours("message_not_book")
            case _:
                return None

    def _check(self, heard: Heard) -> Utterance:
        if heard.phone not in (None, self._phone):
            return self._words.ours("correct_phone", Facts(phone=self._phone[2:]))
        if heard.message is not None and not heard.is_missed:  # asked again, the mark is not said again
            self._is_marked = _IS_MARKED.search(heard.text) is not None
        if self._is_marked is not self.goal.is_urgent:
            return self._words.ours("correct_urgent" if self.goal.is_urgent else "correct_not_urgent")
        read = (heard.message or "").rstrip(".…")
        wished = " ".join(self.text.split()[: len(read.split())])
        if share_kept(wished, read) < _KNOWN_SHARE:
            return self._words.ours("correct_message")
        return self._words.say("affirm")


class ReachingHuman:
    """A person wanted, and nobody else."""

    def __init__(self, goal: Goal, plan: Plan, words: Phrasebook, business: Business, rng: random.Random) -> None:
        self.goal = goal
        self.is_done = False
        self.wish: Booking | None = None
        self.agreements: list[Agreement] = []
        self._words = words
        self._asked = 0

    def open(self) -> Utterance:
        """Ask for one."""
        return self._words.say("human")

    def answer(self, heard: Heard) -> Utterance | None:
        """Wait for being put through; ask once more, then take no for an answer."""
        if heard.ask is Ask.OFFER_PERSON:
            return self._words.say("affirm")
        if _IS_CONNECTING.search(heard.text) and not _IS_REFUSING.search(heard.text):
            self.is_done = True
            return None
        self._asked += 1
        return self._words.say("human") if self._asked == 1 else None


class LeavingMessageInstead(LeavingMessage):
    """A person wanted where there is none: he is told so, and leaves the message that is offered."""

    def open(self) -> Utterance:
        """Ask for a person."""
        return self._words.say("human")


def share_kept(said: str, kept: str) -> float:
    """How many of the longer words of what was said are among those that were kept, 0 to 1."""
    words = _longer_words(said)
    return len(words & _longer_words(kept)) / len(words) if words else 1.0


def _longer_words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.lower()))
