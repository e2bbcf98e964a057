"""Whom a caller wants to be served by: "with Dr. Lee", "anyone but Sam", "whoever is free".

A name counts when a title or a word such as "with" introduces it, so that a caller of the same name is not taken for
the staff. A recogniser's spelling may differ a little: "Dr. Leigh" is Dr. Lee while nobody else sounds like it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from agent.domain.facts import Expect
from agent.domain.staffing import ANYBODY, StaffWish
from agent.domain.tenant import Tenant
from agent.understanding.words import Word, joined, split_words, word_set

_TITLES = word_set("dr doctor doc mr mister mrs missus ms miss nurse")
#: Untitled names of fewer letters must be heard exactly.
_MIN_FUZZY_LETTERS = 4
_LONG_NAME_LETTERS = 6

_REFUSED = re.compile(
    r"\b(?:(?:any|every|some)(?:one|body)|anything|whoever|all)(?: else| is fine| is free)? (?:but|except)(?: for)?$"
    r"|\b(?:except(?: for)?|besides|other than|without|avoid|instead of|not|rather not (?:see|have|get)"
    r"|(?:dont|do not|didnt) (?:want|like|need)(?: to (?:see|have|get))?)(?: with| by| to see| see| have)?$"
)
_INTRODUCED_SELF = re.compile(r"\b(?:name is|names|this is|i am|im|under|for|call me|speaking)$")
_SPOKEN_TO = re.compile(
    r"\b(?:talk|talking|speak|speaking|transfer(?: me)?|connect(?: me)?|put me through|message) (?:to|with|for)$"
)
_WANTED = re.compile(
    r"\b(?:with|see|seeing|by|have|get|getting|prefer|want|like|request|ask for|asking for|use|choose|pick|take"
    r"|about|rather)$"
)
_IS = re.compile(r"\b(?:is|if|when|does|has|will)$")
_FREE = re.compile(r"^(?:is |be )?(?:free|available|in|there|working|have|has|instead|again|can do|does)\b")
_JOINED = re.compile(r"\| (?:or|and)$")
_ANYONE = re.compile(
    r"\bwho(?:m)?ever\b|\bno preference\b|\b(?:dont|doesnt|does not|do not) (?:mind|care|matter)(?: about)? who\b"
    r"|\b(?:any(?:one|body)|any (?:doctor|dentist|hygienist|stylist|barber|technician|tech|mechanic|person|of them))"
    r" (?:is|s|would be|will|thats|that is|who is|whos|you have|can|works)\b"
    r"|\b(?:with|see|by) (?:any(?:one|body)|any (?:doctor|dentist|hygienist|stylist|barber|technician|mechanic))\b"
    r"|\b(?:either|any) (?:doctor|dentist|hygienist|stylist|barber|technician|mechanic) (?:is|works|will)\b"
    r"|\bfirst available (?:doctor|dentist|hygienist|stylist|barber|technician|mechanic|person)\b"
)
_NOT_NAMES = word_set(
    "who that the a an my your you appointment office there here please today tomorrow on at in for is was and or"
    " said says told time visit monday tuesday wednesday thursday friday saturday sunday me him her them us it this"
    " about as soon when how which any some if can could would"
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """Somebody named by words[start:stop]; no ids for a name that nobody here has."""

    ids: tuple[UUID, ...]
    start: int
    stop: int
    is_titled: bool


def read_staff(words: list[Word], tenant: Tenant, expects: Expect) -> tuple[StaffWish | None, list[Word]]:
    """Whom these words want, and the words without the names of staff.

    Args:
        expects: when a name is asked for, a bare one is the caller's; among offers it picks one.
    Returns: None when nobody in particular and not "anybody" either was said.
    """
    left = list(words)
    wanted: list[UUID] = []
    refused: list[UUID] = []
    is_unknown = False
    role: str | None = None
    index = 0
    while index < len(left):
        mention = _mention(left, index, tenant)
        said = _role(left, mention, expects, role) if mention is not None else None
        if mention is None or said is None:
            index += 1
            continue
        role = said
        (refused if role == "refused" else wanted).extend(mention.ids)
        is_unknown = is_unknown or not mention.ids
        left[mention.start : mention.stop] = [Word("|", "|")]
        index = mention.start + 1
    return _wish(wanted, refused, is_unknown, joined(left)), left


def _wish(wanted: list[UUID], refused: list[UUID], is_unknown: bool, text: str) -> StaffWish | None:
    if wanted:
        return StaffWish(only=tuple(dict.fromkeys(wanted)))
    if is_unknown:
        return StaffWish(is_unknown=True)
    if refused:
        return StaffWish(but=tuple(dict.fromkeys(refused)))
    return ANYBODY if _ANYONE.search(text) else None


def _role(words: list[Word], mention: _Mention, expects: Expect, last: str | None) -> str | None:
    """What is said of somebody: "wanted", "refused", or None when the name means something else.

    Args:
        last: what was said of the one named before, which goes for "or Sam" as well.
    """
    before = joined(words[max(0, mention.start - 5) : mention.start])
    after = joined(words[mention.stop : mention.stop + 2])
    if _INTRODUCED_SELF.search(before) or _SPOKEN_TO.search(before):
        return None
    if not mention.ids:
        return "wanted" if re.search(r"\b(?:with|see|by)$", before) else None
    if _REFUSED.search(before):
        return "refused"
    if last is not None and _JOINED.search(before):
        return last
    is_picked = expects is Expect.CHOICE and len(words) <= 4
    is_asked_after = _IS.search(before) is not None and _FREE.search(after) is not None
    if _WANTED.search(before) or is_asked_after or is_picked:
        return "wanted"
    return "wanted" if mention.is_titled and expects is not Expect.NAME else None


def _mention(words: list[Word], index: int, tenant: Tenant) -> _Mention | None:
    """Somebody named from words[index] on."""
    is_titled = words[index].norm in _TITLES
    start = index + is_titled
    if start >= len(words):
        return None
    names = _names(tuple((person.id, person.name, *person.aliases) for person in tenant.staff))
    for phrase, ids in names:
        spoken = tuple(_bare(word) for word in words[start : start + len(phrase)])
        if spoken == phrase:
            return _Mention(ids, index, start + len(phrase), is_titled)
    word = words[start]
    if word.norm in _NOT_NAMES or not word.norm.isalpha():
        return None
    alike = _alike(word.norm, names, is_titled=is_titled)
    if alike is not None:
        return _Mention(alike, index, start + 1, is_titled)
    return _Mention((), index, start + 1, is_titled) if is_titled else None


def _bare(word: Word) -> str:
    """Without the "'s" of "Sam's"."""
    return word.norm[:-1] if word.raw.lower().endswith(("'s", "’s")) else word.norm


@lru_cache(maxsize=256)
def _names(named: tuple[tuple[UUID | str, ...], ...]) -> tuple[tuple[tuple[str, ...], tuple[UUID, ...]], ...]:
    """Every name, alias and part of a name without its title, longest first, with all who have it."""
    found = []
    for staff_id, *names in named:
        for name in names:
            words = tuple(word.norm for word in split_words(str(name)) if word.norm not in _TITLES)
            parts = {words, *((word,) for word in words if len(word) > 1)} - {()}
            found += [(phrase, staff_id) for phrase in parts]
    found.sort(key=lambda each: (-len(each[0]), each[0]))
    grouped = groupby(found, key=lambda each: each[0])
    return tuple((phrase, tuple(dict.fromkeys(staff_id for _, staff_id in group))) for phrase, group in grouped)  # type: ignore[misc]


def _alike(
    word: str, names: tuple[tuple[tuple[str, ...], tuple[UUID, ...]], ...], *, is_titled: bool
) -> tuple[UUID, ...] | None:
    """Those whose name this may be, misheard; None when nobody's is near, or two are equally near."""
    best: dict[tuple[UUID, ...], int] = {}
    for phrase, ids in names:
        name = "".join(phrase)
        if len(name) < _MIN_FUZZY_LETTERS and not is_titled:
            continue
        allowed = 2 if len(name) >= _LONG_NAME_LETTERS else 1
        off = min(_edits(word, name), _edits(_sound(word), _sound(name)) if is_titled else allowed + 1)
        if off <= allowed and word[0] == name[0]:
            best[ids] = min(off, best.get(ids, off))
    nearest = [ids for ids, off in best.items() if off == min(best.values())]
    return nearest[0] if len(nearest) == 1 else None


def _sound(word: str) -> str:
    """A spelling without what is not heard."""
    for written, heard in (("gh", ""), ("ph", "f"), ("ck", "k"), ("z", "s"), ("y", "i")):
        word = word.replace(written, heard)
    return "".join(letter for letter, _ in groupby(word))


def _edits(one: str, other: str) -> int:
    """Letters to insert, drop or exchange (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        previous, row = row, [i]
        for j, wanted in enumerate(other, start=1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (letter != wanted)))
    return row[-1]
