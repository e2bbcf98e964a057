"""What of a caller's words leaves the house: neither numbers nor what looks like somebody's name.

Cards and social security numbers are gone before anything reads the words; this is for what we need ourselves and
nobody else does. A word with a capital is a name unless it is known for something else; at the beginning of a
sentence common words are known. A name in small letters that was not said as one ("dana here") stays, and so does one
that is also a month or a common word ("April here").
"""

from __future__ import annotations

import re

from agent.domain.digit_runs import read_runs
from agent.domain.tenant import Tenant
from agent.understanding.dates import MONTHS, WEEKDAYS
from agent.understanding.names import NOT_NAMES, read_name
from agent.understanding.words import split_words, word_set

NUMBER, NAME = "[number]", "[name]"
#: Three digits may be a room or a price; a telephone number said in parts has groups of three.
_FEWEST_DIGITS = 3
#: More than is needed to tell what is wanted.
MOST_CHARACTERS = 300
#: A recogniser writes names with a capital, and little else but what begins a sentence.
_WORD = re.compile(r"(?<![\w'’-])[^\W\d_][\w'’-]*")
#: A title ends none.
_ENDS_SENTENCE = re.compile(r"(?:^|(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bst)[.?!…])\W*$", re.IGNORECASE)
_NO_NAMES = word_set(
    "i im id ill ive ok okay am pm dr mr mrs ms miss doctor christmas thanksgiving easter new year eve"
)
#: What begins sentences beside the words no name is read from.
_BEGINNINGS = NOT_NAMES | word_set(
    "actually add ahh aight already although always anytime around arrive arrived arriving asking awesome being "
    "block boss bring brought car check close confirmed confirming connect cool create daughter dear done during "
    "each enjoy erase even every family father find fix forget friend gas given gonna gotta grandma hadnt half "
    "hallo hang hasnt havent having heck hes his hiya hopefully huge husband increase indeed into keep kid kids "
    "kindly leave leaving left lost making many maximum mine modify mom mother move moved must myself negative none "
    "often once open own part pass possibly preferably probably quarter quick quickly read relay remove repair "
    "resend reserve return run schedule scrap scratch seems send sending seriously set setting shall shes show "
    "shows sign since somebodys somehow sometimes somewhere son sounds starting such switch taking teeth theirs "
    "theres these theyre theyve those though through till together tonight tooth transfer turn two unfortunately "
    "usually very wanna wasnt water weird werent weve wheres whether while whose wife wonderful wont wouldnt write "
    "yesterday yet youd youll youve yup"
)
#: After "Will": whoever is called so does not go on like this.
_IS_VERB = re.compile(r"\s+(?:I|you|we|it|there|that|this|the|he|she|they|my|your|be|a|as)\b")


def masked(text: str, tenant: Tenant, known: str = "") -> str:
    """The words without rows of digits, in any spelling, and without names, the business's own aside.

    Args:
        known: more of the business's own words.
    """
    text = text[:MOST_CHARACTERS]
    for run in reversed(list(read_runs(text))):
        if len(run.digits) >= _FEWEST_DIGITS:
            text = f"{text[: run.pieces[0].start]}{NUMBER}{text[run.pieces[-1].stop :]}"
    name = read_name(split_words(text), is_asked=False)
    for part in (name or "").split():
        text = re.sub(rf"\b{re.escape(part)}\b", NAME, text, flags=re.IGNORECASE)
    own = _words_of(tenant) | {_norm(word) for word in known.split()}
    return _WORD.sub(lambda match: NAME if _is_name(match, own) else match[0], text)


def _is_name(match: re.Match[str], known: frozenset[str]) -> bool:
    norm = _norm(match[0])
    if not match[0][0].isupper() or norm in known:
        return False
    if not _ENDS_SENTENCE.search(match.string[: match.start()]):
        return True
    if norm == "will":
        return _IS_VERB.match(match.string, match.end()) is None
    return norm not in _BEGINNINGS


def _words_of(tenant: Tenant) -> frozenset[str]:
    """What is capitalised and no caller's name."""
    own = [tenant.name, *(person.name for person in tenant.staff)]
    for service in tenant.services:
        own += [service.name, *service.aliases]
    words = {_norm(word) for text in own for word in text.split()}
    return frozenset(words | _NO_NAMES | set(WEEKDAYS) | set(MONTHS))


def _norm(word: str) -> str:
    return re.sub(r"[\W_]", "", word.lower().removesuffix("'s"))
