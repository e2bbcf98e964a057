"""Emergencies are read from partial words; what only sounds like one is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.bootstrap.tenant_document import load_tenant
from agent.domain.facts import Advice, Emergency
from agent.domain.tenant import EmergencyPolicy, Service, Tenant
from agent.understanding.advice import read_advice
from agent.understanding.emergencies import WORDS_STOOD_OF_TRADE, read_emergency, read_emergency_so_far
from tests.unit.understanding import emergency_utterances as said
from tests.unit.understanding.demo import DENTAL
from tests.unit.understanding.emergency_beginnings import TAIL, beginnings, real_turns, written_turns

GARAGE = load_tenant(Path("infra/local/tenants/bayview-auto-repair.yaml"))
TENANTS = pytest.mark.parametrize("tenant", [DENTAL, GARAGE], ids=lambda tenant: tenant.slug)
FROZEN = (
    [(text, Emergency.DANGER) for text in said.DIAL_911]
    + [(text, Emergency.SUICIDE) for text in said.SUICIDE_988]
    + [(text, Emergency.GAS) for text in said.GAS]
)
#: Beginnings of harmless sentences that are an emergency as far as they go.
TREACHEROUS = {"I'm dying", "he's dying", "I can't breathe", "I'm choking", "I'm drowning"}
#: Emergencies that only a whole turn is one of: what kind of one comes next, or "die" may go on.
ONLY_WHOLE = {
    "this is an emergency",
    "this is a real emergency please help",
    "I just want to die",
    "I can't go on I'm going to end it",
}
#: Of the sentences nothing was tuned to, so many are missed. A better reader lowers it.
UNSEEN_MISSED = 9

#: Minutes old, or told of somebody named before.
RECENT = (
    "My husband collapsed five minutes ago",
    "Yes. My husband collapsed five minutes ago.",
    "She passed out two minutes ago and she's not breathing",
    "I smell gas, it started an hour ago",
    "He took a whole bottle of pills an hour ago",
    "he swallowed bleach an hour and a half ago",
    "I was stabbed a minute ago",
    "my dad had a stroke half an hour ago",
    "I've had bad chest pains since last night",
    "my husband had surgery two weeks ago and now he's not breathing",
    "My wife fell and is not breathing",
    "my grandson, he's four, isn't breathing",
    "she hasn't been breathing for two minutes",
    "my wife fell and can't breathe",
    "my son fell off the roof and passed out",
)
#: The same words, and nobody is in danger.
LONG_PAST = (
    "I had a heart attack two years ago",
    "my dad collapsed three weeks ago",
    "he got stabbed two years ago and now he has a scar",
    "I had a filling an hour ago and it hurts",
    "I called ten minutes ago and was cut off",
    "he had no chest pains an hour ago",
    "I was hit with a big bill an hour ago",
    "my daughter has a cold and can't breathe through her nose",
    "I've had chest pains since last year",
)


@TENANTS
@pytest.mark.parametrize(("text", "kind"), FROZEN)
def test_an_emergency_is_read_whoever_is_called(text: str, kind: Emergency, tenant: Tenant) -> None:
    assert read_emergency(text, tenant) is kind
    assert read_emergency(f"Um, hello? {text.capitalize()}.", tenant) is kind


@pytest.mark.parametrize("text", said.LATER_EMERGENCIES)
def test_an_emergency_is_read_in_other_words(text: str) -> None:
    assert read_emergency(text, DENTAL) is not None


@TENANTS
@pytest.mark.parametrize("text", RECENT)
def test_minutes_and_hours_ago_are_now(text: str, tenant: Tenant) -> None:
    assert read_emergency(text, tenant) is not None


@TENANTS
@pytest.mark.parametrize("text", LONG_PAST)
def test_what_is_long_past_or_harmless_is_no_emergency(text: str, tenant: Tenant) -> None:
    assert read_emergency(text, tenant) is None


@TENANTS
@pytest.mark.parametrize("text", [*said.NOT_AN_EMERGENCY, *said.LATER_ORDINARY, *said.UNSEEN_ORDINARY])
def test_what_only_sounds_like_an_emergency_is_none(text: str, tenant: Tenant) -> None:
    assert read_emergency(text, tenant) is None


@TENANTS
@pytest.mark.parametrize("text", [*said.NOT_AN_EMERGENCY, *said.LATER_ORDINARY, *said.UNSEEN_ORDINARY])
def test_no_beginning_of_a_harmless_sentence_is_an_emergency(text: str, tenant: Tenant) -> None:
    words = text.split()
    beginnings = {" ".join(words[:stop]) for stop in range(1, len(words))} - TREACHEROUS
    assert not [beginning for beginning in beginnings if read_emergency(beginning, tenant)]


def test_no_harmless_turn_is_an_emergency_after_any_of_its_words() -> None:
    texts = [*written_turns(GARAGE), *real_turns()[::12]]  # `emergency_beginnings` tries them all, for every tenant
    assert not [part for text in texts for part in beginnings(text) if read_emergency_so_far(part, GARAGE)]


@pytest.mark.parametrize("text", [text for text, _ in FROZEN] + list(said.LATER_EMERGENCIES))
def test_an_emergency_is_heard_a_few_words_after_it_was_said(text: str) -> None:
    spoken, tail = len(text.split()), TAIL.split()
    heard = [
        stop
        for stop in range(len(tail) + 1)
        if read_emergency_so_far(" ".join([text, *tail[:stop]]), DENTAL) is not None
    ]
    if text in ONLY_WHOLE:
        assert not heard
    else:
        assert heard, f"{spoken} words, and never heard"
        assert heard[0] <= WORDS_STOOD_OF_TRADE


@pytest.mark.parametrize(
    "text",
    [
        "I can't breathe through my nose so lying back is hard",
        "he got stabbed two years ago and has a scar",
        "this is an emergency my water heater is leaking all over the garage",
        "there's a gas smell coming from under the hood of my truck",
        "call 911 Main Street your other office please",
        "I'd like a gas line installation for the stove",
    ],
)
def test_what_later_words_take_back_was_never_believed(text: str) -> None:
    assert not any(read_emergency_so_far(part, GARAGE) for part in beginnings(text))


def test_what_a_business_makes_a_danger_of_is_heard_while_it_is_said() -> None:
    words = "our car is stuck on the tracks and I do not know"
    assert read_emergency_so_far(words, GARAGE) is None
    policy = EmergencyPolicy(danger=("stuck on the tracks",))
    assert read_emergency_so_far(words, replace(GARAGE, emergencies=policy)) is Emergency.DANGER


def test_words_nothing_was_tuned_to_are_missed_no_more_often_than_when_they_were_written() -> None:
    missed = [text for text in said.UNSEEN_EMERGENCIES if read_emergency(text, DENTAL) is None]
    assert len(missed) <= UNSEEN_MISSED, missed


def test_what_a_business_sells_is_its_trade() -> None:
    words = "I'd like a gas leak repair"
    assert read_emergency(words, DENTAL) is Emergency.GAS
    plumber = replace(DENTAL, services=(Service("gas", "gas leak repair", (), 60),))
    assert read_emergency(words, plumber) is None
    assert read_emergency("I smell gas", plumber) is Emergency.GAS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Should I take ibuprofen?", Advice.MEDICAL),
        ("can I take Tylenol before my cleaning", Advice.MEDICAL),
        ("how much ibuprofen can I take", Advice.MEDICAL),
        ("is it safe to mix advil and aspirin", Advice.MEDICAL),
        ("should my son stop his antibiotics", Advice.MEDICAL),
        ("what should I take for the pain", Advice.MEDICAL),
        ("is it infected", Advice.MEDICAL),
        ("do I have an infection", Advice.MEDICAL),
        ("what's wrong with my tooth", Advice.MEDICAL),
        ("what are the side effects", Advice.MEDICAL),
        ("Can I sue them?", Advice.LEGAL),
        ("should we sue my old dentist", Advice.LEGAL),
        ("is that legal", Advice.LEGAL),
        ("do I have a case", Advice.LEGAL),
        ("am I liable for that", Advice.LEGAL),
        ("should I sign the settlement", Advice.LEGAL),
        ("I need some legal advice", Advice.LEGAL),
        ("should I take the first one", None),
        ("can I take the three o'clock", None),
        ("can I bring my medication", None),
        ("is it safe to park there", None),
        ("how much is a cleaning", None),
        ("is this the dentist", None),
        ("do I have an appointment", None),
        ("Sue Miller", None),
        ("should I sign in when I get there", None),
        ("my name is Aspirin", None),
    ],
)
def test_advice_is_recognised_and_plain_questions_are_not(text: str, kind: Advice | None) -> None:
    assert read_advice(text) is kind


def test_a_long_utterance_is_read_in_time_that_grows_with_it() -> None:
    for piece in ("smell a strong ", "took all ", "my chest ", "he is not ", "bleeding very "):
        assert read_emergency(piece * (10_000 // len(piece)), DENTAL) in (None, *Emergency)
