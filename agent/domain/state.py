"""What is remembered of a call, and the shape of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from agent.domain.appointments import Appointment, Hold
from agent.domain.codec import decode, encode
from agent.domain.facts import Emergency, Expect, Facts, When
from agent.domain.intent import Operation
from agent.domain.lead import Lead
from agent.domain.left import Left, News
from agent.domain.lines import Line, LineKey
from agent.domain.notes import Message, Text, WayOut
from agent.domain.openings import Opening
from agent.domain.requests import Effect, Read
from agent.domain.side_talk import SideTalk
from agent.domain.staffing import StaffWish


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
    FINDING = "finding"
    IDENTIFYING = "identifying"
    WHICH = "which"
    CONFIRMING_MOVE = "confirming_move"
    CONFIRMING_CANCEL = "confirming_cancel"
    MOVING = "moving"
    CANCELLING = "cancelling"
    OFFERING_LIST = "offering_list"
    CONFIRMING_LIST = "confirming_list"
    LISTING = "listing"
    TRANSFERRING = "transferring"
    DONE = "done"
    QUALIFYING = "qualifying"
    OFFERING_TEXT = "offering_text"
    WAY_OUT = "way_out"
    MESSAGE = "message"
    MESSAGE_URGENCY = "message_urgency"
    MESSAGE_CONTACT = "message_contact"
    CONFIRMING_MESSAGE = "confirming_message"
    NOTING = "noting"
    TROUBLE = "trouble"
    CALLED_BACK = "called_back"
    ENDED = "ended"


#: Stages in which a reply from outside is awaited; the engine must deliver it or StoreFailed.
PENDING_STAGES = frozenset(
    {
        Stage.SEARCHING, Stage.HOLDING, Stage.BOOKING, Stage.FINDING, Stage.MOVING, Stage.CANCELLING, Stage.LISTING,
        Stage.NOTING, Stage.TRANSFERRING,
    }
)  # fmt: skip
#: Pending stages whose effect may have happened although it was not answered: only the very same may be retried.
COMMITTING_STAGES = frozenset({Stage.BOOKING, Stage.MOVING, Stage.CANCELLING, Stage.LISTING, Stage.NOTING})


class EndReason(Enum):
    """Why a call ended."""

    GOODBYE = "goodbye"
    NOT_UNDERSTOOD = "not_understood"
    SILENCE = "silence"
    STORE_FAILED = "store_failed"
    TRANSFERRED = "transferred"
    CALLER_HUNG_UP = "caller_hung_up"


class Lookup(Enum):
    """By what an appointment is looked for, in the order they are tried."""

    CALLING_NUMBER = "calling_number"
    NUMBER_AND_NAME = "number_and_name"
    NAME_AND_DAY = "name_and_day"


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller wants done to an appointment that exists.

    Attributes:
        operation: MOVE or CANCEL.
        booked_when: the time by which the caller named it, possibly half said.
        service_id: the service by which the caller named it.
        found: those it may be, soonest first.
        target: the one it is; None until that is known.
    """

    operation: Operation
    booked_when: When | None = None
    service_id: str | None = None
    lookup: Lookup = Lookup.CALLING_NUMBER
    found: tuple[Appointment, ...] = ()
    target: Appointment | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a caller may have meant, while we ask whether it is so.

    Attributes:
        question, expects: of the question that stands open behind it.
    """

    facts: Facts
    question: tuple[Line, ...]
    expects: Expect


@dataclass(frozen=True, slots=True)
class Place:
    """Where the call was when it turned to something beside its goal."""

    stage: Stage
    expects: Expect
    question: tuple[Line, ...]
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Aside:
    """What the call has turned to beside its goal: a way out, a message, a text.

    Attributes:
        place: where to go on when it is refused or done; None when there is nothing to go on with.
        way_out: the one that is being offered.
        message: being taken or stored; `text`: being offered or stored. At most one of the two.
        said: what is said once it is stored; `ending`: why the call then ends, None when it goes on.
    """

    place: Place | None = None
    way_out: WayOut | None = None
    message: Message | None = None
    text: Text | None = None
    said: LineKey | None = None
    ending: EndReason | None = None


@dataclass(frozen=True)
class CallState:
    """Everything the rules remember of a call; stored as JSON after each committed turn.

    Attributes:
        caller_number: E.164, None when withheld.
        when: the wish so far, possibly half said.
        staff: who is to perform it; None while the caller has not spoken of that.
        is_waiting: the caller wants to be on the waiting list for `when`; what it needs is being asked for.
        offered: openings last offered, in the order they were spoken.
        chosen: the opening asked for by HoldOpening and not yet answered.
        hold: our reservation; its opening is the one read back.
        phone_digits: beginning of a number said in pieces.
        appointments: made or moved in this call and still standing, the latest last.
        done: what was done to appointments in this call, in order.
        change: the change of an existing appointment that is under way.
        doubt: set while "did you mean …?" is the open question.
        told_lookups: look-ups for an appointment by what the caller told, which are bounded.
        question: the last question, asked again after a silence.
        last_lines: what was said last, for "repeat that".
        misses: consecutive utterances not understood.
        is_checking: "are you still there?" was asked: a bare "yes" answers that and nothing else.
        is_outcome_heard: False while the caller talked over the news that the booking is made, or over an offer.
        is_readback_heard: False until the caller has heard what is about to be booked.
        is_hold_stale: the wish changed since; the hold is exchanged when a new opening is chosen.
        losses: openings lost to somebody else since the caller last named a time.
        failed_stage: in TROUBLE, the pending stage that failed.
        store_failures: failures so far; the second ends the call.
        emergency: of what kind the last one was that the caller spoke of.
        warned: about what we cut in on the turn the caller is still speaking.
        wants_callback: somebody has to call this caller back, and it is stored that they must.
        has_keypad: the caller presses keys, or cannot be heard: every question names its keys.
        resumes: in TRANSFERRING, the stage that goes on when nobody takes the call.
        transfers: how often the caller was put through, or was to be.
        declines_recording: the caller objected to being recorded, in this call or before another agent took over.
        aside: what the call has turned to beside its goal; None while it follows it.
        ways_refused: ways out that led nowhere in this call; none is offered twice.
        has_left_message: a message of this caller's is stored.
        is_text_asked: the caller was asked whether a text may be sent.
        side: what was said beside the booking.
        lead: what a caller who might buy has told; None for everybody else.
        news: what was done last to an appointment that the number called from may know of.
        left: of the caller's last call, while it is asked whether to go on with it.
        left_at: the stage at which the caller was lost; None while they are here, and when they were done.
    """

    stage: Stage = Stage.RINGING
    caller_number: str | None = None
    service_id: str | None = None
    when: When | None = None
    staff: StaffWish | None = None
    is_waiting: bool = False
    offered: tuple[Opening, ...] = ()
    chosen: Opening | None = None
    hold: Hold | None = None
    name: str | None = None
    phone: str | None = None
    phone_digits: str | None = None
    appointments: tuple[Appointment, ...] = ()
    done: tuple[Operation, ...] = ()
    change: Change | None = None
    doubt: Doubt | None = None
    told_lookups: int = 0
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
    warned: Emergency | None = None
    resumes: Stage | None = None
    transfers: int = 0
    declines_recording: bool = False
    aside: Aside | None = None
    ways_refused: tuple[WayOut, ...] = ()
    has_left_message: bool = False
    is_text_asked: bool = False
    has_keypad: bool = False
    end_reason: EndReason | None = None
    side: SideTalk = field(default_factory=SideTalk)
    lead: Lead | None = None
    news: News | None = None
    left: Left | None = None
    left_at: Stage | None = None

    @property
    def target(self) -> Appointment | None:
        """The existing appointment that is being changed, once it is known."""
        return self.change.target if self.change else None

    @property
    def moving(self) -> Appointment | None:
        """The existing appointment for which a new time is looked for."""
        return self.change.target if self.change and self.change.operation is Operation.MOVE else None

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
