"""One fault in the middle of calls at the same time, and what came of it in each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.chaos.calling import Calling, Errand, Made, says
from loadtest.chaos.heard import first_sound_ms, longest_pause_ms
from loadtest.chaos.plan import GOOD, LAST, Pair, Trial
from loadtest.chaos.reached import was_spared
from loadtest.chaos.telephone import Order
from loadtest.emulators.orders import Emulators

#: Before it, one that goes well.
FAULTED_LINE = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial showed.

    Attributes:
        heard_ms: from the caller's last sample to the agent's first sound; None when nothing came.
        pause_ms: the longest within what followed.
        has_reply: the store has a reply of the kind that was expected.
        ended_well: every line was said, and the agent said goodbye and hung up.
        void: why it does not count: the fault did not reach the call, it was not good before, the machine was noisy.
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


def attempt(pair: Pair, trials: Sequence[Trial], calling: Calling, emulators: Emulators, called: str) -> list[Outcome]:
    """A call for each trial of the pair, all at once: the fault strikes when all have had a good first turn, right
    before the second line, and lasts until the last call is over.
    """
    served, fault = pair.target.served, pair.fault
    had = emulators.faults_had(served, fault)
    order = Order(FAULTED_LINE, lambda: emulators.strike(served, fault))
    try:
        made = calling.make_at_once([errand(trial, called, order) for trial in trials])
    finally:
        emulators.mend()
    struck = emulators.faults_had(served, fault) - had
    return [judged(trial, each, struck) for trial, each in zip(trials, made, strict=True)]


def errand(trial: Trial, called: str, order: Order) -> Errand:
    """A trial's call, with a good first turn."""
    name = f"{trial.pair.target.kind.value}-{trial.pair.fault}-{trial.number:02d}"
    return Errand(name, called, says(GOOD, trial.says, LAST), order)


def judged(trial: Trial, made: Made, struck: int) -> Outcome:
    """What the call showed.

    Args:
        struck: requests and streams that had the fault, of all calls at that time.
    """
    report, stored = made.heard.report, made.stored
    void = [*report["void"], *unreached(trial, made, struck)]
    sentences = list(report["failures"])
    has_reply = stored is not None and stored.answers(trial.expected)
    if not has_reply:
        sentences.append(f"no reply to {trial.says!r} had {trial.expected!r}" if stored else "the call was not stored")
    ends_ns = [*made.heard.line_ends_ns, 0, 0][FAULTED_LINE : FAULTED_LINE + 2]
    return Outcome(
        trial=trial,
        call_id=str(stored.call["id"]) if stored else "",
        heard_ms=first_sound_ms(report, FAULTED_LINE),
        pause_ms=longest_pause_ms(made.heard.spurts, ends_ns[0], ends_ns[1] or time.time_ns()),
        has_reply=has_reply,
        ended_well=made.ended_well,
        void=tuple(void),
        sentences=tuple(sentences),
    )


def unreached(trial: Trial, made: Made, struck: int) -> list[str]:
    """Why the fault did not meet this call as it should have, at most one sentence."""
    report, name, fault = made.heard.report, trial.pair.target.name, trial.pair.fault
    if len(report["turns"]) <= FAULTED_LINE:
        return [f"the call went wrong before the fault: {'; '.join(report['failures']) or 'it ended'}"]
    if not made.heard.was_there:
        return ["the other calls of its round were further when the fault was ordered"]
    if not struck:
        return [f"{name} was not asked for anything while it was {fault}"]
    if made.stored is not None and was_spared(trial.pair, made.stored):
        return [f"this call did not ask {name} for anything while it was {fault}"]
    return []
