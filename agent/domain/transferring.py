"""While a caller is being put through, and after: somebody has them, or they are back.

A failed transfer loses nothing: the stage it left is kept, and what is left to offer is offered.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import Said, Silent, StoreFailed
from agent.domain.facts import Wish
from agent.domain.lines import LineKey, line
from agent.domain.requests import ReleaseHold
from agent.domain.state import COMMITTING_STAGES, CallState, EndReason, Stage, Transition
from agent.domain.talk import end
from agent.domain.tenant import Tenant
from agent.domain.transfers import TransferDone, TransferFailed, TransferKind, TransferRefusal
from agent.domain.ways_out import after_nobody

FAILURE_LINES: dict[TransferRefusal, LineKey] = {
    TransferRefusal.BUSY: LineKey.TRANSFER_BUSY,
    TransferRefusal.NO_ANSWER: LineKey.TRANSFER_NO_ANSWER,
    TransferRefusal.REFUSED: LineKey.TRANSFER_REFUSED,
    TransferRefusal.UNAVAILABLE: LineKey.TRANSFER_REFUSED,
}


def hear_meanwhile(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: a goodbye ends the call; to anything else, patience is asked for."""
    if Wish.GOODBYE in event.facts.wishes and not event.facts.has_details:
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    return _ask_patience(state, tenant)


def wait(state: CallState, event: Silent, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: say that it still rings; a cold transfer lets the caller hear it ring."""
    return _ask_patience(state, tenant)


def _ask_patience(state: CallState, tenant: Tenant) -> Transition:
    is_warm = tenant.transfer is not None and tenant.transfer.kind is TransferKind.WARM
    return Transition(state, (line(LineKey.TRANSFER_WAIT),) if is_warm else ())


def hand_over(state: CallState, event: TransferDone, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: somebody else has the caller; give back what is reserved and leave without a word."""
    is_unsure = state.failed_stage in COMMITTING_STAGES  # the hold may be an appointment by now
    release = (ReleaseHold(state.hold.id),) if state.hold and not is_unsure else ()
    gone = replace(state, stage=Stage.ENDED, end_reason=EndReason.TRANSFERRED, resumes=None, question=(), hold=None)
    return Transition(gone, effects=release)


def come_back(state: CallState, event: TransferFailed, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: nobody took the call; say so and offer what is left, or go on where the caller was."""
    there = replace(state, stage=state.resumes or Stage.SERVICE, resumes=None)
    return after_nobody(there, now, tenant, (line(FAILURE_LINES[event.reason]),))


def come_back_unsure(state: CallState, event: StoreFailed, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: the agent that was putting the caller through is lost; the caller is still here."""
    return come_back(state, TransferFailed(TransferRefusal.UNAVAILABLE), now, tenant)
