"""What a job process and its worker's parent tell each other about providers.

To the parent go attempts and metrics; to the job goes, at once and after every change, which providers to leave alone.
The providers' voices are left out: a breaker and a metric have none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.bootstrap.breaker_board import Board
from agent.domain.breaker import KINDS, OF_CALLERS, Key, key_of
from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Kind, Provider, Used
from agent.runtime.job_line import JobLine, Message, dial
from agent.runtime.job_metrics import ATTEMPTS, FIRST_SECONDS, LABEL_CHARACTERS, USED, JobMetrics
from agent.runtime.logs import get_logger

_log = get_logger("agent.breakers")


class FleetBreakers:
    """A call's `Breakers` and `Reports`: a socket to the parent, which knows the rest. Without one all are closed."""

    def __init__(self) -> None:
        self._line: JobLine | None = None
        self._left_alone: frozenset[Key] = frozenset()

    @classmethod
    async def open(cls, path: Path | None) -> FleetBreakers:
        """Connect to the parent, which takes no longer than 0.3 s and never raises.

        Args:
            path: of the parent's socket; None where there is none.
        """
        opened = cls()
        opened._line = await dial(path, opened._hear)
        return opened

    def is_open(self, provider: Provider) -> bool:
        """Whether the fleet leaves it alone for now."""
        return key_of(provider) in self._left_alone

    def attempted(self, attempt: Attempt) -> None:
        """Count an attempt, for the breaker and for the metrics."""
        kind, name = key_of(attempt.provider)
        self._send({"attempt": [kind.value, name, attempt.blame.value, attempt.first_s, attempt.reason]})

    def used(self, used: Used) -> None:
        """Count what a provider will bill."""
        kind, name = key_of(used.provider)
        self.record(USED, used.amount, (kind.value, name, used.unit.value))

    def record(self, name: str, value: float, labels: Sequence[str] = ()) -> None:
        """Give a declared metric a value."""
        self._send({"metric": [name, value, list(labels)]})

    async def aclose(self) -> None:
        """Hang up on the parent once it has read everything, which takes no longer than half a second."""
        if self._line is not None:
            if self._line.lost:
                _log.warning("job_line.lost", messages=self._line.lost)
            await self._line.hang_up()

    def _send(self, message: Message) -> None:
        if self._line is not None:
            self._line.send(message)

    def _hear(self, message: Message) -> None:
        self._left_alone = frozenset((Kind(kind), name) for kind, name in message["left_alone"])


def greeting(board: Board) -> Message:
    """What every job is to know, in full each time: a message that was lost is made up for by the next."""
    return {"left_alone": [[kind.value, name] for kind, name in board.left_alone]}


class Reception:
    """The parent's ear for what jobs report.

    Args:
        hurry: called after a failure, which the rest of the fleet is to know at once.
    """

    def __init__(self, board: Board, metrics: JobMetrics, hurry: Callable[[], None]) -> None:
        self._board = board
        self._metrics = metrics
        self._hurry = hurry

    def hear(self, message: Message) -> None:
        """A job's message; one that means nothing is counted and dropped."""
        try:
            match message:
                case {"attempt": [kind, str(name), blame, first_s, str(reason)]} if 0 < len(name) <= LABEL_CHARACTERS:
                    self._attempt((Kind(kind), name), Blame(blame), first_s, reason)
                case {"metric": [str(name), value, list(labels)]}:
                    self._metrics.record(name, value, labels)
                case _:
                    self._metrics.dropped("malformed")
        except ValueError:
            self._metrics.dropped("malformed")

    def _attempt(self, key: Key, blame: Blame, first_s: Any, reason: str) -> None:
        labels = (key[0].value, key[1])
        self._metrics.record(ATTEMPTS, 1, (*labels, blame.value))
        if first_s is not None:
            self._metrics.record(FIRST_SECONDS, first_s, labels)
        if key[0] not in KINDS:
            return
        self._board.see(key, OF_CALLERS[blame], reason)
        if blame is not Blame.SUCCESS:
            self._hurry()
