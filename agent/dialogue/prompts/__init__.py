"""Prompt texts: data in <language>.yaml beside this file, checked whole when loaded, rendered for speech."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.domain.errors import ConfigError
from agent.domain.lines import Line, LineKey
from agent.domain.tenant import Tenant

PROMPTS_DIR = Path(__file__).parent
MAX_VARIANTS = 3

_TENANT_ARGS = frozenset({"tenant_name", "tenant_greeting", "tenant_disclosure", "tenant_recording", "tenant_overflow"})

#: The arguments each prompt is given by the rules; a key not named here has none.
ARGUMENTS: Mapping[LineKey, frozenset[str]] = {
    LineKey.ASK_SERVICE: frozenset({"services"}),
    LineKey.ASK_WHEN: frozenset({"service"}),
    LineKey.ASK_DATE_CONFLICT: frozenset({"said_weekday", "real_on"}),
    LineKey.OFFER_ONE: frozenset({"first_at"}),
    LineKey.OFFER_TWO: frozenset({"first_at", "second_at"}),
    LineKey.OFFER_TWO_SAME_DAY: frozenset({"first_at", "second_at"}),
    LineKey.HELD: frozenset({"start_at"}),
    LineKey.ASK_PHONE_REST: frozenset({"digits"}),
    LineKey.READ_BACK: frozenset({"service", "start_at", "name", "phone"}),
    LineKey.READ_BACK_SHORT: frozenset({"service", "start_at", "name", "phone"}),
    LineKey.BOOKED: frozenset({"service", "start_at"}),
    LineKey.HINT_SERVICE: frozenset({"services"}),
    LineKey.FOUND_AND_CANCEL: frozenset({"service", "start_at"}),
    LineKey.FOUND_AND_MOVE: frozenset({"service", "start_at"}),
    LineKey.ASK_OTHER_THAN_NOW: frozenset({"service", "start_at"}),
    LineKey.ASK_WHICH_OF_TWO: frozenset({"first", "first_at", "second", "second_at"}),
    LineKey.ASK_WHICH_OF_MANY: frozenset({"count"}),
    LineKey.READ_BACK_MOVE: frozenset({"service", "now_at", "start_at"}),
    LineKey.MOVED: frozenset({"service", "start_at"}),
    LineKey.CANCELLED: frozenset({"service", "start_at"}),
    LineKey.READ_BACK_MESSAGE: frozenset({"text", "phone"}),
    LineKey.READ_BACK_MESSAGE_ONLY: frozenset({"text"}),
}

#: Arguments without which the caller would agree to something unsaid.
REQUIRED: Mapping[LineKey, frozenset[str]] = {
    LineKey.READ_BACK: frozenset({"service", "start_at", "name", "phone"}),
    LineKey.READ_BACK_SHORT: frozenset({"start_at"}),
    LineKey.BOOKED: frozenset({"start_at"}),
    LineKey.FOUND_AND_CANCEL: frozenset({"service", "start_at"}),
    LineKey.READ_BACK_MOVE: frozenset({"now_at", "start_at"}),
    LineKey.MOVED: frozenset({"start_at"}),
    LineKey.CANCELLED: frozenset({"start_at"}),
    LineKey.READ_BACK_MESSAGE: frozenset({"text", "phone"}),
    LineKey.READ_BACK_MESSAGE_ONLY: frozenset({"text"}),
}

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def phrase(lines: tuple[Line, ...], tenant: Tenant, now: datetime, *, seed: int) -> str:
    """The text of lines as it is to be spoken.

    Args:
        now: aware; a date in another year than now's is spoken with its year.
        seed: chooses among variants; the same seed and lines give the same text.
    """
    texts = load_prompts(tenant.language)
    spoken = [_render(line, texts[line.key], tenant, now, seed) for line in lines]
    return " ".join(text for text in spoken if text)


@cache
def load_prompts(language: str) -> Mapping[LineKey, tuple[str, ...]]:
    """Every prompt of a language.

    Raises: ConfigError: the file is missing, or a key, variant or placeholder is wrong; names all faults.
    """
    path = PROMPTS_DIR / f"{language}.yaml"
    if not path.is_file():
        raise ConfigError(f"{path.name}: there is no prompt file for language {language!r}")
    return parse_prompts(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)


def parse_prompts(document: Any, source: str) -> Mapping[LineKey, tuple[str, ...]]:
    """Check a prompt document whole. Raises ConfigError naming every fault."""
    if not isinstance(document, dict):
        raise ConfigError(f"{source}: expected a mapping of prompt keys to lists of texts")
    known = {key.value: key for key in LineKey}
    faults = [f"{name}: unknown prompt key" for name in document if name not in known]
    prompts: dict[LineKey, tuple[str, ...]] = {}
    for name, key in known.items():
        variants = document.get(name)
        if not isinstance(variants, list) or not 1 <= len(variants) <= MAX_VARIANTS:
            faults.append(f"{name}: expected a list of 1 to {MAX_VARIANTS} texts")
            continue
        faults += [f"{name}: {fault}" for text in variants for fault in _text_faults(key, text)]
        prompts[key] = tuple(str(text) for text in variants)
    if faults:
        raise ConfigError("; ".join(f"{source}: {fault}" for fault in faults))
    return prompts


def _text_faults(key: LineKey, text: Any) -> list[str]:
    if not isinstance(text, str) or not text.strip():
        return ["a text must not be empty"]
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        return [f"{text!r}: {error}"]
    allowed = ARGUMENTS.get(key, frozenset()) | _TENANT_ARGS
    faults = [f"{text!r}: unknown placeholder {{{name}}}" for name in sorted(used - allowed)]
    missing = sorted(REQUIRED.get(key, frozenset()) - used)
    return faults + [f"{text!r}: placeholder {{{name}}} is missing" for name in missing]


def _render(line: Line, variants: tuple[str, ...], tenant: Tenant, now: datetime, seed: int) -> str:
    text = variants[seed % len(variants)]
    args: dict[str, Any] = {
        "tenant_name": tenant.name,
        "tenant_greeting": tenant.greeting,
        "tenant_disclosure": tenant.ai_disclosure,
        "tenant_recording": tenant.recording_text,
        "tenant_overflow": spoken_phone(tenant.overflow_number or ""),
    }
    for name, value in line.args:
        args[name] = _spoken(name, value, tenant, now)
    return text.format_map(args)


def _spoken(name: str, value: str, tenant: Tenant, now: datetime) -> Any:
    if name.endswith("_at"):
        return _SpokenTime(datetime.fromisoformat(value).astimezone(tenant.zone), now)
    if name.endswith("_on"):
        return spoken_day(date.fromisoformat(value), now.astimezone(tenant.zone).date())
    if name.endswith("_weekday"):
        return WEEKDAYS[int(value)]
    if name == "phone":
        return spoken_phone(value)
    if name == "digits":
        return " ".join(value)
    return value


class _SpokenTime:
    """A local datetime that formats as day and time, or as one of them by format spec."""

    def __init__(self, local: datetime, now: datetime) -> None:
        self._local = local
        self._today = now.astimezone(local.tzinfo or UTC).date()

    def __format__(self, spec: str) -> str:
        day, at = spoken_day(self._local.date(), self._today), spoken_time(self._local)
        return {"day": day, "time": at}.get(spec, f"{day} at {at}")


def spoken_day(day: date, today: date) -> str:
    """ "Thursday, November 26th"; with the year when it is not this one's or the coming weeks'."""
    suffix = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    text = f"{WEEKDAYS[day.weekday()]}, {day:%B} {day.day}{suffix}"
    return text if abs((day - today).days) < 180 else f"{text}, {day.year}"


def spoken_time(local: datetime) -> str:
    """ "3 PM", "3:30 PM", "noon"."""
    if (local.hour, local.minute) == (12, 0):
        return "noon"
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{hour}{minutes} {'AM' if local.hour < 12 else 'PM'}"


def spoken_phone(number: str) -> str:
    """A North American number in its three groups; another one as it is."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return "-".join(match.groups()) if match else number
