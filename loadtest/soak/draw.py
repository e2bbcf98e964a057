"""What each caller of a run wants, drawn by seed.

Days and times lie inside the demo tenant's opening hours and never collide within a run, so that every
wish can be granted and a refusal is a fault.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loadtest.soak.opening_hours import ZONE, half_hours
from loadtest.soak.spoken import spoken_clock, spoken_day, spoken_month

SERVICES = {
    "cleaning": "a cleaning",
    "checkup": "a checkup",
    "filling": "a filling",
    "whitening": "a whitening",
}
#: Names that the local recogniser gets right over a telephone line in both voices. Others are a caller's
#: to spell; the scenario does so when the read-back is wrong.
NAMES = (
    "James Wilson", "David Lewis", "Michael Young", "Thomas Green", "Linda Baker", "Daniel Carter",
    "Mary Anderson", "John Taylor", "Nancy Moore", "Paul Robinson", "Carol Mitchell", "Mark Turner",
)  # fmt: skip
_HOURS = (9, 10, 11, 13, 14, 15)


@dataclass(frozen=True, slots=True)
class Wish:
    """One caller: what they want booked, and how they say it.

    Attributes:
        start_at: aware, in the tenant's zone.
        number: the number given as contact, ten digits.
        from_number: the number called from, E.164.
    """

    index: int
    service_id: str
    start_at: datetime
    name: str
    number: str
    from_number: str
    voice: str

    def values(self) -> dict[str, str]:
        """Placeholders of the scenario."""
        spaced = ", ".join(" ".join(part) for part in (self.number[:3], self.number[3:6], self.number[6:]))
        return {
            "name": f"soak-{self.index:03d}",
            "voice": self.voice,
            "from": self.from_number,
            "service": SERVICES[self.service_id],
            "day": spoken_day(self.start_at),
            "clock": spoken_clock(self.start_at),
            "date": f"{spoken_month(self.start_at)} {self.start_at.day}".lower(),
            "person": self.name,
            "spelled": ", ".join(" ".join(part.upper()) for part in self.name.split()),
            "digits": spaced,
            "number": self.number,
            "hour": str(self.start_at.hour % 12 or 12),
        }


def draw(
    count: int, *, seed: int, now: datetime, voices: tuple[str, ...], booked: Sequence[datetime] = ()
) -> list[Wish]:
    """`count` wishes that collide neither with each other nor with `booked` starts; the same for the same arguments."""
    rng = random.Random(seed)
    days = [now.astimezone(ZONE).date() + timedelta(days=n) for n in range(3, 45)]
    starts = half_hours(days, _HOURS)
    rng.shuffle(starts)
    taken = list(booked)
    wishes: list[Wish] = []
    for start in starts:
        if len(wishes) == count:
            break
        # no service is longer than this, buffers included, so two wishes can never meet
        if any(abs((start - other).total_seconds()) < 90 * 60 for other in taken):
            continue
        taken.append(start)
        index = len(wishes)
        wishes.append(
            Wish(
                index=index,
                service_id=rng.choice(tuple(SERVICES)),
                start_at=start,
                name=rng.choice(NAMES),
                number="555" + "".join(rng.choice("0123456789") for _ in range(7)),
                from_number=f"+1555{rng.randrange(10_000_000):07d}",
                voice=voices[index % len(voices)],
            )
        )
    if len(wishes) < count:
        raise ValueError(f"only {len(wishes)} wishes fit into the days ahead; ask for fewer than {count}")
    return wishes
