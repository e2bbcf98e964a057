"""One fault in the middle of one call, and what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from loadtest.chaos.calling import Calling, Made, says
from loadtest.chaos.heard import first_sound_ms, longest_pause_ms
from loadtest.chaos.orders import Emulators
from loadtest.chaos.plan import GOOD, LAST, Trial
from loadtest.chaos.telephone import Order

_FAULTED_LINE = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial showed.

    Attributes:
        heard_ms: from the caller's last sample to the agent's first sound; None when nothing came.
        pause_ms: the longest within what followed.
        has_reply: the store has a reply of the kind that was expected.
        ended_well: every line was said, and the agent said goodbye and hung up.
        void: why it does not count: the fault struck nobody, the call before it was not good, the machine was noisy.
        sentences: what was not as it should be.
    """

    trial: Trial
    call_id: str
    heard_ms: float | None
    pause_ms: float
    has_reply: bool
    ended_well: bool
    void: tuple[str, ...]
    sentences: tuple[str, ...]


def attempt(trial: Trial, calling: Calling, emulators: Emulators, called: str) -> Outcome:
    """One call. The fault strikes as the caller's second line begins, and lasts until the call is over."""
    target = trial.target
    had = emulators.faults_had(target.served, trial.fault)
    try:
        made = calling.make(
            f"{target.kind.value}-{trial.fault}-{trial.number:02d}",
            called,
            says(GOOD, trial.says, LAST),
            Order(_FAULTED_LINE, lambda: emulators.strike(target.served, trial.fault)),
        )
    finally:
        emulators.mend()
    return judged(trial, made, emulators.faults_had(target.served, trial.fault) - had)


def judged(trial: Trial, made: Made, struck: int) -> Outcome:
    """What the call showed.

    Args:
        struck: requests and streams that had the fault.
    """
    report, stored = made.heard.report, made.stored
    void, sentences = list(report["void"]), list(report["failures"])
    if len(report["turns"]) <= _FAULTED_LINE:
        void.append(f"the call went wrong before the fault: {'; '.join(sentences) or 'it ended'}")
    elif not struck:
        void.append(f"{trial.target.name} was not asked for anything while it was {trial.fault}")
    has_reply = stored is not None and stored.answers(trial.expected)
    if not has_reply:
        sentences.append(f"no reply to {trial.says!r} had {trial.expected!r}" if stored else "the call was not stored")
    ends_ns = [*made.heard.line_ends_ns, 0, 0][_FAULTED_LINE : _FAULTED_LINE + 2]
    return Outcome(
        trial=trial,
        call_id=str(stored.call["id"]) if stored else "",
        heard_ms=first_sound_ms(report, _FAULTED_LINE),
        pause_ms=longest_pause_ms(made.heard.spurts, ends_ns[0], ends_ns[1] or time.time_ns()),
        has_reply=has_reply,
        ended_well=made.ended_well,
        void=tuple(void),
        sentences=tuple(sentences),
    )
