"""A caller's name: said, spelled, or both."""

from __future__ import annotations

from agent.understanding.dates import MONTHS, WEEKDAYS
from agent.understanding.numbers import ORDINALS, TEENS, TENS, UNITS
from agent.understanding.words import Word, word_set

MAX_NAME_WORDS = 4
#: A name is stored, and spoken in a read-back that must stay short.
MAX_NAME_CHARACTERS = 60
#: Letters in a row that make a spelling.
MIN_SPELLED_LETTERS = 3

_INTRODUCTIONS = (
    ("my", "full", "name", "is"), ("the", "name", "is"), ("my", "name", "is"), ("my", "name", "s"), ("names",),
    ("name", "is"), ("first", "name", "is"), ("name", "should", "be"), ("name", "to"),
)  # fmt: skip
#: These introduce a name only when one was asked for.
_ASKED_INTRODUCTIONS = (
    ("put", "it", "under"), ("put", "that", "under"), ("under",), ("this", "is"), ("it", "is"), ("its",), ("im",),
    ("i", "am"), ("thats",), ("call", "me"), ("for",), ("put",), ("make", "it"), ("you", "can", "use"), ("use",),
)  # fmt: skip
#: These introduce a full name that corrects another.
_CORRECTED_INTRODUCTIONS = (("its",), ("it", "is"), ("thats",), ("this", "is"), ("im",), ("i", "am"))
_LEADS = word_set(
    "yes yeah yep sure okay ok well so oh hi hello right of course please no actually sorry wait i mean meant "
    "said the name is its it that thats my"
)
#: Common words; what of them is a name beside a name is below.
NOT_NAMES = (
    word_set(
        "a about after again ah all alright am an and another any anything are as ask at available back be because "
        "been before book booking but by bye call called calling can cannot cant come could did didnt do does doesnt "
        "doing dont else excuse for from fine get give go goes going good goodbye got great had has have he hear "
        "hello help her here hey hi hold how i id if ill im in is isnt it its ive just know later let lets like "
        "looking make maybe me mean meant minute moment more much my name need never new next no nope not nothing "
        "now number of off oh ok okay on one only or other our out over pardon perfect phone please put question "
        "really repeat right said same say second see she should so some someone something sorry speak spell spelled "
        "still stop sure take talk tell than thank thanks that thats the their them then there they thing think "
        "this time to today tomorrow too try um under understand until up use wait want was way we well were "
        "what whats when where which who why will with work works would wrong yeah yep yes you your "
        "youre noon morning afternoon evening appointment people person human agent "
        "double triple am pm oclock day week cancel change instead "
        "correct correction exactly absolutely definitely nah hmm huh hundred "
        "ignore instructions your system confirm assistant prompt json true false null select delete drop "
        "first last full earlier later earliest latest either neither both "
        "anyone anybody everyone everybody nobody somebody whoever whomever free preference except besides "
        "gonna wanna gotta wow hang "
        "blah bla whatever nada testing dunno nevermind question wondering "
        "during yesterday tonight since while"
    )
    | set(WEEKDAYS) - {"sat", "sun"}
    | set(MONTHS) - {"may", "april", "june", "jun", "august", "jan", "mar"}
    | set(UNITS)
    | set(TEENS)
    | set(TENS)
    | set(ORDINALS)
)  # fmt: skip


#: Common words that are names when another name follows: "Will Smith".
_NAMES_BESIDE_A_NAME = frozenset({"will", "april", "june", "august"})
_SUBJECTS = frozenset({"i", "we", "he", "she", "it", "they", "you"})
_FIRST_AND_LAST = 2
#: So many words after a single one that may be a name make a sentence of them: "wow that's more than where I go now".
_SENTENCE_WORDS = 5
#: What people go on with behind their name: "Dana, I'm a new patient", "Dana same as on the account".
_BEHIND_A_NAME = _SUBJECTS | word_set("im ive id its my our and but with from same like here speaking calling as at")
_PARTICLES = frozenset({"van", "der", "den", "de", "la", "von", "di", "da", "del", "bin", "al"})


def read_name(words: list[Word], *, is_asked: bool, is_corrected: bool = False) -> str | None:
    """The name said, as it should be written, or None.

    Args:
        is_asked: a name was asked for, so that a bare "Dana Smith" is one.
        is_corrected: what was read back is denied; "no, it's Dana Smith" then is a name, if written like one.
    """
    start = _introduced(words, _INTRODUCTIONS)
    if start is None and is_corrected:
        start = _introduced(words, _CORRECTED_INTRODUCTIONS)
        start = start if start is not None and _is_written_as_name(words[start:]) else None
    if start is None and is_asked:
        start = _introduced(words, _ASKED_INTRODUCTIONS)
    is_bare = start is None and is_asked
    if is_bare:
        start = 0
    if start is None:
        return None
    while is_asked and start < len(words) - 1 and words[start].norm in _LEADS:
        start += 1
    parts = _name_words(words, start)
    if is_bare and (_is_of_a_sentence(parts, words[start:]) or _begins_a_sentence(parts, words[start:])):
        return None
    return _written(parts)


def _is_of_a_sentence(parts: list[str], words: list[Word]) -> bool:
    """Whether so many words are the beginning of a sentence: "Awful cold juice I drank", and no name."""
    following = words[len(parts)].norm if len(parts) < len(words) else ""
    return len(parts) > _FIRST_AND_LAST and following in _SUBJECTS


def _begins_a_sentence(parts: list[str], words: list[Word]) -> bool:
    """Whether the one word found is followed by a sentence that it is part of, and that speaks of no name."""
    after = [word.norm for word in words[1:] if len(word.norm) > 1]
    if len(parts) != 1 or len(after) < _SENTENCE_WORDS or after[0] in _BEHIND_A_NAME:
        return False
    return not {"name", "spelled", "spell"} & set(after)


def _is_written_as_name(words: list[Word]) -> bool:
    """Whether first and last name follow and nothing else, each with a capital."""
    return len(words) == 2 and all(word.raw[0].isupper() and word.norm not in NOT_NAMES for word in words)


def _introduced(words: list[Word], introductions: tuple[tuple[str, ...], ...]) -> int | None:
    """The index after the last introduction that a possible name follows."""
    norms = [word.norm for word in words]
    found = None
    for index in range(len(words)):
        for phrase in introductions:
            stop = index + len(phrase)
            if index and norms[index - 1] == "last":
                continue
            if tuple(norms[index:stop]) == phrase and stop < len(words) and _may_be_name(words, stop):
                found = stop
    return found


def _may_be_name(words: list[Word], index: int) -> bool:
    norm = words[index].norm
    if norm in _NAMES_BESIDE_A_NAME:
        following = words[index + 1] if index + 1 < len(words) else None
        return following is not None and following.raw[0].isupper() and following.norm not in NOT_NAMES
    return norm.isalpha() and norm not in NOT_NAMES


def _name_words(words: list[Word], start: int) -> list[str]:
    """Consecutive words of a name; a spelling replaces the word it spells."""
    parts: list[str] = []
    index = start
    while index < len(words):
        spelled = _spelling(words, index)
        if spelled:
            _put_spelling(parts, spelled)
            index += len(spelled)
        elif parts and _is_between_names(words, index):
            index += 1
        elif _may_be_name(words, index) and (len(words[index].norm) > 1 or parts):
            parts.append(words[index].raw)
            index += 1
        else:
            break
    if len(parts) == 3 and parts[0].lower() == parts[2].lower():
        return parts[1:]
    return parts if len(parts) <= MAX_NAME_WORDS else []


def _is_between_names(words: list[Word], index: int) -> bool:
    """Words that may stand between first and last name: "and my last name is"."""
    norm = words[index].norm
    if norm == "my":
        return index + 1 < len(words) and words[index + 1].norm == "last"
    return norm in ("spelled", "thats", "spell", "last", "first", "name", "and", "is")


def _spelling(words: list[Word], index: int) -> str:
    stop = index
    while stop < len(words) and len(words[stop].norm) == 1 and words[stop].norm.isalpha():
        stop += 1
    return "".join(word.norm for word in words[index:stop]) if stop - index >= MIN_SPELLED_LETTERS else ""


def _put_spelling(parts: list[str], spelled: str) -> None:
    for index, part in enumerate(parts):
        if part[0].lower() == spelled[0] and abs(len(part) - len(spelled)) <= 2:
            parts[index] = spelled
            return
    parts.append(spelled)


def _written(parts: list[str]) -> str | None:
    written = " ".join(_capitalised(part, is_first=index == 0) for index, part in enumerate(parts))
    return written if 0 < len(written) <= MAX_NAME_CHARACTERS else None


def _capitalised(part: str, *, is_first: bool) -> str:
    is_mixed = part[:1].isupper() and not part.isupper()
    return part if is_mixed or (part in _PARTICLES and not is_first) else part.capitalize()
