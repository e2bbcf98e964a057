"""Calls that wait for each other before a line, so that something can be done in all of them at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from loadtest.caller.conversation import Conversation
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.prompter import Cue
from loadtest.caller.record import Record
from loadtest.caller.script import Scenario

#: The agent asks whether anybody is there after eight seconds, of which the caller has been quiet for two.
LONGEST_WAIT_S = 5.5
#: What is done is a request or two on loopback.
_ACT_LIMIT_S = 15.0


class Meeting:
    """One line's, in one round of calls; asked by the loop that carries them, many times a second.

    Args:
        at_line: counted from 0.
        act: done once all who are expected have come, or the first has waited for `LONGEST_WAIT_S`; then they go on.
            In a thread, because the loop must send a packet every 20 ms.
        expected: numbers of the calls that are dialled.
        clock: seconds, monotonic.

    Attributes:
        had: numbers of those that were there when it was done.
    """

    def __init__(
        self,
        at_line: int,
        act: Callable[[], object],
        expected: Iterable[int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.had: frozenset[int] = frozenset()
        self._at_line = at_line
        self._act = act
        self._expected = set(expected)
        self._clock = clock
        self._came: set[int] = set()
        self._first_at = 0.0
        self._error: Exception | None = None
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def may_say(self, number: int, line: int) -> bool:
        """Whether a call may begin a line now."""
        if line != self._at_line:
            return True
        if not self._came:
            self._first_at = self._clock()
        self._came.add(number)
        is_late = self._clock() - self._first_at > LONGEST_WAIT_S
        if self._thread is None and (self._expected <= self._came or is_late):
            self.had = frozenset(self._came)
            self._thread = threading.Thread(target=self._run, name="chaos-act", daemon=True)
            self._thread.start()
        return self._done.is_set()

    def left(self, number: int) -> None:
        """A call is over: nobody waits for it."""
        self._expected.discard(number)

    def finish(self) -> None:
        """Raises what was raised when it was done."""
        if self._thread is not None:
            self._thread.join(_ACT_LIMIT_S)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:
            self._error = error
        finally:
            self._done.set()


class MeetingConversation(Conversation):
    """One call's, followed by energy alone.

    Args:
        number: as the meeting expects it.
    """

    def __init__(
        self, scenario: Scenario, tracker: SpeechTracker, record: Record, meeting: Meeting, number: int
    ) -> None:
        super().__init__(scenario, tracker, record, has_ear=False)
        self._meeting = meeting
        self._number = number

    def over(self, at_ns: int, by: str) -> None:
        """The call ended, whoever ended it."""
        super().over(at_ns, by)
        self._meeting.left(self._number)

    def _act(self, cue: Cue, spurts: list[Spurt], *, barged_in: bool = False) -> None:
        line = len(self.scenario.lines) - self._prompter.lines_left
        if self._meeting.may_say(self._number, line):
            super()._act(cue, spurts, barged_in=barged_in)

    def _leave(self) -> None:
        super()._leave()
        self._meeting.left(self._number)
