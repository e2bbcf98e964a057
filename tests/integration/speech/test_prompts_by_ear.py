"""Every prompt is understood over a telephone, and none is longer than is listened to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.bootstrap.tenant_document import document_of, load_tenant
from agent.dialogue.prompts import ARGUMENTS, load_prompts, phrase
from agent.domain.lines import LineKey, line
from agent.tenants.conversion import to_tenant
from agent.tenants.templates import Blanks, fill_in, template_names
from loadtest.caller.words import normalise
from tests.integration.speech.by_ear import Heard, by_ear

TENANTS = tuple(load_tenant(path) for path in sorted(Path("infra/local/tenants").glob("*.yaml")))
TEMPLATES = tuple(
    to_tenant(document_of(fill_in(name, Blanks("Main Street", state="NY")), name)) for name in template_names()
)
NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
MAX_WORD_ERRORS = 0.05
MAX_SPOKEN_S = 12.0
#: What a call may plausibly fill in.
VALUES = {
    "services": "cleaning, checkup or filling", "service": "cleaning", "name": "John Miller", "phone": "+15550123456",
    "digits": "555012", "said_weekday": "0", "real_on": "2026-12-01", "start_at": "2026-11-26T20:30:00+00:00",
    "first_at": "2026-11-26T20:00:00+00:00", "second_at": "2026-11-27T21:15:00+00:00",
    "now_at": "2026-11-25T15:00:00+00:00", "first": "cleaning", "second": "filling", "count": "4",
    "open_week": "|".join(["08:00-17:00"] * 3 + ["08:00-19:00", "08:00-17:00", "", ""]), "day_on": "2026-11-26",
    "open_hours": "08:00-12:00,13:00-17:30", "closed_days": "2026-12-25,2027-01-01", "at_time": "17:30",
    "address": "12 Elm Street, next to the public library", "price_cents": "12000",
    "each_price": "cleaning=12000|checkup=8000|filling=21000", "and_names": "cleaning|checkup|filling",
    "or_names": "Dr. Lee|Dr. Ortiz", "takes_min": "45", "each_length": "cleaning=45|checkup=30|filling=60",
    "page": "0", "number": "3", "staff": "Dr. Lee", "start_with": "Dr. Lee", "first_with": "Dr. Lee",
    "first_why": "nearest", "second_with": "Dr. Ortiz", "wished_at": "2026-11-26T20:30:00+00:00",
    "absent_on": "2026-11-26", "list_on": "2026-11-26", "list_until_on": "2026-11-27", "until": "2026-11-27",
    "text_spelled": "John Miller", "text": "Please tell Dr. Lee that my crown has come off again",
}  # fmt: skip
#: Two ways to write one sound.
_ALIKE = {
    "ok": "okay", "check up": "checkup", "call back": "callback", "one": "1", "doctor": "dr", "canceled": "cancelled",
    "ortis": "ortiz",
}  # fmt: skip
#: "November 26th" and "November 26" are one date.
_DATE = re.compile(
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december)"
    r" (\d{1,2})(?:st|nd|rd|th)\b"
)


def prompts() -> list[str]:
    """Every wording of every prompt, filled in, and what demo businesses and templates say in their own words."""
    tenant = replace(TENANTS[-1], overflow_number="+15550100199")
    texts = []
    for key, variants in load_prompts("en").items():
        if key is LineKey.OWN_WORDS:
            continue
        args = {name: VALUES[name] for name in ARGUMENTS.get(key, ()) if name in VALUES}
        texts += [phrase((line(key, **args),), tenant, NOW, seed=seed) for seed in range(len(variants))]
    for each in (*TENANTS, *TEMPLATES):
        texts += [text for text in (each.greeting, each.ai_disclosure, each.recording_text) if text]
        texts += [fact.answer for fact in each.knowledge.facts] + [reply for _, reply in each.knowledge.objections]
    return list(dict.fromkeys(texts))


def word_errors(said: str, heard: str) -> float:
    """Substitutions, omissions and insertions per word said, numbers in one spelling."""
    wanted, got = _words(said), _words(heard)
    row = list(range(len(got) + 1))
    for place, word in enumerate(wanted, start=1):
        left, row[0] = row[0], place
        for index, other in enumerate(got, start=1):
            left, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, left + (word != other))
    return row[-1] / len(wanted)


def _words(text: str) -> list[str]:
    text = re.sub(r"(?<=\d)[ -](?=\d)", "", _DATE.sub(r"\1 \2", normalise(text)))
    for one, other in _ALIKE.items():
        text = re.sub(rf"\b{one}\b", other, text)
    return text.split()


@pytest.fixture(scope="module")
def heard() -> dict[str, Heard]:
    return by_ear(prompts())


def test_every_prompt_survives_voice_line_and_recogniser(heard: dict[str, Heard]) -> None:
    misheard = [
        f"{text!r} was heard as {each.words!r}"
        for text, each in heard.items()
        if word_errors(text, each.words) > MAX_WORD_ERRORS
    ]
    assert not misheard, "\n".join(misheard)


def test_no_prompt_is_longer_than_is_listened_to(heard: dict[str, Heard]) -> None:
    assert {text: each.duration_s for text, each in heard.items() if each.duration_s > MAX_SPOKEN_S} == {}


def test_the_measure_counts_what_is_wrong_and_not_how_it_is_written() -> None:
    assert word_errors("It's at 3:30 PM on November 26th.", "It's at three thirty p.m. on November twenty-sixth") == 0
    assert word_errors("Your number is 555-012-3456.", "your number is 555 012 3456") == 0
    assert word_errors("For a call back, press 1. For one, star.", "for a callback press one for 1 star") == 0
    assert word_errors("You can enter the ten digits.", "You can enter the 10 digits") == 0
    assert word_errors("Shall I cancel it?", "Shall I council it?") == 0.25
    assert word_errors("Goodbye.", "") == 1.0
