"""Numbers as words, the several ways English says them."""

from __future__ import annotations

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_ODD_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_LARGEST = 999_999_999_999


def digits(text: str) -> str:
    """Each digit on its own: '0160' → 'zero one six zero'. Other characters are left out."""
    return " ".join(_ONES[int(c)] for c in text if c in "0123456789")


def cardinal(number: int) -> str:
    """How many: 1249 → 'one thousand two hundred forty-nine'. Beyond a trillion, digit by digit."""
    if number > _LARGEST:
        return digits(str(number))
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            return f"{cardinal(number // scale)} {name}" + (f" {cardinal(rest)}" if rest else "")
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def ordinal(number: int) -> str:
    """Which one: 23 → 'twenty-third'."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut], words[cut:]
    if last in _ODD_ORDINALS:
        return head + _ODD_ORDINALS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def pairs(number: int) -> str:
    """Years and house numbers, two digits at a time: 2026 → 'twenty twenty-six', 1905 → 'nineteen oh five'."""
    high, low = divmod(number, 100)
    if number < 100 or number > 9999 or number % 1000 == 0 or 2000 <= number < 2010:
        return cardinal(number)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def decimal(text: str) -> str:
    """A number as written: '1,250' → 'one thousand two hundred fifty', '2.5' → 'two point five'.

    A leading zero marks a code rather than a quantity and is read digit by digit.
    """
    whole, _, fraction = text.replace(",", "").partition(".")
    is_code = len(whole) > 1 and whole.startswith("0")
    words = digits(whole) if is_code else cardinal(int(whole))
    return f"{words} point {digits(fraction)}" if fraction else words


def clock(hour: int, minute: int, half: str | None) -> str:
    """A time of day; `half` is 'AM', 'PM' or None for a 12-hour time without it.

    Hours above twelve, and zero, are turned into the 12-hour clock.
    """
    if hour > 12 or hour == 0:
        half = "PM" if hour > 12 else "AM"
        hour = hour - 12 if hour > 12 else 12
    if (hour, minute) == (12, 0) and half is not None:
        return "noon" if half == "PM" else "midnight"
    if minute == 0:
        return f"{cardinal(hour)} {half}" if half else f"{cardinal(hour)} o'clock"
    minutes = f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)
    return f"{cardinal(hour)} {minutes}" + (f" {half}" if half else "")
