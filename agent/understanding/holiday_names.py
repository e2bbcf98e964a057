"""Holidays that callers ask about by name and that have no fixed date; the others are days like any other."""

from __future__ import annotations

import re
from datetime import date

from agent.domain.holidays import Holiday, date_of

#: In order: the longer name first.
_NAMES = tuple(
    (holiday, re.compile(rf"\b(?:{form})\b"))
    for holiday, form in (
        (Holiday.DAY_AFTER_THANKSGIVING, r"(?:day|friday) after thanksgiving|black friday"),
        (Holiday.THANKSGIVING_DAY, r"thanksgiving"),
        (Holiday.MARTIN_LUTHER_KING_DAY, r"martin luther king(?: jr| junior)?(?: day)?|mlk day"),
        (Holiday.WASHINGTONS_BIRTHDAY, r"presidents? day|washingtons birthday"),
        (Holiday.MEMORIAL_DAY, r"memorial day"),
        (Holiday.LABOR_DAY, r"labor day"),
        (Holiday.COLUMBUS_DAY, r"columbus day|indigenous peoples? day"),
        (Holiday.EASTER_SUNDAY, r"easter(?: sunday)?"),
    )
)


def named_holiday(text: str, today: date) -> date | None:
    """The next day of the holiday that is named.

    Args:
        text: normal forms.
        today: in the tenant's zone; a holiday of today is today.
    """
    holiday = next((holiday for holiday, form in _NAMES if form.search(text)), None)
    if holiday is None:
        return None
    this_year = date_of(holiday, today.year)
    return this_year if this_year >= today else date_of(holiday, today.year + 1)
