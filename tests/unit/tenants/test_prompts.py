"""Every line the rules can ask for has a text, short enough to listen to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import yaml

from agent.dialogue.prompts import ARGUMENTS, PROMPTS_DIR, load_prompts, parse_prompts, phrase, spoken_day, spoken_time
from agent.domain.errors import ConfigError
from agent.domain.events import Silent
from agent.domain.lines import LineKey, line
from agent.domain.tenant import Recording
from tests.unit.domain.desk import NOW, TENANT, Desk

#: Longest plausible values, so that the longest sentences are measured.
VALUES = {
    "services": "cleaning, checkup or whitening", "service": "brake inspection", "name": "Maximilian Featherstone",
    "phone": "+15550123456", "digits": "555012", "said_weekday": "2", "real_on": "2026-11-26",
    "start_at": "2026-11-26T20:30:00+00:00", "first_at": "2026-11-26T20:30:00+00:00",
    "second_at": "2026-11-26T21:45:00+00:00", "now_at": "2026-11-25T21:45:00+00:00", "first": "brake inspection",
    "second": "brake inspection", "count": "12",
    "text": "I was in last week and now my crown has come off…",
}  # fmt: skip
#: Speech at a telephone agent's pace; a digit takes as long as a word.
WORDS_PER_S = 2.6
MAX_SPOKEN_S = 12.0


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PROMPTS_DIR / "en.yaml").read_text(encoding="utf-8"))
    return loaded


def spoken_s(text: str) -> float:
    """A rough duration: words, and each digit of a telephone number, at one pace."""
    digits = sum(len(number.replace("-", "")) - 1 for number in re.findall(r"\d{3}-\d{3}-\d{4}", text))
    return (len(text.split()) + digits) / WORDS_PER_S


@pytest.mark.parametrize("key", list(LineKey), ids=lambda key: key.value)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_key_renders_every_variant(key: LineKey, seed: int) -> None:
    args = {name: VALUES[name] for name in ARGUMENTS.get(key, ())}
    text = phrase((line(key, **args),), TENANT, NOW, seed=seed)
    assert text
    assert "{" not in text
    assert spoken_s(text) <= MAX_SPOKEN_S


@pytest.mark.parametrize("key", [key for key in LineKey if key.value.startswith(("ask_", "hint_", "offer_", "read_"))])
def test_every_question_ends_with_the_question(key: LineKey) -> None:
    for text in load_prompts("en")[key]:
        assert text.endswith("?") or (key is LineKey.HINT_YES_NO and text.endswith("."))


def test_what_is_said_in_one_breath_is_not_too_long() -> None:
    desk = Desk()
    longest = []
    for words in (
        "",
        "A cleaning on Sunday at 3.",
        "The first one.",
        "Maximilian Featherstone",
        "555-012-3456",
        "Yes.",
        "No.",
    ):
        keys = desk.hear(words) if words else desk.answer()
        args = [{name: VALUES[name] for name in ARGUMENTS.get(key, ())} for key in keys]
        lines = tuple(line(key, **values) for key, values in zip(keys, args, strict=True))
        longest.append(spoken_s(phrase(lines, TENANT, NOW, seed=0)))
    assert len(longest) == 7
    assert max(longest) <= MAX_SPOKEN_S
    assert desk.happen(Silent(1)) == []


def test_a_read_back_says_day_date_time_name_and_number() -> None:
    args = {name: VALUES[name] for name in ARGUMENTS[LineKey.READ_BACK]}
    text = phrase((line(LineKey.READ_BACK, **args),), TENANT, NOW, seed=0)
    for part in ("Thursday, November 26th at 3:30 PM", "Maximilian Featherstone", "555-012-3456", "brake inspection"):
        assert part in text


def test_the_greeting_discloses_and_announces_only_what_the_tenant_says() -> None:
    lines = (line(LineKey.GREETING), line(LineKey.AI_DISCLOSURE), line(LineKey.RECORDING_NOTICE))
    text = phrase(lines, TENANT, NOW, seed=0)
    assert text == f"{TENANT.greeting} {TENANT.ai_disclosure} {TENANT.recording_text}"
    silent = replace(TENANT, recording=Recording.OFF, recording_text="", ai_disclosure="")
    assert phrase(lines, silent, NOW, seed=0) == TENANT.greeting


def test_braces_in_a_tenants_greeting_are_plain_text() -> None:
    odd = replace(TENANT, greeting="Welcome to {Riverside}.")
    assert phrase((line(LineKey.GREETING),), odd, NOW, seed=0) == "Welcome to {Riverside}."


@pytest.mark.parametrize(
    ("day", "spoken"),
    [
        (date(2026, 12, 1), "Tuesday, December 1st"),
        (date(2026, 12, 2), "Wednesday, December 2nd"),
        (date(2026, 12, 11), "Friday, December 11th"),
        (date(2026, 12, 23), "Wednesday, December 23rd"),
        (date(2027, 7, 1), "Thursday, July 1st, 2027"),
    ],
)
def test_days_are_spoken_with_their_weekday_and_ordinal(day: date, spoken: str) -> None:
    assert spoken_day(day, date(2026, 11, 21)) == spoken


def test_times_are_spoken_shortly() -> None:
    times = [(15, 0), (9, 5), (12, 0), (0, 30), (12, 15)]
    spoken = [spoken_time(datetime(2026, 11, 26, hour, minute)) for hour, minute in times]
    assert spoken == ["3 PM", "9:05 AM", "noon", "12:30 AM", "12:15 PM"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"booked": ["You're booked."]}, 'booked: "You\'re booked.": placeholder {start_at} is missing'),
        ({"farewell": ["Bye, {nmae}."]}, "farewell: 'Bye, {nmae}.': unknown placeholder {nmae}"),
        ({"farewell": []}, "farewell: expected a list of 1 to 3 texts"),
        ({"farwell": ["Bye."]}, "farwell: unknown prompt key"),
        ({"farewell": ["Bye {"]}, "farewell: 'Bye {'"),
    ],
)
def test_a_wrong_prompt_is_named_when_loading(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_prompts(document() | change, "en.yaml")
    assert f"en.yaml: {fault}" in str(caught.value)


def test_a_missing_prompt_is_named_when_loading() -> None:
    short = document()
    del short["read_back"]
    with pytest.raises(ConfigError, match="read_back"):
        parse_prompts(short, "en.yaml")
