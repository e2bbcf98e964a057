"""What a caller who might buy tells: interest, budget, how soon, the money, and who decides."""

from __future__ import annotations

import re

from agent.domain.lead import Financing, Interest, LeadFacts
from agent.understanding.numbers import with_numerals
from agent.understanding.words import joined, split_words

_HOME = r"(?:house|home|condo|apartment|place|property|townhouse|townhome|duplex|land|lot|unit)"
_INTERESTS: tuple[tuple[Interest, re.Pattern[str]], ...] = (
    (
        Interest.SELL,
        re.compile(
            rf"\b(?:sell|selling|list|listing)(?: \w+){{0,3}} {_HOME}\b|\bwhats my {_HOME} worth\b|\bsell(?:ing)?$"
        ),
    ),
    (
        Interest.RENT,
        re.compile(
            rf"\b(?:rent|renting|rental|lease|leasing)\b(?: \w+){{0,3}}(?: {_HOME})?|\b{_HOME} (?:to"
            rf"|for) rent\b"
        ),
    ),
    (
        Interest.BUY,
        re.compile(
            rf"\b(?:buy|buying|purchase|purchasing)(?: \w+){{0,3}} {_HOME}\b|\b(?:buy|buying)(?: one)?$"
            rf"|\bfirst time buyer\b"
            rf"|\b(?:looking for|interested in|want|need)(?: \w+){{0,3}} {_HOME}\b|\bto buy\b"
        ),
    ),
)
_SCALES = {"k": 1_000, "thousand": 1_000, "grand": 1_000, "m": 1_000_000, "million": 1_000_000, "mil": 1_000_000}
_AMOUNT = re.compile(
    r"(?<![\d:])(?P<whole>\d{1,3}(?: \d{3})+|\d+)(?: point (?P<tenths>\d))?(?P<half> and a half)? ?"
    r"(?P<scale>k|thousand|grand|mil|million|m)?\b(?! (?:months?|weeks?|years?|days?|bed|bath|rooms?|people))"
)
_HUNDREDS = re.compile(r"\b(?P<hundreds>[1-9]) hundred(?: and)?(?: (?P<rest>\d{1,2})(?!\d))?\b")
#: Less is no price of a home; a bare "450" among these is thousands.
_LEAST_DOLLARS = 10_000
_BARE_THOUSANDS = range(50, 1_000)
_TIMELINES: tuple[tuple[int, re.Pattern[str]], ...] = (
    (0, re.compile(r"\b(?:right away|right now|immediately|as soon as possible|asap|now|yesterday|this week"
                   r"|this month)\b")),
    (1, re.compile(r"\bnext month\b|\b(?:a|1|one) month\b|\b(?:couple|few|2|3|4) (?:of )?weeks\b|\bsoon\b")),
    (24, re.compile(r"\b(?:no (?:hurry|rush)|just looking|just browsing|not sure yet|someday|eventually)\b")),
    (3, re.compile(r"\b(?:couple|few) (?:of )?months\b")),
    (6, re.compile(r"\bhalf a year\b|\b(?:in|by) (?:the )?(?:spring|summer|fall|autumn|winter)\b|\b(?:this"
                   r"|end of the) year\b")),
    (12, re.compile(r"\bnext year\b|\ba year\b")),
)  # fmt: skip
_MONTHS = re.compile(r"\b(?:(?P<low>\d{1,2}) (?:to|or) )?(?P<months>\d{1,2}) (?P<unit>months?|years?)\b")
_FINANCING: tuple[tuple[Financing, re.Pattern[str]], ...] = (
    (Financing.NONE, re.compile(r"\bnot (?:yet )?(?:pre ?)?(?:approved|qualified)\b|\bhavent (?:\w+ )?(?:started"
                                r"|applied|talked|been)\b|\bnot yet\b|\bno financing\b")),
    (Financing.CASH, re.compile(r"\b(?:pay(?:ing)? |all |in )?cash\b")),
    (Financing.STARTED, re.compile(r"\b(?:working on|applied|applying|started|talking to (?:a|my|the) (?:bank"
                                   r"|lender)|in (?:the )?process)\b")),
    (Financing.APPROVED, re.compile(r"\b(?:pre )?(?:approved|qualified)\b|\bpreapproved\b|\bhave (?:a|my) (?:loan"
                                    r"|lender|mortgage)\b")),
)  # fmt: skip
_ALONE = re.compile(r"\b(?:just me|only me|by myself|on my own|my own|im the (?:only )?owner|my decision|alone)\b")
_TOGETHER = re.compile(r"\b(?:my|our) (?:wife|husband|spouse|partner|parents|brother|sister|family|co owner)\b"
                       r"|\btogether\b|\bboth of us\b")  # fmt: skip
_DECLINES = re.compile(
    r"\b(?:skip|pass|rather not|not (?:say|tell|comfortable|sure)|dont (?:know|want to say)|no idea|none of your"
    r"|private)\b"
)


def read_lead(text: str, *, is_asked: bool) -> LeadFacts | None:
    """The facts of a lead in an utterance, or None.

    Args:
        is_asked: one of the questions is open, so that an amount is a budget and "next month" a timeline.
    """
    text = re.sub(r"(?<=\d)\.(?=\d)", " point ", text.replace(",", ""))
    words = _HUNDREDS.sub(_hundreds, with_numerals(split_words(text)))
    interest = next((interest for interest, form in _INTERESTS if form.search(words)), None)
    if interest is None and is_asked:
        interest = next((each for each in Interest if re.search(rf"\b{each.value}(?:ing)?\b", words)), None)
    if not is_asked:
        return LeadFacts(interest=interest) if interest else None
    facts = LeadFacts(
        interest=interest,
        budget_cents=_budget_cents(words),
        timeline_months=_months(words),
        financing=next((kind for kind, form in _FINANCING if form.search(words)), None),
        decides_alone=False if _TOGETHER.search(words) else True if _ALONE.search(words) else None,
    )
    return None if facts.is_empty else facts


def declines(text: str) -> bool:
    """Whether the caller will not or cannot answer one of the questions."""
    return _DECLINES.search(joined(split_words(text))) is not None


def _hundreds(match: re.Match[str]) -> str:
    return str(int(match["hundreds"]) * 100 + int(match["rest"] or 0))


def _budget_cents(words: str) -> int | None:
    """The largest amount said: the end of a range is what a caller will spend."""
    if re.search(r"\bhalf a million\b", words):
        return 50_000_000
    amounts = [dollars for match in _AMOUNT.finditer(words) if (dollars := _dollars(match)) is not None]
    return max(amounts) * 100 if amounts else None


def _dollars(match: re.Match[str]) -> int | None:
    number = float(match["whole"].replace(" ", "")) + int(match["tenths"] or 0) / 10 + (0.5 if match["half"] else 0)
    scale = _SCALES.get(match["scale"] or "", 1)
    if scale == 1 and int(number) in _BARE_THOUSANDS:
        scale = 1_000
    dollars = int(number * scale)
    return dollars if dollars >= _LEAST_DOLLARS else None


def _months(words: str) -> int | None:
    counted = _MONTHS.search(words)
    if counted:
        return int(counted["months"]) * (12 if counted["unit"].startswith("year") else 1)
    return next((months for months, form in _TIMELINES if form.search(words)), None)
