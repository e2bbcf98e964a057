"""What the runner is told about a process: how to start it, when it is healthy, how to stop it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.local.health import Probe


@dataclass(frozen=True, slots=True)
class Part:
    """A process of the stack, or a step that runs once.

    Attributes:
        name: what `status` shows and `skip` names.
        argv: the command.
        env: its whole environment.
        after: names of parts that must be healthy (steps: done) before it starts and stop after it.
        probe: its health; None for a step, which is done when it exits 0.
        deadline_s: from start to healthy or done.
        probe_every_s: while it is healthy.
        prepare: run before every start, in a thread.
        stop_signal: asks it to end.
        stop_grace_s: after so long it is killed.
    """

    name: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(repr=False)
    after: tuple[str, ...]
    probe: Probe | None
    deadline_s: float
    probe_every_s: float = 1.0
    probe_timeout_s: float = 2.0
    prepare: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_grace_s: float = 5.0

    @property
    def is_step(self) -> bool:
        """Whether it runs once instead of staying."""
        return self.probe is None
