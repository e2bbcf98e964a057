"""What is remembered of everything said beside the booking."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.facts import Expect
from agent.domain.lines import Line
from agent.domain.objections import Objection
from agent.domain.questions import Question

#: Unanswered questions kept of one call; a caller who asks more has made the point.
MOST_UNANSWERED = 10


@dataclass(frozen=True, slots=True)
class Paused:
    """The question that stands open while "shall we leave it for now?" does."""

    question: tuple[Line, ...]
    expects: Expect


@dataclass(frozen=True, slots=True)
class SideTalk:
    """Questions, objections and requests about how we speak.

    Attributes:
        answered: questions answered so far.
        unanswered: questions we had no answer to, for the business to read.
        talked_of: id of the service last asked about: "can I book one?" means it.
        objections: those raised so far.
        paused: set while the caller is asked whether to leave it.
        slower, louder: how often each was asked for, up to what the voice can do.
    """

    answered: int = 0
    unanswered: tuple[Question, ...] = ()
    talked_of: str | None = None
    objections: tuple[Objection, ...] = ()
    paused: Paused | None = None
    slower: int = 0
    louder: int = 0
