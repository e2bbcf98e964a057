"""Telephone numbers in the North American plan, as a caller says them."""

from __future__ import annotations

#: Digits of a number without its country code.
NATIONAL_DIGITS = 10
#: Digits of a number said without its area code.
LOCAL_DIGITS = 7


def e164_or_none(digits: str, area_code: str) -> str | None:
    """A complete number from spoken digits, or None when they are too few or too many.

    Args:
        area_code: three digits that complete a seven-digit number; empty when there is no default.
    """
    if len(digits) == NATIONAL_DIGITS + 1 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) == LOCAL_DIGITS and area_code:
        digits = area_code + digits
    return f"+1{digits}" if len(digits) == NATIONAL_DIGITS else None


def joined_digits(earlier: str | None, later: str) -> str:
    """A number said in pieces; a piece that would make it too long starts it anew."""
    joined = (earlier or "") + later
    limit = NATIONAL_DIGITS + (1 if joined.startswith("1") else 0)
    return joined if len(joined) <= limit else later
