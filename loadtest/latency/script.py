"""What every caller of the benchmark says, and what happens while the agent speaks.

Nobody listens to the agent's words: two cores cannot recognise six calls and carry them. So the lines are questions
that are answered at any point of a call, and a booking whose every step follows from the one before. A test holds the
agent's rules to it (`tests/dialogue/test_latency_script.py`), and each run holds what was stored against what was said.

Day, hour and name differ from call to call, as in a real day: what is said back with them is synthesised anew, the
rest comes from the cache after a warm-up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from loadtest.soak.draw import NAMES
from loadtest.soak.opening_hours import half_hours

NUMBER = "555 012 3456."
_HOURS = range(8, 16)
#: So near that "on Friday" means this one.
_DAYS_AHEAD = range(2, 7)
_APART = timedelta(minutes=90)


class Noise(Enum):
    """Sounds a caller makes while the agent speaks and that ask for nothing."""

    COUGH = "cough"
    MM_HM = "mm-hm"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the caller's, and what he does in the reply to it.

    Attributes:
        barges_after_s: it is said so long into the reply to the line before; None after its end.
        noise: made `NOISE_AFTER_S` into the reply to this line.
    """

    says: str
    barges_after_s: float | None = None
    noise: Noise | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What differs between two calls: an appointment nobody else of the run asks for, and never makes."""

    at: datetime
    name: str


#: In the middle of the first sentence of every reply that is barged into, with time to stop before its end: a pause
#: of the agent's own would be taken for a stop. Noise comes where most of the reply is still to come.
NOISE_AFTER_S = 1.2
_BARGE_AFTER_S = 0.8


def steps(wish: Wish) -> tuple[Step, ...]:
    """One call's lines, from the end of the greeting to the goodbye."""
    minute = f":{wish.at:%M}" if wish.at.minute else ""
    clock = f"{wish.at.hour % 12 or 12}{minute} {wish.at:%p}"
    return (
        Step("Where can I park?", noise=Noise.MM_HM),
        Step("How much is a cleaning?", noise=Noise.COUGH),
        Step("It is about my fang."),  # nobody but the model understands it
        Step("I'd like to book a cleaning."),
        Step(f"On {wish.at:%A}."),  # an hour may follow
        Step(f"At {clock}."),
        Step(f"{wish.name}."),
        Step(NUMBER),
        Step("Sorry, what happens if I cancel late?", barges_after_s=_BARGE_AFTER_S, noise=Noise.COUGH),
        Step("Which insurance plans do you take?"),
        Step("Can I pay by credit card?", barges_after_s=_BARGE_AFTER_S, noise=Noise.MM_HM),
        Step("Are you taking new patients?"),
        Step("What is your address?", barges_after_s=_BARGE_AFTER_S),
        Step("How long does it take?"),
        Step("No, thank you. Goodbye."),
    )


def draw(count: int, *, seed: int, today: date, busy: Sequence[datetime] = ()) -> list[Wish]:
    """So many wishes, no two at the same time and none near an appointment; the same for the same arguments.

    Raises:
        ValueError: the week to come has not enough free hours.
    """
    rng = random.Random(seed)
    days = [today + timedelta(days=ahead) for ahead in _DAYS_AHEAD]
    starts = half_hours(days, _HOURS)
    starts = [start for start in starts if all(abs(start - at) >= _APART for at in busy)]
    if count > len(starts):
        raise ValueError(f"only {len(starts)} of {count} calls find a free hour of their own in the week to come")
    rng.shuffle(starts)
    return [Wish(start, rng.choice(NAMES)) for start in starts[:count]]
