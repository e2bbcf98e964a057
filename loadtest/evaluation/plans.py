"""What each caller of a run wants, knows and is like, drawn by seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum

from loadtest.evaluation.base_questions import BaseQuestion
from loadtest.evaluation.business import Business, Service
from loadtest.evaluation.spoken_when import spoken_times

_FIRST_NAMES = (
    "James", "Maria", "David", "Linda", "Ahmed", "Priya", "Carlos", "Emily", "Wei", "Olga", "Dana", "Kevin", "Fatima",
    "Peter", "Nancy", "Hiroshi", "Grace", "Omar", "Julia", "Marcus", "Irene", "Paul", "Sofia", "Brian", "Keisha",
    "Tom", "Rosa", "Anthony", "Megan", "Victor",
)  # fmt: skip
_LAST_NAMES = (
    "Smith", "Nguyen", "Garcia", "Johnson", "Patel", "Kim", "Brown", "Kowalski", "Lopez", "O'Brien", "Turner",
    "Schmidt", "Rossi", "Cohen", "Walker", "Mitchell", "Haddad", "Ivanova", "Carter", "Jackson", "Robinson", "Tanaka",
    "Murphy", "Edwards", "Fischer", "Santos", "Bennett", "Hughes", "Larsen", "Okafor",
)  # fmt: skip
#: What callers ask about.
QUESTIONS = ("ask_hours", "ask_price", "ask_address", "ask_parking")
_FIRST_DAY = date(2026, 11, 30)
_DAYS_OF_CALLS = 330
_DAYS_AHEAD = 26
#: Bookings of one plan, and strangers', are at least this far apart: no service with its buffer is longer.
_APART = timedelta(minutes=120)
#: How many callers of a hundred come with each goal, or with each one after the other.
_GOALS = {
    ("book",): 48, ("move",): 13, ("cancel",): 11, ("ask",): 7, ("message",): 5, ("human",): 4,
    ("ask", "book"): 3, ("book", "ask"): 2, ("cancel", "book"): 3, ("move", "ask"): 2, ("book", "book"): 2,
    ("book", "message"): 2, ("message", "book"): 1,
}  # fmt: skip


class Change(Enum):
    """What a caller changes his mind about when everything is read back."""

    TIME = "time"
    DAY = "day"
    SERVICE = "service"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment, wished or standing. `start` is wall clock, `phone` E.164."""

    service_id: str
    start: datetime
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing a caller wants.

    Attributes:
        kind: book, move, cancel, ask, message, human, or message_instead of a human where there is none.
        wish: of book and move, what is to stand in the diary at the end.
        fallbacks: starts that would do when the first is not free, best first; all free.
        own: of move and cancel, the appointment as it stands.
        is_flexible: takes what is offered.
        questions: of ask, kinds of questions.
        change: what is changed at the first read-back; `changed` is the wish afterwards.
        is_urgent: of message, whether it cannot wait.
    """

    kind: str
    wish: Booking | None = None
    fallbacks: tuple[datetime, ...] = ()
    own: Booking | None = None
    is_flexible: bool = False
    questions: tuple[str, ...] = ()
    change: Change | None = None
    changed: Booking | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One caller and the diary he calls.

    Attributes:
        now: the call's wall clock.
        name, phone: the caller's own.
        from_number: E.164, None when withheld.
        booked: the caller's own appointments; `others` are strangers' services and starts.
        is_noisy: his words go through the word-error channel.
        talkative: 0 to 1, how much is said before it is asked for.
        leaves_after: hangs up after this many turns; None when he stays.
        digresses_at: the turn at which he asks for a repetition or something else; None never.
        cuts_in: interrupts the first read-back with a yes.
        drops_it: never minds, at the first read-back.
        is_person_there: whoever asks for a person can be put through.
        question: what he asks the business beside his goals; `asks_at`: the first turn at which he may.
    """

    index: int
    now: datetime
    name: str
    phone: str
    from_number: str | None
    goals: tuple[Goal, ...]
    booked: tuple[Booking, ...] = ()
    others: tuple[tuple[str, datetime], ...] = ()
    is_noisy: bool = False
    talkative: float = 0.5
    leaves_after: int | None = None
    digresses_at: int | None = None
    cuts_in: bool = False
    drops_it: bool = False
    is_person_there: bool = False
    question: BaseQuestion | None = None
    asks_at: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """A diary that stands already, and who may call it.

    Attributes:
        now: wall clock.
        taken: starts that nothing may be drawn near to.
        people: first and last names.
    """

    now: datetime
    taken: tuple[datetime, ...]
    people: tuple[str, ...]


@dataclass
class _Diary:
    """Starts drawn so far, none near another. `days` draws them, so that a fuller diary changes nothing else."""

    business: Business
    now: datetime
    rng: random.Random
    days: random.Random
    people: tuple[str, ...] = ()
    taken: list[datetime] = field(default_factory=list)

    def someone(self, but: str = "") -> str:
        """A name; of others than `but`, one with the same first name where any first name goes with any last."""
        if self.people:
            return self.rng.choice([name for name in self.people if name != but])
        if but:
            return f"{but.split()[0]} {self.rng.choice([last for last in _LAST_NAMES if last not in but])}"
        return f"{self.rng.choice(_FIRST_NAMES)} {self.rng.choice(_LAST_NAMES)}"

    def start(self, service: Service, on: date | None = None) -> datetime:
        """A free one, on this day if it has one. Raises ValueError: there is none at all."""
        times = sorted(spoken_times())
        for _ in range(1000):
            day = on or self.now.date() + timedelta(days=self.days.randint(1, _DAYS_AHEAD))
            start = datetime.combine(day, self.days.choice(times))
            is_far = all(abs(start - other) >= _APART for other in self.taken)
            if is_far and self.business.is_open(start, service.length_min):
                self.taken.append(start)
                return start
        if on is None:
            raise ValueError(f"nothing is free for {service.id}")
        return self.start(service)


def draw(index: int, *, seed: int, business: Business, scene: Scene | None = None) -> Plan:
    """The caller with this number; the same for the same arguments.

    Args:
        scene: where the diary is real; without it a day, an empty diary and a name are drawn.
    Raises: ValueError: the diary is full.
    """
    rng = random.Random(f"{seed}/{index}")
    diary = _diary(rng, business, scene, f"{seed}/{index}/days")
    now, name = diary.now, diary.someone()
    phone = _number(rng)
    kinds = rng.choices(list(_GOALS), weights=list(_GOALS.values()))[0]
    others: list[tuple[str, datetime]] = []
    goals = [_goal(kind, name, phone, diary, others) for kind in kinds]
    booked = tuple(goal.own for goal in goals if goal.own)
    if booked and rng.random() < 0.25:
        other = rng.choice([service for service in business.services if service.id != booked[0].service_id])
        booked = (*booked, Booking(other.id, diary.start(other), name, phone))
    for _ in range(rng.randrange(4)):
        service = rng.choice(business.services)
        others.append((service.id, diary.start(service)))
    return Plan(
        index=index,
        now=now,
        name=name,
        phone=phone,
        from_number=rng.choices([phone, _number(rng), None], weights=[55, 30, 15])[0],
        goals=tuple(goals),
        booked=booked,
        others=tuple(others),
        is_noisy=rng.random() < 0.5,
        talkative=rng.random(),
        leaves_after=rng.randint(1, 6) if rng.random() < 0.05 else None,
        digresses_at=rng.randint(1, 6) if rng.random() < 0.2 else None,
        cuts_in=rng.random() < 0.08,
        drops_it=kinds == ("book",) and rng.random() < 0.03,
        is_person_there=rng.random() < 0.5,
    )


def _diary(rng: random.Random, business: Business, scene: Scene | None, days: str) -> _Diary:
    if scene is not None:
        return _Diary(business, scene.now, rng, random.Random(days), scene.people, list(scene.taken))
    now = datetime.combine(_FIRST_DAY + timedelta(days=rng.randrange(_DAYS_OF_CALLS)), time(8))
    return _Diary(business, now, rng, rng)


def _goal(kind: str, name: str, phone: str, diary: _Diary, others: list[tuple[str, datetime]]) -> Goal:
    rng, business = diary.rng, diary.business
    service = rng.choice(business.services)
    if kind == "ask":
        return Goal(kind, questions=tuple(rng.sample(QUESTIONS, 3)))
    if kind not in ("book", "move", "cancel"):
        return Goal(kind, is_urgent=rng.random() < 0.3)
    own = None if kind == "book" else Booking(service.id, diary.start(service), name, phone)
    if kind == "cancel":
        return Goal(kind, own=own)
    wish = Booking(service.id, diary.start(service), name, phone)
    is_blocked = rng.random() < 0.2
    if is_blocked:
        others += [(service.id, wish.start)] * service.staff
    fallbacks = tuple(diary.start(service) for _ in range(2))
    goal = Goal(kind, wish, fallbacks, own, is_flexible=rng.random() < 0.4)
    is_changing = kind == "book" and not is_blocked and rng.random() < 0.25
    return _with_change(goal, diary) if is_changing else goal


def _with_change(goal: Goal, diary: _Diary) -> Goal:
    """The same goal of somebody who will change his mind."""
    rng, wish = diary.rng, goal.wish
    assert wish is not None
    change = rng.choice(list(Change))
    service, start, name, phone = wish.service_id, wish.start, wish.name, wish.phone
    match change:
        case Change.TIME:
            start = diary.start(diary.business.service(service), wish.start.date())
        case Change.DAY:
            start = diary.start(diary.business.service(service))
        case Change.SERVICE:
            service = _another_at(start, service, diary)
        case Change.PHONE:
            phone = _number(rng)
        case Change.NAME:
            name = diary.someone(but=name)
    return Goal(
        goal.kind, wish, goal.fallbacks, goal.own, goal.is_flexible, change=change,
        changed=Booking(service, start, name, phone),
    )  # fmt: skip


def _another_at(start: datetime, service_id: str, diary: _Diary) -> str:
    """Another service that also fits at this time."""
    fitting = [
        service.id
        for service in diary.business.services
        if service.id != service_id and diary.business.is_open(start, service.length_min)
    ]
    return diary.rng.choice(fitting) if fitting else service_id


def _number(rng: random.Random) -> str:
    """A North American number in E.164."""
    area_code = rng.choice([code for code in range(201, 990) if code // 10 % 10 != 9 and code % 100 != 11])
    return f"+1{area_code}555{rng.randrange(10_000):04d}"
