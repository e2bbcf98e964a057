"""What a voice should read: text with every number, abbreviation and symbol written out in words.

Voices differ in what they make of "01608", "(212)" or "Apt. 4"; words they all read alike. The rules
run in order, from what is most specific (an e-mail address) to what is left over (a bare number).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.wording.spoken_numbers import cardinal, clock, decimal, digits, ordinal, pairs

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
#: Never the end of a sentence: the full stop goes.
_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Apt": "apartment",
    "Ste": "suite", "Bldg": "building", "Rm": "room", "Mt": "Mount", "appt": "appointment",
    "approx": "approximately", "vs": "versus", "ext": "extension", "Ext": "extension",
}  # fmt: skip
_STREETS = {
    "St": "Street", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Ct": "Court",
    "Pl": "Place", "Hwy": "Highway", "Sq": "Square", "Pkwy": "Parkway", "Dr": "Drive",
}  # fmt: skip
_UNITS = {"hr": "hour", "hrs": "hours", "min": "minutes", "mins": "minutes", "mi": "miles", "lb": "pounds",
          "lbs": "pounds", "yr": "year", "yrs": "years", "wk": "week", "wks": "weeks"}  # fmt: skip

#: "9 a.m. Monday" goes on.
_DAY_NEXT = re.compile(r"\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_MONTH_TAIL = r"(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember|(?<!May)\.)?"
_HALF = r"(?:(?P<half>[AaPp])(?:\.[Mm]\.|[Mm])(?![A-Za-z]))"
#: After an amount no thing that costs it: "the $50 if you cancel".
_ONE_OF = r"(?:[Aa]n?|[Oo]ne|[Tt]he|[Tt]h(?:is|at)|[Oo]ur|[Yy]our)"
_NO_NOUN = r"(?:an?|per|or|and|to|for|if|in|into|off|of|each|on|at|is|are|was|when|plus|with|more|less|extra|we|you)\b"
_HALF_WORD = r"(?:[AaPp]\.?[Mm]|noon|o'clock)"
_AMOUNT = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+"
_TLD = r"(?:com|org|net|edu|gov|biz|info|co|io|us)"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def spoken_form(text: str) -> str:
    """Write out everything a voice might misread.

    Args:
        text: English as written to a caller, with US conventions for dates, money and telephones.
    Returns: words and punctuation only, no digits; applying it again changes nothing.
    """
    for pattern, replace in _RULES:
        text = pattern.sub(replace, text)
    return re.sub(r"[ \t]{2,}", " ", text)


def _address(match: re.Match[str]) -> str:
    local, host = match["local"], match["host"]
    return f"{_symbols(local)} at {_symbols(host)}"


def _symbols(text: str) -> str:
    names = {".": " dot ", "_": " underscore ", "-": " dash ", "+": " plus ", "/": " slash "}
    words = re.sub(r"[._+/-]", lambda m: names[m.group()], text)
    return re.sub(r"[0-9]+", lambda m: f" {digits(m.group())} ", words).strip()


def _phone(match: re.Match[str]) -> str:
    number = re.sub(r"[^0-9]", "", match.group())
    country, local = ("", number)
    if len(number) == 11:
        country, local = number[0], number[1:]
    groups = [local[:3], local[3:]] if len(local) == 7 else [local[:3], local[3:6], local[6:]]
    words = ["eight hundred" if group == "800" else digits(group) for group in groups]
    if country and not match.group().startswith("+"):  # dialled as written; after "+" it is the country
        words.insert(0, digits(country))
    return ", ".join(words)


def _foreign_phone(match: re.Match[str]) -> str:
    number = re.sub(r"[^0-9]", "", match.group())
    groups = [number[i : i + 3] for i in range(0, len(number), 3)]
    return "plus " + ", ".join(digits(group) for group in groups)


def _date(month: int, day: int, year: str | None) -> str:
    words = f"{_MONTHS[month - 1]} {ordinal(day)}"
    return f"{words}, {pairs(int(year))}" if year else words


def _numeric_date(match: re.Match[str]) -> str:
    month, day, year = int(match["m"]), int(match["d"]), match["y"]
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return " ".join(decimal(part) for part in re.findall("[0-9]+", match.group()))
    return _date(month, day, "20" + year if len(year) == 2 else year)


def _named_date(match: re.Match[str]) -> str:
    month = next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(match["month"][:3]))
    if match["last"]:
        return f"{_date(month, int(match['d']), None)} {match['to'].strip(' -–') or 'to'} {ordinal(int(match['last']))}"
    return _date(month, int(match["d"]), match["y"])


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), int(match["m"] or 0)
    half = {"a": "AM", "p": "PM", None: None}[match["half"].lower() if match["half"] else None]
    after = match.string[match.end() :]
    is_sentence_end = match.group().endswith(".") and re.match(r"\s*$|\s+[A-Z]", after) and not _DAY_NEXT.match(after)
    return clock(hour, minute, half) + ("." if is_sentence_end else "")


def _money(amount: str) -> str:
    dollars, _, cents = amount.replace(",", "").partition(".")
    whole, part = int(dollars), int(cents or 0)
    small = f"{cardinal(part)} cent{'' if part == 1 else 's'}"
    if whole == 0 and part:
        return small
    large = f"{cardinal(whole)} dollar{'' if whole == 1 else 's'}"
    return f"{large} and {small}" if part else large


def _money_range(match: re.Match[str]) -> str:
    return f"{decimal(match['low'])} to {_money(match['high'])}"


def _zip(match: re.Match[str]) -> str:
    return match["lead"] + digits(match["zip"]) + (f", {digits(match['plus'])}" if match["plus"] else "")


def _street(match: re.Match[str]) -> str:
    after = match.string[match.end() :]
    stop = "." if match["dot"] and re.match(r"\s*$|\s+[A-Z]", after) else ""
    return f"{match['name']} {_STREETS.get(match['kind'], match['kind'])}{stop}"


def _house(match: re.Match[str]) -> str:
    number = digits(match["n"]) if match["n"].startswith("0") else pairs(int(match["n"]))
    return f"{number} {_street(match)}"


def _code(match: re.Match[str]) -> str:
    groups = match.group().upper().split("-")
    return ", ".join(" ".join(_code_part(part) for part in re.findall("[0-9]+|[A-Z]", group)) for group in groups)


def _code_part(part: str) -> str:
    if not part.isdigit():
        return part
    return digits(part) if len(part) > 2 or part.startswith("0") else cardinal(int(part))


def _number(match: re.Match[str]) -> str:
    text = match.group()
    return digits(text) if len(text) >= 7 and text.isdigit() else decimal(text)


def _abbreviation(table: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: table[match["short"]]


def _any(table: dict[str, str]) -> str:
    return "|".join(sorted(table, key=len, reverse=True))


_RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern, re.ASCII), replace)
    for pattern, replace in (
        (r"https?://(?:www\.)?", lambda _: ""),
        (r"(?P<local>[\w.+-]+)@(?P<host>[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,})", _address),
        (rf"\b(?:www\.)?[\w-]+(?:\.[\w-]+)*\.{_TLD}\b(?:/[\w/-]*\w)?", lambda m: _symbols(m.group())),
        (r"(?<![\w+])(?:\+?1[-. ]?)?(?:\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}(?!\w)", _phone),
        (r"\+1[0-9]{10}(?![0-9])|(?<![\w.,+$])(?:[0-9]{10}|[0-9]{3}[-.][0-9]{4})(?![\w])", _phone),
        (r"(?<!\w)\+[0-9][0-9 -]{6,16}[0-9](?!\w)", _foreign_phone),
        (r"(?P<lead>\b(?i:zip)(?: ?code)?(?: is)?:? )(?P<zip>[0-9]{5})(?:-(?P<plus>[0-9]{4}))?\b", _zip),
        (r"(?P<lead>\b[A-Z]{2} )(?P<zip>[0-9]{5})(?:-(?P<plus>[0-9]{4}))?\b", _zip),
        (r"\b(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})\b", _numeric_date),
        (r"\b(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4}|[0-9]{2})\b", _numeric_date),
        (rf"\b{_MONTH}{_MONTH_TAIL} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?![:%])(?:,? (?P<y>[12][0-9]{{3}})\b"
         rf"|(?P<to> ?[-–] ?| (?:to|through) )(?P<last>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?![:%,.][0-9]| ?{_HALF_WORD}))?",
         _named_date),
        (rf"\b{_MONTH}(?<!May)\.(?= )", lambda m: next(n for n in _MONTHS if n.startswith(m["month"][:3]))),
        (rf"\b(?P<short>{_any(_DAYS)})\.(?=[ ,]|$)", _abbreviation(_DAYS)),
        (r"\b24/7\b", lambda _: "twenty-four seven"),
        # a dash between two times, or before one that says AM or PM, is a range
        (rf"(?<=[0-9mM.]) ?[-–] ?(?=[0-9]{{1,2}}(?::[0-9]{{2}}| ?{_HALF}))", lambda _: " to "),
        (rf"\b(?P<h>[01]?[0-9]|2[0-3]):(?P<m>[0-5][0-9])(?![0-9:])(?: ?{_HALF})?", _time),
        (rf"\b(?P<h>1[0-2]|0?[1-9])(?P<m>) ?{_HALF}", _time),
        (rf"\$(?P<low>{_AMOUNT}) ?[-–] ?\$?(?P<high>(?:{_AMOUNT})(?:\.[0-9]{{2}})?)", _money_range),
        (rf"\$(?P<n>(?:{_AMOUNT})(?:\.[0-9]+)?) (?P<scale>thousand|million|billion)\b",
         lambda m: f"{decimal(m['n'])} {m['scale']} dollars"),
        (rf"(?P<lead>\b{_ONE_OF} )\$(?P<n>{_AMOUNT})(?= (?!{_NO_NOUN})[a-z])",
         lambda m: f"{m['lead']}{cardinal(int(m['n'].replace(',', '')))} dollar"),
        (rf"\$(?P<n>(?:{_AMOUNT})(?:\.[0-9]{{1,2}})?)(?![0-9])",
         lambda m: _money(m["n"] + "0" * (m["n"][-2:-1] == "."))),
        (r"(?:(?<=dollar)|(?<=dollars)|(?<=cents))/(?=[a-z])", lambda _: " per "),
        (rf"(?P<n>(?:{_AMOUNT})(?:\.[0-9]+)?) ?%", lambda m: f"{decimal(m['n'])} percent"),
        (r"#(?=[0-9])|\b[Nn]o\. ?(?=[0-9])", lambda _: "number "),
        (rf"\b(?P<n>[0-9]{{1,5}}) (?P<name>(?:[NSEW]\.? )?(?:[A-Z][a-z]+ ){{0,2}}[A-Z][a-z]+) "
         rf"(?P<kind>{_any(_STREETS)}|{'|'.join(_STREETS.values())})(?P<dot>\.|\b)(?!['a-z])", _house),
        (r"\b(?P<n>[0-9]{1,6})(?:st|nd|rd|th)\b", lambda m: ordinal(int(m["n"]))),
        (r"\bDr\.? (?=[A-Z])", lambda _: "Doctor "),
        (r"\b(?P<lead>Visit|At|Near|From|By|In|The|To|On|Call) St\. (?=[A-Z])", lambda m: m["lead"] + " Saint "),
        (rf"(?P<name>\b[A-Z][a-z]+|(?:st|nd|rd|th)\b) (?P<kind>{_any(_STREETS)})(?P<dot>\.|\b)(?![a-z'])", _street),
        (r"\bSt\. (?=[A-Z])", lambda _: "Saint "),
        (rf"\b(?P<short>{_any(_TITLES)})\.", _abbreviation(_TITLES)),
        (rf"(?<=[0-9]) (?P<short>{_any(_UNITS)})\b\.?(?! [A-Z])", lambda m: f" {_UNITS[m['short']]}"),
        (r"\b(?:extension |x)(?P<n>[0-9]+)\b", lambda m: "extension " + digits(m["n"])),
        (r"(?<![\w$.,:-])[2-9]11(?![\w%:-]|[.,][0-9])", lambda m: digits(m.group())),
        (r"\b(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*[0-9])[A-Z0-9]+(?:-[A-Z0-9]+)*(?:(?<=[0-9])[a-z]{1,2})?\b", _code),
        (r"(?P<lead>\b(?:[Ii]n|[Ss]ince|[Yy]ear) )(?P<n>(?:19|20)[0-9]{2})\b(?![,.][0-9])",
         lambda m: m["lead"] + pairs(int(m["n"]))),
        (r"(?P<lead>\b(?:[Ff]rom|[Uu]ntil|[Bb]efore|[Aa]fter) )(?P<n>19[0-9]{2}|20[0-9]{2})(?= on\b|[.;)]|$)",
         lambda m: m["lead"] + pairs(int(m["n"]))),
        (r" ?& ?", lambda _: " and "),
        (r"(?<=[0-9]) ?[–-] ?(?=[0-9])", lambda _: " to "),
        (r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])(?!s\b)", lambda _: " "),
        (rf"(?<![0-9])(?:{_AMOUNT})(?:\.[0-9]+)?", _number),
    )
)  # fmt: skip
