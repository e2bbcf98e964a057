"""The forms in which callers name days, as patterns over words whose numbers are numerals already."""

from __future__ import annotations

import re

from agent.understanding.dates import HOLIDAYS, MONTHS, WEEKDAYS

DAY_NAMES = "|".join(WEEKDAYS)
_WD = rf"(?P<weekday>{DAY_NAMES})"
#: "May I" is no month.
_MONTH = rf"(?P<month>(?!may (?:i|we|you|be|have|not)\b)(?:{'|'.join(MONTHS)}))"
#: What "first" and "second" count when they are no days of the month.
_COUNTED = (
    "available|thing|opening|appointment|possible|one|time|visit|opinion|slot|option|choice|offer|floor|street|avenue"
    "|grade|half|part|name|of all|week"
)
_ORD = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)(?! (?:{_COUNTED})\b)"
_SUFFIXED = r"(?P<day>\d{1,2})(?:st|nd|rd|th)"
_BARE = r"(?P<day>\d{1,2})(?![:\d])"
_HOUR = r"(?:1[0-2]|[1-9]) (?:am|pm|oclock)\b"
_ST = "(?:st|nd|rd|th)?"
_TO = "(?:to|through|thru|until|till|til)(?: the)?"
_NO_STREET = r"(?! (?:street|avenue|road|lane|drive|court|boulevard)\b)"
_YEAR = r"(?: (?P<year>20\d\d|20 [23]\d))?"
_DATED = rf"\b(?:{_WD} )?(?:on )?(?:the )?"
_WHICH = r"(?P<which>this|next|the following|the)"
_COUNT = r"(?P<n>an?|\d{1,2}|(?:a )?couple(?: of)?|a few|few)"
_AMOUNT = rf"{_COUNT} (?P<unit>days?|weeks?|fortnights?|months?)"
_WEEKS = rf"{_COUNT} (?P<unit>weeks?|fortnights?)"
_PART = (
    r"(?:the )?(?:(?P<early>early|beginning|start|1st (?:half|part))|(?P<middle>mid|middle)"
    r"|(?P<late>late|later|end|latter (?:half|part)|last (?:half|part)))(?: (?:in|of))?"
)
_NTH = r"(?:the )?(?P<nth>1st|2nd|3rd|4th|last)"
_OF_MONTH = rf"(?:of|in) (?:{_WHICH} month|{_MONTH})"

#: In order of preference: what an earlier form has taken, a later one does not see.
FORMS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("week_of", rf"\b(?:the )?week (?:of|beginning|starting|commencing) (?:the )?{_MONTH} {_SUFFIXED}\b"),
        ("week_of", rf"\b(?:the )?week (?:of|beginning|starting|commencing) (?:the )?{_SUFFIXED}(?: of {_MONTH})?\b"),
        (
            "date_range",
            rf"(?<!at )(?<!around )(?<!about )\b(?:the )?(?P<low>\d{{1,2}}){_ST} {_TO} {_SUFFIXED}(?: of)? {_MONTH}\b",
        ),
        (
            "date_range",
            rf"(?<!at )(?<!around )(?<!about )\b(?:the )?(?P<low>\d{{1,2}}){_ST} {_TO} {_BARE} (?:of )?{_MONTH}\b",
        ),
        (
            "date_range",
            rf"\b{_MONTH} (?:the )?(?P<low>\d{{1,2}}){_ST} {_TO} (?!{_HOUR})(?P<day>\d{{1,2}}){_ST}(?![:\d])",
        ),
        # A suffix or "of" tells the day from an hour beside the month: "at 10 December 5th", "15th December 11 am".
        ("dated", rf"{_DATED}{_SUFFIXED}(?: of)? {_MONTH}{_YEAR}\b"),
        ("dated", rf"{_DATED}{_BARE} of {_MONTH}{_YEAR}\b"),
        ("dated", rf"{_DATED}{_MONTH} (?:the )?{_SUFFIXED}{_YEAR}\b"),
        ("dated", rf"(?<!\d )(?<!at )(?<!around )(?<!about ){_DATED}{_BARE} {_MONTH}{_NO_STREET}{_YEAR}\b"),
        ("dated", rf"{_DATED}{_MONTH} (?:the )?(?!{_HOUR}){_BARE}{_YEAR}\b"),
        ("holiday", rf"\b(?P<holiday>{'|'.join(HOLIDAYS)})\b"),
        ("slashed", rf"\b(?:{_WD} )?(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?:/(?P<year>(?:20)?\d\d))?\b"),
        ("month_day", rf"{_DATED}{_SUFFIXED} (?:of |in )?{_WHICH} month\b"),
        ("month_day", rf"\b{_WHICH} month (?:on )?(?:the )?{_SUFFIXED}\b"),
        ("weekday_dated", rf"\b{_WD} (?:on )?(?:the )?{_ORD}\b"),
        ("nth_weekday", rf"\b{_NTH} {_WD} {_OF_MONTH}\b"),
        ("nth_week", rf"\b{_NTH} week {_OF_MONTH}\b"),
        ("unclear", rf"\b(?:the )?{_WD} after that\b"),
        ("after_next", rf"\b(?:the )?{_WD} after next\b"),
        ("week_after_next_day", rf"\b{_WD} (?:of |in )?(?:the )?week after next\b"),
        ("week_after_next_day", rf"\b(?:the )?week after next (?:on )?{_WD}\b"),
        ("weekday_in", rf"\bin {_WEEKS} on {_WD}\b"),
        ("weekday_in", rf"\b{_WD} in {_WEEKS}(?: time)?\b"),
        ("from", rf"\b{_AMOUNT} (?:from|after) (?:(?P<next>next )|this |coming )?{_WD}\b"),
        ("from", rf"\b{_WEEKS} on {_WD}\b"),
        ("from", rf"\b(?P<n>a )?(?P<unit>day|week) after (?:(?P<next>next )|this |coming )?{_WD}\b"),
        ("from", rf"\b{_WD} (?P<unit>week)\b"),
        ("from", rf"\b{_AMOUNT} (?:from|after) (?P<base>now|today|tomorrow)\b"),
        ("from", rf"\b{_WEEKS} (?P<base>today|tomorrow)\b"),
        ("part", rf"\b{_PART} {_WHICH} (?P<span>week|month)\b"),
        ("part", rf"\b{_PART} {_MONTH}\b"),
        ("ago", rf"\b(?:\d or )?{_AMOUNT}(?: or (?:so|2))? ago\b|\bearlier (?:today|this week|this morning)\b"),
        ("ago", rf"\b(?:since|ever since) (?:the )?(?:last |past )?(?:{_WD}|{_MONTH})\b"),
        ("past", rf"\blast week (?:on )?(?:{DAY_NAMES})\b|\b(?:{DAY_NAMES}) (?:of )?last week\b"),
        ("past", rf"\byesterday\b|\blast (?:week|month|night)\b|\b(?:last|past) (?:{DAY_NAMES})\b"),
        ("next_week_day", rf"\bnext week (?:on )?{_WD}\b"),
        ("next_week_day", rf"\b{_WD} (?:of |in )?next week\b"),
        ("this_week_day", rf"\bthis week (?:on )?{_WD}\b"),
        ("this_week_day", rf"\b{_WD} (?:of |in )?this week\b"),
        ("next", rf"\b(?:the )?(?:next|following) {_WD}\b"),
        ("coming", rf"\b(?P<this>this (?:coming )?|coming )?{_WD}\b"),
        ("pair", r"\b(?P<base>today|tomorrow) or the (?:day after|next day|following day)\b(?! tomorrow)"),
        ("shift", r"\b(?:the )?day after (?P<after>tomorrow)\b|\b(?P<tomorrow>tomorrow)\b"),
        (
            "within",
            r"\b(?:(?:within|in|over|during) )?(?:the )?(?:next|coming|following)"
            rf" {_COUNT} (?P<unit>days|weeks|months)\b",
        ),
        ("within", rf"\bwithin {_AMOUNT}\b"),
        ("in", rf"\bin (?:about |around )?{_AMOUNT}(?: time)?\b"),
        ("shift", r"\btoday\b|\btonight\b|\bthis (?=(?:morning|afternoon|evening)\b)"),
        ("weekdays", r"\b(?:weekdays?|week days?|during the week)\b"),
        ("week", r"\b(?:the )?(?P<span>week|weekend) (?P<which>after next)\b"),
        ("week", r"\b(?P<which>this|next|the following) (?:coming )?(?P<span>week|weekend|month)\b|\bthe weekend\b"),
        ("month", rf"\b(?:in|during|this|next|of|for) {_MONTH}\b"),
        ("ordinal", rf"(?:\bthe |\bon |\bor ){_ORD}\b"),
        ("ordinal", rf"^{_ORD}(?=$| (?:at|around|after|before|in|or|please|works|would|is|if)\b)"),
        ("ordinal", rf"(?<!\bmy )(?<!\bour )\b(?!0?[1-3]\D){_ORD}\b"),
    )
)
