"""Where another voice goes on when one broke off in the middle of a clause."""

from __future__ import annotations

from agent.wording.spoken_form import spoken_form

#: Of a character in spoken form, at a voice's own pace, taken slow so that a word is said twice rather than not at all.
_CHARACTER_S = 0.075
#: Less than this of a clause is not worth a break in it.
_LEAST_S = 0.5


def left_to_say(clause: str, heard_s: float, *, is_nonsense: bool) -> str:
    """What of a clause is still to be said.

    Args:
        heard_s: of it that was handed over, at the voice's own pace.
        is_nonsense: what was handed over was not the clause.
    Returns: all of it where a number is in it, of which no digit may be lost.
    """
    if is_nonsense or heard_s < _LEAST_S or any(each.isdigit() for each in clause):
        return clause
    words = clause.split()
    said = heard_s / _CHARACTER_S
    for index, word in enumerate(words):
        said -= len(spoken_form(word)) + 1
        if said < 0:
            return " ".join(words[index:])
    return ""
