"""A word before a reply that begins with what nobody has said yet, a day or a name: the word is in the cache of the
fleet's voices, or soon is, so it is heard at once and covers the time in which the rest is made.
"""

from __future__ import annotations

from agent.domain.events import Event, Pressed, Said
from agent.domain.lines import Line, LineKey, line

#: What follows a caller's own words and is never the same twice. Answers are not among them: a question is not okay.
_ANEW = frozenset(
    {
        LineKey.OFFER_ONE,
        LineKey.OFFER_TWO,
        LineKey.OFFER_TWO_SAME_DAY,
        LineKey.HELD,
        LineKey.READ_BACK,
        LineKey.READ_BACK_MOVE,
        LineKey.READ_BACK_LIST,
        LineKey.FOUND_AND_MOVE,
        LineKey.FOUND_AND_CANCEL,
    }
)


def acknowledged(say: tuple[Line, ...], event: Event) -> tuple[Line, ...]:
    """The lines of a whole reply, with the word before them where they need it.

    Args:
        event: that they answer; nobody is told "okay" for his silence.
    """
    is_needed = bool(say) and say[0].key in _ANEW and isinstance(event, Said | Pressed)
    return (line(LineKey.ACKNOWLEDGED), *say) if is_needed else say
