"""What a sentence says, as far as two can be held against each other: its subject, its values, and yes or no."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb.passages import Passage
from kb.sentences import sentences

#: A kind of value, and the value: ("money", 4900) in cents, ("time", 1020) in minutes, ("duration", 1440) in minutes.
Value = tuple[str, float]

_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_WORD = re.compile(rf"(?<![-\w])(?:{'|'.join(_WORDS)})(?=\b(?!-[a-z]+ (?:hundred|thousand)))", re.IGNORECASE)
_MINUTES = {"minute": 1, "min": 1, "hour": 60, "hr": 60, "day": 1440, "week": 10080, "month": 43200, "year": 525600}
_SCALES = {"thousand": 1e3, "million": 1e6}
_N = r"(?P<n>[0-9][0-9,]*(?:\.[0-9]+)?)"
_MONEY = re.compile(rf"\$\s?{_N}(?: (?P<scale>thousand|million))?\b")
_DOLLARS = re.compile(rf"{_N} dollars?\b")
_PERCENT = re.compile(rf"{_N} ?(?:%|percent\b)")
_DURATION = re.compile(rf"{_N}[ -](?P<unit>{'|'.join(_MINUTES)})s?\b")
_TIME = re.compile(r"\b(?P<h>[0-9]{1,2})(?::(?P<m>[0-9]{2}))?(?:\s?[ap]\.?m\b\.?|(?<=:[0-9]{2}))", re.IGNORECASE)
_NOON = re.compile(r"\b(?:noon|midnight)\b", re.IGNORECASE)
_BARE_HOUR = re.compile(
    r"\b(?:(?:till|until|til|to|from|at|by|between|and) (?P<h>1[0-2]|[1-9])(?![\w%$:]|[.,][0-9]| [a-z]+s\b)"
    r"|(?P<first>1[0-2]|[1-9])(?= to [0-9]))",
    re.IGNORECASE,
)
#: "9-5", or "8 a.m. - noon"
_SPAN = re.compile(r"(?<=[0-9m.]) ?[-–] ?(?=(?:1[0-2]|[1-9])(?:[^0-9-]|$)|noon)")
_NUMBER = re.compile(_N)
_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_DAY = re.compile(r"\b(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs?|ur)?(?:days?)?\b\.?", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|to|through|thru|until|till)\s*", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:open|opens|opening|close|closes|closing|closed|shut|shuts)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|no|never|cannot|neither|nor|without)\b|n't\b|\bclosed\b", re.IGNORECASE)
_POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|this|that|these|those|he|she|such|same)\b", re.IGNORECASE)
#: Words two sentences may differ in and still say the same of the same.
_LIGHT = frozenset(
    {
        "a", "about", "all", "already", "also", "always", "am", "an", "and", "any", "anyone", "anything",
        "approximately", "are", "around", "as", "at", "be", "been", "before", "being", "but", "by", "can", "cannot",
        "charge", "charged", "close", "closed", "cost", "costs", "could", "currently", "did", "do", "does", "doing",
        "dollar", "dollars", "don", "each", "either", "every", "everybody", "everyone", "for", "from", "get", "gets",
        "give", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in",
        "into", "is", "isn", "it", "its", "just", "ll", "may", "me", "midnight", "might", "more", "most", "much",
        "must", "my", "near", "nearly", "neither", "never", "no", "noon", "nor", "not", "now", "of", "off", "on", "one",
        "only", "open", "or", "other", "our", "ours", "out", "over", "per", "percent", "please", "pm", "possible",
        "price", "priced", "prices", "quite", "rather", "re", "really", "roughly", "shall", "she", "should", "since",
        "so", "some", "somebody", "someone", "sometimes", "soon", "still", "such", "than", "that", "the", "their",
        "them", "then", "there", "these", "they", "this", "those", "through", "till", "to", "too", "until", "up",
        "upon", "us", "usually", "ve", "very", "was", "way", "we", "well", "were", "what", "when", "where", "whether",
        "which", "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "won", "would", "yes",
        "yet", "you", "your",
    }
)  # fmt: skip
#: Of titles: what a question is about rather than what of.
_GENERIC = frozenset(
    {
        "about", "answer", "ask", "business", "charge", "cost", "detail", "far", "fee", "hour", "info", "information",
        "long", "many", "much", "need", "offer", "office", "often", "opening", "policy", "price", "provide", "question",
        "require", "service", "shop", "soon", "store", "time", "visit", "want", "when", "where", "work",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence, or a question with its yes or no.

    Attributes:
        words: what it speaks of, in stems, without values.
        values: what it says of that, in order of size.
        days: the days it names, as a range where it names one; empty when it names none.
        is_denied: it says that something is not so.
        stands_alone: nothing in it points at another sentence.
        of_hours: it says when the business is open, whatever it stands under.
    """

    sentence: str
    words: frozenset[str]
    values: tuple[Value, ...]
    days: frozenset[int]
    is_denied: bool
    stands_alone: bool
    of_hours: bool


def claims_of(passage: Passage) -> list[Claim]:
    """What a passage says, a claim for each sentence; a leading yes or no is one to the question in its title."""
    read = [claim_of(sentence) for line in passage.text.split("\n") for sentence in sentences(line)]
    found = [claim for claim in read if claim.words or claim.values or claim.days or claim.of_hours]
    answer = re.match(r"(yes|no)\b(?! (?:more|need|matter|longer|later))", passage.text.lower())
    if answer and passage.title.endswith("?"):
        asked = claim_of(passage.title)
        sentence = f"{passage.title} {passage.text[: answer.end()]}."
        is_denied = asked.is_denied != (answer[1] == "no")
        found.append(
            Claim(sentence, asked.words, asked.values, asked.days, is_denied, asked.stands_alone, asked.of_hours)
        )
    return found


def claim_of(sentence: str) -> Claim:
    """What one sentence says."""
    days, rest = _days(sentence)
    of_hours = _OPEN.search(sentence) is not None or (bool(days) and _SPAN.search(sentence) is not None)
    rest, values = _taken(rest, of_hours)
    return Claim(
        sentence=sentence,
        words=frozenset(stems(rest)),
        values=values,
        days=days,
        is_denied=len(_NOT.findall(sentence)) % 2 == 1,
        stands_alone=_POINTS_BACK.search(sentence) is None,
        of_hours=of_hours,
    )


def subject_of(title: str) -> frozenset[str]:
    """What a title names, in stems, without what every second title has in it ("price", "hours")."""
    rest, _ = _taken(_days(title)[1], False)
    return frozenset(stem for stem in stems(rest) if stem not in _GENERIC)


def stems(text: str) -> Iterator[str]:
    """The words of a text that carry its meaning, in a form that is the same in singular and plural."""
    for word in re.findall(r"[^\W\d_]+", text.lower().replace("n't", " ").replace("'s", " ")):
        if len(word) > 1 and word not in _LIGHT:
            stem = _stem(word)
            if stem not in _LIGHT:
                yield stem


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ation", "ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word.removesuffix(ending)
            word = word[:-1] if word[-1] == word[-2] != "s" else word
            break
    word = word.removesuffix("e") if len(word) > 4 else word
    return word[:-1] if word.endswith("ll") else word


def _taken(text: str, of_hours: bool) -> tuple[str, tuple[Value, ...]]:
    """The text without its values, and them."""
    values: list[Value] = []

    def take(pattern: re.Pattern[str], kind: str, amount: Callable[[re.Match[str]], float]) -> None:
        nonlocal text
        values.extend((kind, amount(match)) for match in pattern.finditer(text))
        text = pattern.sub(" ", text)

    text = _WORD.sub(lambda m: str(_WORDS[m.group().lower()]), text)
    take(_MONEY, "money", lambda m: round(100 * _amount(m) * _SCALES.get(m["scale"] or "", 1)))
    take(_DOLLARS, "money", lambda m: round(100 * _amount(m)))
    take(_PERCENT, "percent", _amount)
    take(_DURATION, "duration", lambda m: _amount(m) * _MINUTES[m["unit"]])
    if of_hours:
        text = _SPAN.sub(" to ", text)
    take(_TIME, "time", lambda m: _minutes(m["h"], m["m"]))
    if of_hours:
        take(_NOON, "time", lambda _: 0)
        take(_BARE_HOUR, "time", lambda m: _minutes(m["h"] or m["first"]))
    take(_NUMBER, "number", _amount)
    return text, tuple(sorted(values))


def _amount(match: re.Match[str]) -> float:
    return float(match["n"].replace(",", ""))


def _minutes(hour: str, minute: str | None = None) -> float:
    """Of the twelve-hour clock: "9 to 5" says no half of the day."""
    return (int(hour) % 12) * 60 + int(minute or 0)


def _days(text: str) -> tuple[frozenset[int], str]:
    """The days a text names, all of a range, and the text without them."""
    days: set[int] = set()
    last: tuple[int, int] | None = None  # the day before, and where it ended
    for match in _DAY.finditer(text):
        day = _DAYS[match["day"].lower()]
        days.add(day)
        if last is not None and _RANGE.fullmatch(text, last[1], match.start()):
            days.update(each % 7 for each in range(last[0], last[0] + (day - last[0]) % 7))
        last = day, match.end()
    return frozenset(days), _DAY.sub(" ", text)
