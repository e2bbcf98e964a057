"""What a worker knows of breakers: the fleet's, as last read, and what its own calls have seen since.

A failure counts for every call of this worker at once; for the rest of the fleet when it is stored. While PostgreSQL
is away the board goes by what this worker sees alone. A local engine is one machine's: its breaker is never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.breaker import Breaker, Happening, Key, Standing, after, is_due
from agent.domain.providers import LOCAL
from agent.runtime.job_metrics import BREAKER_STATE, Record
from agent.runtime.logs import get_logger
from agent.storage.breakers import Fleet, Told

_log = get_logger("agent.breakers")

#: Not yet stored; what comes on top is not counted.
MOST_PENDING = 1000
_GAUGE = {Standing.CLOSED: 0, Standing.HALF_OPEN: 1, Standing.OPEN: 2}


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that happened here, at a moment of the server's clock as far as we know it."""

    key: Key
    happening: Happening
    at: datetime
    reason: str = ""


class Board:
    """The breakers, by provider.

    Args:
        clock: aware UTC.
        record: where their standing is shown.
        changed: called when the providers to be left alone have become others.
    """

    def __init__(self, clock: Callable[[], datetime], record: Record, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._record = record
        self._changed = changed
        self._breakers: dict[Key, Breaker] = {}
        self._ahead = timedelta()
        #: To be stored, oldest first.
        self.pending: list[Seen] = []
        self.lost = 0

    def now(self) -> datetime:
        """The server's clock, as of the last reading."""
        return self._clock() + self._ahead

    @property
    def left_alone(self) -> list[Key]:
        """Which providers callers are not sent to, in a fixed order."""
        return sorted(
            (key for key, breaker in self._breakers.items() if breaker.is_left_alone),
            key=lambda key: (key[0].value, key[1]),
        )

    def due(self, *, configured: Sequence[Key] = (), idle_s: float | None = None) -> list[Key]:
        """Whose probe may begin.

        Args:
            configured: probed too when nothing was heard of them for `idle_s` seconds.
        """
        at = self.now()
        keys = {**self._breakers, **{key: self._breakers.get(key, Breaker()) for key in configured}}
        return [
            key for key, breaker in keys.items() if is_due(breaker, at, idle_s=idle_s if key in configured else None)
        ]

    def see(self, key: Key, happening: Happening, reason: str = "") -> None:
        """Something happened here, now."""
        # a provider's words may hold what PostgreSQL's text cannot
        seen = Seen(key, happening, self.now(), "".join(each for each in reason if each.isprintable()))
        if not is_machines_own(key):
            if len(self.pending) < MOST_PENDING:
                self.pending.append(seen)
            else:
                self.lost += 1
        self._apply({key: _told(self._breakers.get(key, Breaker()), seen)})

    def claim(self, key: Key, idle_s: float | None) -> bool:
        """Take a probe without asking the fleet: of a local engine, or while nobody else can be asked."""
        breaker = self._breakers.get(key, Breaker())
        if not is_due(breaker, self.now(), idle_s=idle_s):
            return False
        self._apply({key: after(breaker, Happening.PROBE_CLAIMED, self.now())})
        return True

    def untold(self, count: int) -> list[Told]:
        """The oldest of what is pending, as storage takes it."""
        at = self.now()
        return [
            Told(seen.key, seen.happening, max(0.0, (at - seen.at).total_seconds()), seen.reason)
            for seen in self.pending[:count]
        ]

    def give_up(self, count: int) -> None:
        """The oldest `count` of what is pending can never be stored."""
        del self.pending[:count]
        self.lost += count

    def stored(self, count: int, breakers: Mapping[Key, Breaker]) -> None:
        """The oldest `count` of what was pending are in `breakers` now."""
        del self.pending[:count]
        self.adopt(breakers)

    def read(self, fleet: Fleet) -> None:
        """Every breaker there is, and what time it is."""
        self._ahead = fleet.at - self._clock()
        self.adopt(fleet.breakers)

    def adopt(self, breakers: Mapping[Key, Breaker]) -> None:
        """These are the fleet's breakers; what is pending comes on top of them."""
        adopted = dict(breakers)
        for seen in self.pending:
            if seen.key in adopted:
                adopted[seen.key] = _told(adopted[seen.key], seen)
        self._apply(adopted)

    def _apply(self, breakers: Mapping[Key, Breaker]) -> None:
        before = self.left_alone
        for key, breaker in breakers.items():
            was = self._breakers.get(key, Breaker()).standing
            self._breakers[key] = breaker
            self._record(BREAKER_STATE, _GAUGE[breaker.standing], (key[0].value, key[1]))
            if breaker.standing is not was:
                _say(key, breaker)
        if self.left_alone != before:
            self._changed()


def is_machines_own(key: Key) -> bool:
    """Whether a provider is this machine's, and no other worker's business."""
    return key[1] == LOCAL


def _told(breaker: Breaker, seen: Seen) -> Breaker:
    return after(breaker, seen.happening, seen.at, seen.reason)


def _say(key: Key, breaker: Breaker) -> None:
    facts = {"kind": key[0].value, "provider": key[1]}
    match breaker.standing:
        case Standing.OPEN:
            cause = breaker.cause.value if breaker.cause else None
            _log.warning("breaker.opened", **facts, cause=cause, reason=breaker.reason, open_s=breaker.open_s)
        case Standing.HALF_OPEN:
            _log.info("breaker.probed", **facts)
        case Standing.CLOSED:
            _log.info("breaker.closed", **facts)
