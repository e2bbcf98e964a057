"""What one utterance told us: the only thing the rules ever learn about a caller's words.

Text is never control: `Facts.text` is kept for the record and is not read by any rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum

from agent.domain.lead import LeadFacts
from agent.domain.objections import Objection
from agent.domain.passages import Finding
from agent.domain.questions import Question
from agent.domain.staffing import StaffWish


class Expect(Enum):
    """What the last question asked for; steers endpointing and the reading of short answers."""

    ANY = "any"
    SERVICE = "service"
    WHEN = "when"
    CHOICE = "choice"
    NAME = "name"
    PHONE = "phone"
    YES_NO = "yes_no"
    LEAD = "lead"
    MESSAGE = "message"


class Wish(Enum):
    """What a caller wants: of the conversation itself, or to have done to an appointment."""

    REPEAT = "repeat"
    GOODBYE = "goodbye"
    HUMAN = "human"
    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    THANKS = "thanks"
    NO_RECORDING = "no_recording"
    WAIT = "wait"
    SLOWER = "slower"
    LOUDER = "louder"
    SPELL = "spell"
    MESSAGE = "message"
    NO_MESSAGE = "no_message"
    OTHER = "other"


class Step(Enum):
    """Which step of the cascade understood the words; the later, the dearer and the less certain."""

    GRAMMAR = "grammar"
    EMBEDDING = "embedding"
    PASSAGE = "passage"
    MODEL = "model"


class Emergency(Enum):
    """Who is to be called instead of us."""

    DANGER = "danger"
    GAS = "gas"
    SUICIDE = "suicide"


class Advice(Enum):
    """What we never give."""

    MEDICAL = "medical"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class When:
    """A wished time in the tenant's local wall clock, possibly only partly said.

    "Thursday" has days and no time; "after three" has a time and no day; a correction of one half
    keeps the other (`merged_with`).

    Attributes:
        first_on, last_on: wished days, both included; equal for a single day; both None when unsaid.
        at: exact start.
        not_before, not_after: bounds of the start when it is a range ("after three", "between 2 and 4").
        except_on: days that are not to be offered: between two alternatives ("Monday or Friday"), or refused
            ("next week, but not Tuesday").
    """

    first_on: date | None = None
    last_on: date | None = None
    at: time | None = None
    not_before: time | None = None
    not_after: time | None = None
    except_on: tuple[date, ...] = ()

    @property
    def has_day(self) -> bool:
        """Whether a day, or a span of days, was said."""
        return self.first_on is not None

    @property
    def has_time(self) -> bool:
        """Whether a time of day, or a range of it, was said."""
        return any(t is not None for t in (self.at, self.not_before, self.not_after))

    def admits(self, local: datetime) -> bool:
        """Whether this local time is one that is meant; a half that was not said admits every one."""
        if self.first_on is not None and self.last_on is not None and not self.first_on <= local.date() <= self.last_on:
            return False
        at = local.time()
        return (
            self.at in (None, at)
            and (self.not_before is None or self.not_before <= at)
            and (self.not_after is None or at <= self.not_after)
        )

    def merged_with(self, earlier: When | None) -> When:
        """This wish completed by an earlier one: what is said now wins, half by half."""
        if earlier is None:
            return self
        day = self if self.has_day else earlier
        hours = self if self.has_time else earlier
        return When(day.first_on, day.last_on, hours.at, hours.not_before, hours.not_after, day.except_on)


@dataclass(frozen=True, slots=True)
class DayConflict:
    """A weekday and a date that do not go together ("Monday the 1st" when it is a Tuesday)."""

    weekday: int
    on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What was understood; every field empty means nothing was.

    Attributes:
        text: the words as recognised, for the record only.
        service_id: a Service id of the tenant.
        booked_when: the time by which an existing appointment is named ("move my *Thursday* cleaning to Friday");
            only with the wish to move or cancel it.
        staff: who is to perform it; None when that was not spoken of.
        has_appointment: an appointment was spoken of that was made before this call.
        conflict: set instead of `when` when the day contradicts itself: ask, never guess.
        name: as it should be written, e.g. "Dana Smith".
        phone: a complete number, E.164.
        phone_digits: digits of an incomplete number ("five five five"); never with `phone`.
        is_phone_garbled: more digits than a number has, so some were misheard; never with `phone`.
        same_number: "the one I'm calling from".
        answer: yes, no or neither.
        choice: index among the offered openings; -1 is the last.
        correction: the words announced a change ("no, …", "actually", "I meant").
        is_past: a time that has gone by was named ("yesterday").
        emergency: somebody may be in danger now.
        advice: medical or legal advice was asked for.
        is_private: a card or social security number was said; it is not in here.
        questions: asked about the business, in order; what they name is not wished.
        reply: what the knowledge base says to the objection.
        asks_offer: "what was the first one?": index among what was offered, -1 is the last.
        lead: only for tenants who qualify leads.
        message: words to be passed on to the business; data like `text`.
        recipient: for whom they are, as said.
        is_urgent: whether they can wait, when that was said.
        is_order: the wish to cancel is a plain order about what is being talked of ("please cancel it").
        wrong: what of a message that was read back is not right.
        step: the last step that had a part in it.
        confidence: that all of it is what was meant, 0 to 1, as calibrated on words that were kept back; 0 when
            nothing was understood.
        is_doubtful: likely, but to be confirmed by the caller before anything is done about it.
    """

    text: str = ""
    service_id: str | None = None
    when: When | None = None
    booked_when: When | None = None
    staff: StaffWish | None = None
    has_appointment: bool = False
    conflict: DayConflict | None = None
    name: str | None = None
    phone: str | None = None
    phone_digits: str | None = None
    is_phone_garbled: bool = False
    same_number: bool = False
    answer: bool | None = None
    choice: int | None = None
    wishes: frozenset[Wish] = frozenset()
    correction: bool = False
    is_past: bool = False
    emergency: Emergency | None = None
    advice: Advice | None = None
    is_private: bool = False
    questions: tuple[Question, ...] = ()
    objection: Objection | None = None
    reply: Finding | None = None
    asks_offer: int | None = None
    lead: LeadFacts | None = None
    message: str | None = None
    recipient: str | None = None
    is_urgent: bool | None = None
    is_order: bool = False
    wrong: Expect | None = None
    step: Step = Step.GRAMMAR
    confidence: float = 1.0
    is_doubtful: bool = False

    @property
    def has_details(self) -> bool:
        """Whether anything about the booking itself was said."""
        return (
            self.same_number
            or self.is_phone_garbled
            or any(
                value is not None
                for value in (
                    self.service_id,
                    self.when,
                    self.staff,
                    self.conflict,
                    self.name,
                    self.phone,
                    self.phone_digits,
                    self.choice,
                )
            )
        )

    @property
    def is_understood(self) -> bool:
        """Whether these words mean anything to us."""
        beside = (self.emergency, self.advice, self.objection, self.asks_offer, self.lead)
        noted = (self.message, self.is_urgent, self.wrong)
        is_flagged = self.is_past or self.is_private or bool(self.questions) or bool(self.wishes)
        is_said = any(value is not None for value in (self.answer, *beside, *noted))
        return self.has_details or is_flagged or is_said
