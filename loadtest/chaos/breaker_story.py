"""A provider that fails until the fleet leaves it alone, and is taken back once a probe finds it mended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from loadtest.chaos import breaker_rows, business, plan
from loadtest.chaos.calling import Errand, Made, says
from loadtest.chaos.plan import GOOD, LAST, Target
from loadtest.chaos.stage import Stage

_FAULT = "failing"
#: At once, so that their failures are a burst; and so many times.
_CALLS_AT_ONCE, _MOST_TIMES = 3, 3
#: No probe may come during the call that must find the provider left alone: the call, with what is around it.
_CALL_S = 45.0
#: Each failed probe doubles the wait, so that one of `_CALL_S` is reached at the third.
_QUIET_WITHIN_S = 240.0
#: From a mended provider to the probe that finds it so.
_CLOSED_WITHIN_S = 240.0
_LOOK_EVERY_S = 0.5


class Wrong(Exception):
    """Something the fleet should have done, as a sentence."""


class BreakerStory:
    """Told of one provider, with the seconds since the beginning."""

    def __init__(self, stage: Stage, target: Target) -> None:
        self._target = target
        self._calling = stage.calling
        self._emulators = stage.emulators
        self._database_url = stage.database_url
        self._console = stage.console
        self._began = time.monotonic()
        self._colours = iter(plan.COLOURS)
        self._standing = ""

    def run(self) -> list[str]:
        """All of it, in some minutes. Returns: what was wrong, in sentences."""
        self._console.rule(f"{self._target.kind.value}: {self._target.name}")
        try:
            self._story()
        except Wrong as wrong:
            self._say(f"WRONG: {wrong}")
            return [f"{self._target.name}: {wrong}"]
        finally:
            self._emulators.mend()
        return []

    def _story(self) -> None:
        breaker_rows.close(self._database_url, self._target)
        with self._asked("a call, with all well") as asked:
            self._call(1)
        if not asked():
            raise Wrong("it is not used at all")
        self._emulators.strike(self._target.served, _FAULT)
        self._say(f"it is {_FAULT} from now on")
        self._until_open()
        self._until_probes_are_rare()
        with self._asked("a call, while the breaker is open") as asked:
            (made,) = self._call(1)
        if asked():
            raise Wrong(f"it was asked {asked()} times although its breaker was open")
        if not made.ended_well:
            raise Wrong(f"without it a call did not end well: {'; '.join(made.heard.report['failures'])}")
        self._emulators.mend()
        self._say("it is mended")
        self._until("closed", _CLOSED_WITHIN_S)
        with self._asked("a call, with all well again") as asked:
            self._call(1)
        if not asked():
            raise Wrong("it is not used again although its breaker is closed")

    def _until_open(self) -> None:
        for _ in range(_MOST_TIMES):
            self._say(f"{_CALLS_AT_ONCE} calls at once")
            self._call(_CALLS_AT_ONCE)
            if self._look().standing != "closed":
                return
        raise Wrong(f"its breaker is closed after {_MOST_TIMES * _CALLS_AT_ONCE} calls in which it failed")

    def _until_probes_are_rare(self) -> None:
        """Until the next probe is further away than a call is long."""
        for _ in self._looks(_QUIET_WITHIN_S):
            row = self._look()
            due_s = (row.due_at - datetime.now(UTC)).total_seconds() if row.due_at else 0.0
            if row.standing == "open" and due_s > _CALL_S:
                self._say(f"the next probe is due in {due_s:.0f} s")
                return
        raise Wrong(f"its breaker was never open for {_CALL_S:.0f} s")

    def _until(self, standing: str, within_s: float) -> None:
        for _ in self._looks(within_s):
            if self._look().standing == standing:
                return
        raise Wrong(f"its breaker was not {standing} within {within_s:.0f} s")

    def _look(self) -> breaker_rows.Standing:
        """The breaker now; a change is told."""
        row = breaker_rows.standing(self._database_url, self._target)
        if row.standing != self._standing:
            self._standing = row.standing
            self._say(f"breaker {row.standing}")
        return row

    def _looks(self, within_s: float) -> Iterator[None]:
        ends_at = time.monotonic() + within_s
        while time.monotonic() < ends_at:
            yield
            time.sleep(_LOOK_EVERY_S)

    def _call(self, count: int) -> list[Made]:
        asks = plan.asking(self._target.kind, next(self._colours))
        name = f"breaker-{self._target.kind.value}"
        return self._calling.make_at_once([Errand(name, business.PLAIN, says(GOOD, asks, LAST))] * count)

    @contextmanager
    def _asked(self, what: str) -> Iterator[Callable[[], int]]:
        """How many requests came to the provider meanwhile; to be asked afterwards."""
        before = self._requests()
        yield lambda: self._requests() - before
        self._say(f"{what}: it was asked {self._requests() - before} times")

    def _requests(self) -> int:
        return int(self._emulators.counts()[self._target.served].get("requests", 0))

    def _say(self, what: str) -> None:
        self._console.print(f"{time.monotonic() - self._began:6.1f} s  {what}")
