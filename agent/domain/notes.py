"""What is written down for after the call: messages and calls back for the business, texts for the caller."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from agent.domain.appointments import Appointment

#: A message goes on over several turns; what goes beyond is not kept.
MOST_CHARACTERS = 2000


class Reason(Enum):
    """Why somebody at the business is to read this; every reason but MESSAGE means: call back."""

    MESSAGE = "message"
    CHANGE = "change"
    NOT_FOUND = "not_found"
    NOT_UNDERSTOOD = "not_understood"
    STORE_FAILED = "store_failed"
    CUT_OFF = "cut_off"
    LEAD = "lead"


class WayOut(Enum):
    """What can be offered when the call itself leads nowhere, in order: each is the fallback of the one before."""

    HUMAN = "human"
    MESSAGE = "message"
    SMS_LINK = "sms_link"


class TextKind(Enum):
    """What is texted to a caller; the values are kinds of the outbox."""

    CONFIRMATION = "sms_confirmation"
    LINK = "sms_link"


@dataclass(frozen=True, slots=True)
class Message:
    """Something for the business to read; also the draft of it while it is being taken.

    Attributes:
        text: the caller's own words, or what a lead has told in short, without what must not be kept; data, never
            read by a rule.
        recipient: for whom, as said; None for whoever reads it.
        is_urgent: None while that is not known.
        name, phone: of the caller, `phone` E.164; None while not known, "" when the caller would not say.
        is_confirmed: the caller heard it read back and agreed.
    """

    reason: Reason = Reason.MESSAGE
    text: str = ""
    recipient: str | None = None
    is_urgent: bool | None = None
    name: str | None = None
    phone: str | None = None
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Something to be texted to a caller who agreed to it.

    Attributes:
        phone: E.164.
        asked: key of the question that was answered with a yes; `words`: the answer. Both are kept as the consent.
        appointment: what is confirmed; None for a link.
    """

    kind: TextKind
    phone: str
    asked: str
    words: str
    appointment: Appointment | None = None


def message_key(tenant_id: UUID, caller: str, message: Message) -> str:
    """A key equal for the same message of the same caller, in whatever capitals and punctuation it was recognised.

    Args:
        caller: E.164; the number called from, or else the one the caller gave, or "".
    Returns: 64 hexadecimal characters.
    """
    words = " ".join(re.findall(r"\w+", message.text.lower()))
    parts = (str(tenant_id), caller, message.reason.value, words)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def may_be_one_caller(first: Message, again: Message) -> bool:
    """Whether nothing that two messages say of their callers tells these apart: a name or a number that differs does.

    Several people may call from one line; a call back promised to each of them is owed to each of them.
    """
    pairs = ((first.name, again.name), (first.phone, again.phone))
    return all(not one or not other or one.lower() == other.lower() for one, other in pairs)
