"""What is remembered of a call, and the shape of a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from agent.domain.codec import decode, encode
from agent.domain.events import Appointment, Effect, Hold, Line, Read
from agent.domain.facts import Emergency, Expect, When
from agent.domain.openings import Opening


class Stage(Enum):
    """Where the call is."""

    RINGING = "ringing"
    SERVICE = "service"
    TIME = "time"
    SEARCHING = "searching"
    CHOOSING = "choosing"
    HOLDING = "holding"
    NAME = "name"
    PHONE = "phone"
    CONFIRMING = "confirming"
    BOOKING = "booking"
    BOOKED = "booked"
    TROUBLE = "trouble"
    ENDED = "ended"


#: Stages in which a reply from storage is awaited; the engine must deliver it or StoreFailed.
PENDING_STAGES = frozenset({Stage.SEARCHING, Stage.HOLDING, Stage.BOOKING})


class EndReason(Enum):
    """Why a call ended."""

    GOODBYE = "goodbye"
    NOT_UNDERSTOOD = "not_understood"
    SILENCE = "silence"
    STORE_FAILED = "store_failed"
    CALLER_HUNG_UP = "caller_hung_up"


@dataclass(frozen=True)
class CallState:
    """Everything the rules remember of a call; stored as JSON after each committed turn.

    Attributes:
        caller_number: E.164, None when withheld.
        when: the wish so far, possibly half said.
        offered: openings last offered, in the order they were spoken.
        chosen: the opening asked for by HoldOpening and not yet answered.
        hold: our reservation; its opening is the one read back.
        phone_digits: beginning of a number said in pieces.
        question: the last question, asked again after a silence.
        last_lines: what was said last, for "repeat that".
        misses: consecutive utterances not understood.
        is_checking: "are you still there?" was asked: a bare "yes" answers that and nothing else.
        is_outcome_heard: False while the caller talked over the news that the booking is made.
        is_readback_heard: False until the caller has heard what is about to be booked.
        is_hold_stale: the wish changed since; the hold is exchanged when a new opening is chosen.
        losses: openings lost to somebody else since the caller last named a time.
        failed_stage: in TROUBLE, the pending stage that failed.
        store_failures: failures so far; the second ends the call.
        emergency: of what kind the last one was that the caller spoke of.
        wants_callback: somebody has to call this caller back.
        declines_recording: the caller objected to being recorded, in this call or before another agent took over.
    """

    stage: Stage = Stage.RINGING
    caller_number: str | None = None
    service_id: str | None = None
    when: When | None = None
    offered: tuple[Opening, ...] = ()
    chosen: Opening | None = None
    hold: Hold | None = None
    name: str | None = None
    phone: str | None = None
    phone_digits: str | None = None
    appointments: tuple[Appointment, ...] = ()
    expects: Expect = Expect.ANY
    question: tuple[Line, ...] = ()
    last_lines: tuple[Line, ...] = ()
    misses: int = 0
    is_readback_heard: bool = False
    is_outcome_heard: bool = True
    is_hold_stale: bool = False
    losses: int = 0
    is_checking: bool = False
    failed_stage: Stage | None = None
    store_failures: int = 0
    wants_callback: bool = False
    emergency: Emergency | None = None
    declines_recording: bool = False
    end_reason: EndReason | None = None

    def to_json(self) -> dict[str, Any]:
        """This state as JSON-ready values."""
        document: dict[str, Any] = encode(self)
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> CallState:
        """The state `to_json` wrote; fields added since then get their defaults."""
        return decode(cls, document)


@dataclass(frozen=True, slots=True)
class Transition:
    """What follows from an event.

    Attributes:
        say: lines to speak, in order; with effects that await a reply it is empty.
        reads: look-ups to run now; each is answered by an event.
        effects: to be run once, in order, after the turn is committed.
    """

    state: CallState
    say: tuple[Line, ...] = ()
    reads: tuple[Read, ...] = ()
    effects: tuple[Effect, ...] = ()


def new_call(caller_number: str | None) -> CallState:
    """The state of a call that has not been answered yet. `caller_number` is E.164 or None."""
    return CallState(caller_number=caller_number)
