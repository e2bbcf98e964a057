"""What of a caller's words leaves the house: neither numbers nor what looks like somebody's name.

Cards and social security numbers are gone before anything reads the words; this is for what we need ourselves and
nobody else does. A name in small letters that was not said as one ("dana here") is not known for a name and stays.
"""

from __future__ import annotations

import re

from agent.domain.digit_runs import read_runs
from agent.domain.tenant import Tenant
from agent.understanding.dates import MONTHS, WEEKDAYS
from agent.understanding.names import read_name
from agent.understanding.words import split_words, word_set

NUMBER, NAME = "[number]", "[name]"
#: Three digits may be a room or a price; a telephone number said in parts has groups of three.
_FEWEST_DIGITS = 3
#: More than is needed to tell what is wanted.
MOST_CHARACTERS = 300
#: A recogniser writes names with a capital, and little else that does not begin a sentence.
_CAPITALISED = re.compile(r"(?<![.?!]\s)(?<=[\w,;:] )[A-Z][\w'-]*")
_NO_NAMES = word_set(
    "i im id ill ive ok okay am pm dr mr mrs ms miss doctor christmas thanksgiving easter new year eve"
)


def masked(text: str, tenant: Tenant) -> str:
    """The words without rows of digits, in any spelling, and without names, the business's own aside."""
    text = text[:MOST_CHARACTERS]
    for run in reversed(list(read_runs(text))):
        if len(run.digits) >= _FEWEST_DIGITS:
            text = f"{text[: run.pieces[0].start]}{NUMBER}{text[run.pieces[-1].stop :]}"
    name = read_name(split_words(text), is_asked=False)
    for part in (name or "").split():
        text = re.sub(rf"\b{re.escape(part)}\b", NAME, text, flags=re.IGNORECASE)
    known = _words_of(tenant)
    return _CAPITALISED.sub(lambda match: match[0] if _norm(match[0]) in known else NAME, text)


def _words_of(tenant: Tenant) -> frozenset[str]:
    """What is capitalised and no caller's name."""
    own = [tenant.name, *(person.name for person in tenant.staff)]
    for service in tenant.services:
        own += [service.name, *service.aliases]
    words = {_norm(word) for text in own for word in text.split()}
    return frozenset(words | _NO_NAMES | set(WEEKDAYS) | set(MONTHS))


def _norm(word: str) -> str:
    return re.sub(r"[\W_]", "", word.lower().removesuffix("'s"))
