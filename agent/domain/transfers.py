"""Putting a caller through to a person: when a business wants it, what is asked for, what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.domain.lines import Line


class TransferKind(Enum):
    """COLD hands the caller to the carrier; WARM dials the person, briefs them and joins the two."""

    COLD = "cold"
    WARM = "warm"


class TransferRefusal(Enum):
    """Why a person was not reached."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class TransferRule:
    """Whom callers of a tenant may be put through to.

    Attributes:
        to: the person's number, E.164.
        is_always: at any hour; otherwise only while the business is open.
        ring_timeout_s: how long it may ring there.
        has_briefing: the person is told who is calling before a warm transfer joins them.
    """

    to: str
    kind: TransferKind
    is_always: bool = False
    ring_timeout_s: int = 20
    has_briefing: bool = True


@dataclass(frozen=True, slots=True)
class Transfer:
    """Effect: put the caller through. Answered, later, by TransferDone or TransferFailed.

    Attributes:
        key: of this wish within the call; a key that was begun is not begun again.
        to: E.164.
        briefing: what the person is told, and the caller does not hear; empty for none.
    """

    key: str
    kind: TransferKind
    to: str
    ring_timeout_s: int
    briefing: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferDone:
    """Event: somebody else has the caller now."""


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """Event: the caller is still ours."""

    reason: TransferRefusal
