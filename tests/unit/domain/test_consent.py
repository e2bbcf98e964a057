"""What follows from the law of a call: tables, every row of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.consent import (
    STRICTEST,
    CallLaw,
    Consent,
    discloses,
    disclosure_for,
    recording_for,
    under_callers_law,
)
from agent.domain.tenant import Recording
from tests.unit.domain.desk import TENANT

ONE = CallLaw(Consent.ONE_PARTY, demands_disclosure=False)
ALL = CallLaw(Consent.ALL_PARTIES, demands_disclosure=False)
TOLD = CallLaw(Consent.ONE_PARTY, demands_disclosure=True)
OURS = "I'm an AI assistant."


@pytest.mark.parametrize(
    ("chosen", "law", "done"),
    [
        (None, ONE, Recording.ANNOUNCE),
        (None, ALL, Recording.OFF),
        (None, STRICTEST, Recording.OFF),
        (Recording.OFF, ONE, Recording.OFF),
        (Recording.OFF, ALL, Recording.OFF),
        (Recording.ANNOUNCE, ONE, Recording.ANNOUNCE),
        (Recording.ANNOUNCE, ALL, Recording.ANNOUNCE),
        (Recording.ANNOUNCE, STRICTEST, Recording.ANNOUNCE),
    ],
)
def test_recording_is_what_the_business_chose_or_else_off_where_all_must_consent(
    chosen: Recording | None, law: CallLaw, done: Recording
) -> None:
    assert recording_for(chosen, law) is done


@pytest.mark.parametrize(
    ("chosen", "greeting", "law", "said"),
    [
        (None, "Hello.", ONE, OURS),
        (None, "Hello, you have reached our AI.", TOLD, ""),
        ("", "Hello.", ONE, ""),
        ("", "Hello.", TOLD, OURS),
        ("", "Hello from our automated desk.", TOLD, ""),
        ("I'm Lou.", "Hello.", ONE, "I'm Lou."),
        ("I'm Lou.", "Hello.", TOLD, f"I'm Lou. {OURS}"),
        ("I'm Lou, a computer.", "Hello.", TOLD, "I'm Lou, a computer."),
    ],
)
def test_a_machine_says_so_wherever_it_is_demanded(chosen: str | None, greeting: str, law: CallLaw, said: str) -> None:
    assert disclosure_for(chosen, greeting, OURS, law, business="Riverside Dental") == said


@pytest.mark.parametrize("name", ["Bay Computer Repair", "Sew Machine & Sons", "Automated Systems", "AI Systems, LLC"])
def test_what_a_business_is_called_says_nothing_of_who_speaks(name: str) -> None:
    greeting = f"Thanks for calling {name.removesuffix(', LLC')}, this is Lou. How can we help?"
    assert disclosure_for(None, greeting, OURS, STRICTEST, business=name) == OURS
    assert disclosure_for("", greeting, OURS, STRICTEST, business=name) == OURS
    assert disclosure_for(None, f"{greeting} I'm an AI assistant.", OURS, STRICTEST, business=name) == ""


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("I'm an AI assistant.", True), ("I'm an A.I.", True), ("An artificial intelligence speaks.", True),
        ("You're speaking with an automated assistant.", True), ("I'm a robot", True),
        ("I'm a virtual assistant.", False), ("Thank you for calling Aid and Repair.", False), ("", False),
        ("Hail Storm Air, robotics for you", False), ("I paid my aim", False),
        ("This is Lou, your AI receptionist.", True), ("Lou here, an A.I. voice assistant.", True),
        ("I'm Lou, an AI.", True), ("I am a computer and take your booking.", True),
        ("You're talking to a machine.", True), ("I'm not a real person.", True), ("This is our automated line", True),
        ("You've reached the computer shop.", False), ("We repair every machine. I'm Lou.", False),
        ("I'm Lou at our automated car wash.", False), ("This is the machine shop.", False),
        ("I'm not a robot.", False), ("Ask our computer repair line.", False),
    ],
)  # fmt: skip
def test_only_plain_words_disclose(text: str, is_said: bool) -> None:
    assert discloses(text, "Riverside Dental") is is_said


@pytest.mark.parametrize(
    ("is_default", "law", "done"),
    [
        (True, ALL, Recording.OFF),
        (True, ONE, Recording.ANNOUNCE),
        (False, ALL, Recording.ANNOUNCE),
        (False, STRICTEST, Recording.ANNOUNCE),
    ],
)
def test_a_caller_from_a_stricter_place_is_recorded_only_if_the_business_chose_to(
    is_default: bool, law: CallLaw, done: Recording
) -> None:
    tenant = replace(
        TENANT, recording=Recording.ANNOUNCE, recording_text="Recorded.", is_recording_by_default=is_default
    )
    met = under_callers_law(tenant, law, OURS)
    assert met.recording is done
    assert met.recording_text == ("Recorded." if done is Recording.ANNOUNCE else "")


def test_a_callers_law_makes_nothing_laxer() -> None:
    silent = replace(TENANT, recording=Recording.OFF, recording_text="", ai_disclosure="")
    assert under_callers_law(silent, ONE, OURS) == silent
    assert under_callers_law(silent, TOLD, OURS).ai_disclosure == OURS
