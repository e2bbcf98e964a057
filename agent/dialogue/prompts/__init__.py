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

from agent.dialogue.prompts.fragments import filled
from agent.dialogue.prompts.values import WEEKDAYS, joined, spoken_clock, spoken_value
from agent.domain.errors import ConfigError
from agent.domain.key_facts import NAMELESS
from agent.domain.lines import Line, LineKey
from agent.domain.tenant import Tenant

PROMPTS_DIR = Path(__file__).parent
MAX_VARIANTS = 3

_TENANT_ARGS = frozenset({"tenant_name", "tenant_greeting", "tenant_disclosure", "tenant_recording", "tenant_overflow"})

_TWO_OFFERS = frozenset({"first_at", "first_with", "first_why", "second_at", "second_with", "second_why", "wished_at"})

#: The arguments each prompt is given by the rules; a key not named here has none.
ARGUMENTS: Mapping[LineKey, frozenset[str]] = {
    LineKey.GO_ON_BOOKING: frozenset({"service", "start_at"}),
    LineKey.GO_ON_SERVICE: frozenset({"service"}),
    LineKey.GO_ON_MOVE: frozenset({"service", "start_at"}),
    LineKey.STILL_BOOKED: frozenset({"service", "start_at"}),
    LineKey.STILL_MOVED: frozenset({"service", "start_at"}),
    LineKey.STILL_CANCELLED: frozenset({"service", "start_at"}),
    LineKey.ASK_SERVICE: frozenset({"services", "page"}),
    LineKey.ASK_WHEN: frozenset({"service"}),
    LineKey.ASK_DATE_CONFLICT: frozenset({"said_weekday", "real_on"}),
    LineKey.OFFER_ONE: frozenset({"first_at", "first_with", "first_why", "wished_at"}),
    LineKey.OFFER_TWO: _TWO_OFFERS,
    LineKey.OFFER_TWO_SAME_DAY: _TWO_OFFERS,
    LineKey.STAFF_NOT_FREE: frozenset({"staff"}),
    LineKey.STAFF_NOT_IN: frozenset({"staff", "absent_on"}),
    LineKey.STAFF_NOT_FOR_SERVICE: frozenset({"staff", "service"}),
    LineKey.STAFF_UNKNOWN: frozenset({"staff"}),
    LineKey.READ_BACK_LIST: frozenset({"service", "list_on", "list_until_on", "until", "name", "phone"}),
    LineKey.LISTED: frozenset({"service"}),
    LineKey.HELD: frozenset({"start_at", "start_with"}),
    LineKey.ASK_PHONE_REST: frozenset({"digits"}),
    LineKey.READ_BACK: frozenset({"service", "start_at", "start_with", "name", "phone"}),
    LineKey.READ_BACK_SHORT: frozenset({"service", "start_at", "start_with", "name", "phone"}),
    LineKey.BOOKED: frozenset({"service", "start_at", "start_with"}),
    LineKey.HINT_SERVICE: frozenset({"services"}),
    LineKey.MEANT_SERVICE: frozenset({"service"}),
    LineKey.MEANT_PASSAGE: frozenset({"text"}),
    LineKey.MEANT_DAY: frozenset({"day_on"}),
    LineKey.MEANT_TIME: frozenset({"start_at"}),
    LineKey.FOUND_AND_CANCEL: frozenset({"service", "start_at"}),
    LineKey.FOUND_AND_MOVE: frozenset({"service", "start_at"}),
    LineKey.ASK_OTHER_THAN_NOW: frozenset({"service", "start_at"}),
    LineKey.ASK_WHICH_OF_TWO: frozenset({"first", "first_at", "second", "second_at"}),
    LineKey.ASK_WHICH_OF_MANY: frozenset({"count"}),
    LineKey.KEYS_SERVICE: frozenset({"service", "number"}),
    LineKey.READ_BACK_MOVE: frozenset({"service", "now_at", "start_at", "start_with"}),
    LineKey.MOVED: frozenset({"service", "start_at", "start_with"}),
    LineKey.CANCELLED: frozenset({"service", "start_at"}),
    LineKey.ANSWER_WEEK: frozenset({"open_week"}),
    LineKey.ANSWER_OPEN_ON: frozenset({"day_on", "open_hours"}),
    LineKey.ANSWER_CLOSED_DAYS: frozenset({"closed_days"}),
    LineKey.ANSWER_OPENS: frozenset({"day_on", "at_time"}),
    LineKey.ANSWER_CLOSES: frozenset({"day_on", "at_time"}),
    LineKey.ANSWER_OPEN_NOW: frozenset({"at_time"}),
    LineKey.ANSWER_CLOSED_NOW: frozenset({"day_on", "at_time"}),
    LineKey.ANSWER_ADDRESS: frozenset({"address"}),
    LineKey.ANSWER_PHONE: frozenset({"phone"}),
    LineKey.ANSWER_PRICE: frozenset({"service", "price_cents"}),
    LineKey.ANSWER_PRICES: frozenset({"each_price"}),
    LineKey.ANSWER_SERVICES: frozenset({"and_names"}),
    LineKey.ANSWER_SERVICES_AMONG: frozenset({"and_names"}),
    LineKey.ANSWER_OFFERED: frozenset({"service"}),
    LineKey.ANSWER_DURATION: frozenset({"service", "takes_min"}),
    LineKey.ANSWER_DURATIONS: frozenset({"each_length"}),
    LineKey.ANSWER_STAFF: frozenset({"or_names"}),
    LineKey.OWN_WORDS: frozenset({"text"}),
    LineKey.SHALL_I_CANCEL: frozenset({"service", "start_at"}),
    LineKey.SPELLED: frozenset({"text_spelled"}),
    LineKey.FIRST_WAS: frozenset({"start_at"}),
    LineKey.SECOND_WAS: frozenset({"start_at"}),
    LineKey.THIRD_WAS: frozenset({"start_at"}),
    LineKey.BRIEFING_NAME_AND_NUMBER: frozenset({"name", "phone"}),
    LineKey.BRIEFING_NAME: frozenset({"name"}),
    LineKey.BRIEFING_NUMBER: frozenset({"phone"}),
    LineKey.BRIEFING_BOOKED: frozenset({"service", "start_at"}),
    LineKey.BRIEFING_WISHED: frozenset({"service"}),
    LineKey.READ_BACK_MESSAGE: frozenset({"text", "phone"}),
    LineKey.READ_BACK_MESSAGE_ONLY: frozenset({"text"}),
}

#: Arguments without which the caller would agree to something unsaid.
REQUIRED: Mapping[LineKey, frozenset[str]] = {
    LineKey.STILL_BOOKED: frozenset({"start_at"}),
    LineKey.STILL_MOVED: frozenset({"start_at"}),
    LineKey.STILL_CANCELLED: frozenset({"start_at"}),
    LineKey.READ_BACK: frozenset({"service", "start_at", "start_with", "name", "phone"}),
    LineKey.READ_BACK_SHORT: frozenset({"start_at", "start_with"}),
    LineKey.READ_BACK_LIST: frozenset({"service", "list_on", "until", "name", "phone"}),
    LineKey.BOOKED: frozenset({"start_at"}),
    LineKey.MEANT_SERVICE: frozenset({"service"}),
    LineKey.MEANT_PASSAGE: frozenset({"text"}),
    LineKey.MEANT_DAY: frozenset({"day_on"}),
    LineKey.MEANT_TIME: frozenset({"start_at"}),
    LineKey.KEYS_SERVICE: frozenset({"service", "number"}),
    LineKey.FOUND_AND_CANCEL: frozenset({"service", "start_at"}),
    LineKey.READ_BACK_MOVE: frozenset({"now_at", "start_at", "start_with"}),
    LineKey.MOVED: frozenset({"start_at"}),
    LineKey.CANCELLED: frozenset({"start_at"}),
    LineKey.SHALL_I_CANCEL: frozenset({"service", "start_at"}),
    LineKey.OWN_WORDS: frozenset({"text"}),
    LineKey.READ_BACK_MESSAGE: frozenset({"text", "phone"}),
    LineKey.READ_BACK_MESSAGE_ONLY: frozenset({"text"}),
}


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
    return text.format_map(args | filled(args, tenant.language))


def _spoken(name: str, value: str, tenant: Tenant, now: datetime) -> Any:
    if name.endswith("_at"):
        return _SpokenTime(datetime.fromisoformat(value).astimezone(tenant.zone), now)
    if name.endswith("_on"):
        return spoken_day(date.fromisoformat(value), now.astimezone(tenant.zone).date())
    if name.endswith("_weekday"):
        return WEEKDAYS[int(value)]
    if name == "phone":
        return spoken_phone(value)
    if name == "name" and value.startswith(NAMELESS):
        return NAMELESS + " ".join(value.removeprefix(NAMELESS))
    if name == "digits":
        return ", ".join(" ".join(value[index : index + 3]) for index in range(0, len(value), 3))
    if name == "closed_days":
        today = now.astimezone(tenant.zone).date()
        return joined([spoken_day(date.fromisoformat(day), today) for day in value.split(",")], "and")
    spoken = spoken_value(name, value)
    return value if spoken is None else spoken


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
    return spoken_clock(local.time())


def spoken_phone(number: str) -> str:
    """A North American number in its three groups; another one as it is."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return "-".join(match.groups()) if match else number
