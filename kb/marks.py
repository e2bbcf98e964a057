"""What is written for the eye: abbreviations, fractions, brackets, dashes and signs, as words and pauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from agent.wording.spoken_numbers import cardinal, ordinal

_STOP = r"(?P<stop>\.(?=\s*$|\s+[A-Z\"'(]))?"
_DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
         "sat": "Saturday", "sun": "Sunday"}  # fmt: skip
_DAY = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?"
_ANY_DAY = rf"(?:{_DAY}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)"
_MEASURE = r"(?=[ -]?(?:of|off|inch|in\.|hour|hr|mile|cup|day|price|pound|gallon|year|month|the|a)\b|\")"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _fraction(match: re.Match[str]) -> str:
    whole, top, bottom = match["whole"], int(match["top"]), int(match["bottom"])
    name = {2: "half", 4: "quarter"}.get(bottom) or ordinal(bottom)
    part = "half" if bottom == 2 else f"{'a' if top == 1 else cardinal(top)} {name}{'' if top == 1 else 's'}"
    if whole:
        return f"{whole} and {'a half' if bottom == 2 else part}"
    return part


def _day(match: re.Match[str]) -> str:
    return re.sub(_DAY, lambda m: _DAYS[m.group()[:3].lower()], match.group())


def _aside(match: re.Match[str]) -> str:
    inner = match["inner"].strip(" ,;:.")
    if not inner or re.fullmatch(r"[A-Z]{2,6}s?", inner):  # the short form of what stands before it
        return ""
    before, after = match.string[: match.start()], match.string[match.end() :].lstrip()
    if before.endswith((".", "!", "?")):
        return f" {inner[:1].upper()}{inner[1:]}."
    return f", {inner}{',' if after[:1].isalnum() else ''}"


def _word(said: str) -> Callable[[re.Match[str]], str]:
    return lambda match: said


def _short(said: str) -> Callable[[re.Match[str]], str]:
    return lambda match: said + (match["stop"] or "")


def _rules(*rules: tuple[str, Callable[[re.Match[str]], str]]) -> tuple[Rule, ...]:
    return tuple((re.compile(pattern), replace) for pattern, replace in rules)


#: Applied while numbers are still digits.
_BEFORE_NUMBERS = _rules(
    (r"[™®©]|\(s\)(?!\w)", _word("")),
    (r"½", _word(" 1/2")),
    (r"¼", _word(" 1/4")),
    (r"¾", _word(" 3/4")),
    (r"[\u2018\u2019\u02bc]", _word("'")),
    (r"[\u201c\u201d\u00ab\u00bb]", _word('"')),
    (r"[\u2010\u2011\u00ad]", _word("-")),
    (r"(?i)\be\.g\.?(?!\w)", _word("for example")),
    (r"(?i)\bi\.e\.?(?!\w)", _word("that is")),
    (rf"\betc(?:{_STOP}|\.?)(?!\w)", _short("and so on")),
    (r"\b[Ii]ncl\.", _word("including")),
    (r"\b[Mm]ax\.", _word("maximum")),
    (r"\b[Tt]el\.", _word("telephone")),
    (r"\b[Dd]ept\.", _word("department")),
    (r"(?<=[0-9]) ?sq\.? ?f(?:oo|ee)?t\b\.?", _word(" square feet")),
    (r"(?<=[0-9]) ?°(?: ?[FC]\b)?", _word(" degrees")),
    (r"(?<=[0-9]) ?(?:ft\.|ft\b)", _word(" feet")),
    (r"(?<=[0-9]) ?(?:oz\.|oz\b)", _word(" ounces")),
    (r"\b[Ww]/o\b", _word("without")),
    (r"\b[Ww]/(?=\s)", _word("with")),
    (r"\b[Aa]nd/or\b", _word("or")),
    (rf"\b{_DAY}(?=(?: ?[-–—,/&] ?| to | through | thru | and )\b{_ANY_DAY}|:? [0-9])", _day),
    (rf"(?:(?<=[a-z][-–—,/&])|(?<=[a-z] [-–—&] )|(?<= to )|(?<=, )|(?<= through )|(?<= and )){_DAY}(?![a-z])"
     rf"(?=[:,;.]|$| [0-9]| ?[-–(])", _day),
    (r"(?P<day>\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?) ?[-–—] ?(?=(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)",
     lambda m: f"{m['day']} to "),
    (rf"(?<![\w/$.,])(?:(?P<whole>[0-9]+)[ -])?(?P<top>[0-9]{{1,2}})/(?P<bottom>[2-9]|1[0-6]){_MEASURE}(?![/0-9])",
     _fraction),
    (r"(?<![\w/$.,])(?:(?P<whole>[0-9]+)[ -])?(?P<top>[123])/(?P<bottom>[234])(?![\w/])", _fraction),
    (r"(?<=[0-9]) ?[x×] ?(?=[0-9])", _word(" by ")),
    (r"[≥]|>=", _word(" at least ")),
    (r"[≤]|<=", _word(" at most ")),
    (r"~ ?(?=[$0-9])", _word(" about ")),
    (r"(?<=[0-9])\+(?!\w)", _word(" plus")),
)  # fmt: skip
#: Applied once numbers are words.
_AFTER_NUMBERS = _rules(
    (r"(?<=[A-Z])\.(?=[A-Z]\b)", _word(" ")),  # U.S. as "U S"
    (r"(?<=\b[A-Z] [A-Z])\.(?=\s+[a-z]|,)", _word("")),
    (r"\s*[(\[](?P<inner>[^()\[\]]*)[)\]]", _aside),
    (r"\s*[(\[](?P<inner>[^()\[\]]*)[)\]]", _aside),
    (r"\.{3,}|…", _word(", ")),
    (r"\s*[–—]+\s*|\s+-+\s+|^\s*-+\s*", _word(", ")),
    (r"[•·|→]", _word(", ")),
    (r"(?<=\w)/(?=\w)", _word(" or ")),
    (r"\$", _word(" dollars ")),
    (r"€", _word(" euros ")),
    (r"£", _word(" pounds ")),
    (r"%", _word(" percent ")),
    (r"\+", _word(" plus ")),
    (r"=", _word(" is ")),
    (r"@", _word(" at ")),
    (r"[^\w\s.,;:?!'-]|_", _word(" ")),
    (r"\d", _word(" ")),  # digits of other scripts
    (r"(?<![^\W\d_])'|'(?![^\W\d_]|\s|[.,;:?!]|$)|(?<![sS])'(?!\w)", _word("")),
    (r"(?<!\w)-+|-+(?!\w)", _word(" ")),
    (r"\s+(?=[.,;:?!])", _word("")),
    (r"(?:[,;:]\s*)+(?=[.?!])", _word("")),
    (r"([,;:])(?:\s*[,;:])+", lambda m: m[1]),
    (r"([.?!])(?:\s*[.,;:?!])+", lambda m: m[1]),
    (r"^[\s.,;:?!]+", _word("")),
    (r"(?<=[.,;:?!])(?=[^\W\d_])", _word(" ")),
    (r"\s{2,}", _word(" ")),
)  # fmt: skip


def readable(text: str) -> str:
    """What a reader fills in by eye (fractions, "Mon-Fri", "e.g.") written out; numbers stay digits."""
    for pattern, replace in _BEFORE_NUMBERS:
        text = pattern.sub(replace, text)
    return unicodedata.normalize("NFKC", text)


def words_only(text: str) -> str:
    """Letters and the marks a voice pauses at; brackets become asides, other signs words or nothing."""
    for pattern, replace in _AFTER_NUMBERS:
        text = pattern.sub(replace, text)
    return text.strip()
