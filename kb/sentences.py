"""Text in sentences: where one ends, and where one that is too long for the ear may be cut.

Both what was written ("till 5 p.m. Dr. Lee is in") and what is spoken ("till five PM. Doctor Lee is in") are read.
"""

from __future__ import annotations

import re

#: With a full stop that is never the end of a sentence.
_ALWAYS_GO_ON = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "vs", "approx", "e.g", "i.e", "no", "mt", "ft", "incl", "max", "min", "tel"}
)
_DAYS_AND_MONTHS = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|May\b"
)
#: A sentence that began with digits begins with one of these once it is written out.
_NUMBER_WORD = (
    "number|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|eighty|ninety"
    "|[a-z]+teen|first|second|third|fourth|fifth|sixth|eighth|ninth|tenth|eleventh|twelfth|[a-z]+teenth|[a-z]+tieth"
)
_END = re.compile(rf"""[.!?]+["')\]]*\s+(?=["'(\[]?(?:[A-ZÀ-Þ0-9$]|(?:{_NUMBER_WORD})\b))""")
_LAST_WORD = re.compile(r"(\S+?)\.$")
#: What follows a comma with one of these takes back or narrows what was said before it.
_LIMITS = re.compile(
    r"\b(?:unless|except|excluding|but|only|if|not|never|no|without|until|however|although|though|provided|otherwise|"
    r"as long as|minus|plus)\b|n't\b",
    re.IGNORECASE,
)
_SHORTEST_CUT_CHARS = 40


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph, each with its end; none is empty."""
    found, begin = [], 0
    for match in _END.finditer(text):
        if _goes_on(text[begin : match.end()].rstrip(), text[match.end() :]):
            continue
        found.append(text[begin : match.end()].strip())
        begin = match.end()
    found.append(text[begin:].strip())
    return [sentence for sentence in found if sentence]


def _goes_on(sentence: str, rest: str) -> bool:
    """Whether the full stop at the end belongs to an abbreviation in the middle of a sentence."""
    match = _LAST_WORD.search(sentence)
    if match is None:
        return False
    word = match[1].lstrip("(\"'")
    before = sentence[: match.start()].split()
    if word.lower() in _ALWAYS_GO_ON:
        # "No. 5" is a number; "No. We don't." is an answer
        return word.lower() != "no" or rest[:1].isdigit()
    if word.lower() in {"a.m", "p.m"}:
        return _DAYS_AND_MONTHS.match(rest) is not None
    if word == "St":  # "Main St. We are"; but "at St. Mary's"
        return not before or not before[-1][:1].isupper() or before[-1] in {"At", "Near", "From", "By", "In", "The"}
    return len(word) == 1 and word.isupper() and word != "I" and bool(before)  # an initial: "John F. Kennedy"


def cut_to(sentence: str, longest: int) -> str:
    """The beginning of a sentence, at most `longest` characters, ended where a clause ends.

    A cut that would leave out a condition ("…, unless you cancel") is made only if there is no other.
    """
    if len(sentence) <= longest:
        return sentence
    room = sentence[: longest - 1]
    cuts = [m.start() for m in re.finditer(r"[,;:](?= )", room) if m.start() >= _SHORTEST_CUT_CHARS]
    harmless = [cut for cut in cuts if not _LIMITS.search(sentence[cut:])]
    best = max(harmless or cuts, default=room.rfind(" "))
    return room[: best if best > 0 else len(room)].rstrip(" ,;:-") + "."
