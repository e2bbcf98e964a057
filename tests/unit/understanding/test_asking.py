"""Questions in the middle of a booking, without a knowledge base: they are no names, no services and no wishes."""

from __future__ import annotations

import pytest

from agent.domain.facts import Expect, Facts, Wish
from agent.domain.questions import Topic
from agent.understanding.asking import asks
from agent.understanding.utterance import understand
from tests.unit.understanding.demo import DENTAL, SATURDAY


def heard(text: str, expects: Expect) -> Facts:
    return understand(text, expects=expects, tenant=DENTAL, now=SATURDAY)


def topics(facts: Facts) -> list[Topic]:
    return [question.topic for question in facts.questions]


@pytest.mark.parametrize(
    "text",
    [
        "who's the best person there for nervous people", "can I get my money back", "is there somewhere private",
        "I was wondering about my insurance card", "my son hates the drill do you have somebody who's good with that",
        "hi so what happens at the first visit", "the numbing wears off when?",
    ],
)  # fmt: skip
def test_questions_are_known_by_their_form(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dana Smith is the name", "my name is Dana Smith", "I assent that this is my desire", "Thursday at three",
        "I need to cancel my appointment", "five five five oh one two three", "is it",
    ],
)  # fmt: skip
def test_answers_and_wishes_are_not_of_that_form(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "who's the best person there for nervous people",
        "my son's shy and he hates the drill is that a problem for you",
        "are there any stairs at your place",
    ],
)  # fmt: skip
def test_asked_for_a_name_a_question_is_none(text: str) -> None:
    facts = heard(text, Expect.NAME)
    assert facts.name is None
    assert topics(facts) == [Topic.UNKNOWN]


@pytest.mark.parametrize(
    "text",
    [
        "wow that's a lot more than where I go now", "hang on a second my dog's barking at the mailman",
        "I'm gonna be about ten minutes late I think",
    ],
)  # fmt: skip
def test_asked_for_a_name_the_first_word_of_a_sentence_is_none(text: str) -> None:
    assert heard(text, Expect.NAME).name is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dana Smith is the name", "Dana Smith"), ("can name is Dana Smith", "Dana Smith"),
        ("Dana Smith, is that okay", "Dana Smith"), ("Dana, I'm a new patient by the way", "Dana"),
        ("My name is Dana and my phone number is five five five oh one two three", "Dana"),
        ("It's Dana, same as on the account", "Dana"), ("Dana, and you can reach me at this number", "Dana"),
        ("Dana", "Dana"), ("it's Dana, with one N", "Dana"), ("Dana that's spelled D A N A", "Dana"),
    ],
)  # fmt: skip
def test_asked_for_a_name_a_name_is_one(text: str, name: str) -> None:
    assert heard(text, Expect.NAME).name == name


@pytest.mark.parametrize("expects", [Expect.WHEN, Expect.CHOICE, Expect.NAME, Expect.PHONE])
@pytest.mark.parametrize(
    "text",
    ["what's the difference between a checkup and an exam", "does whitening hurt", "how long does whitening hurt for"],
)
def test_a_service_that_is_asked_about_does_not_take_the_place_of_the_one_being_booked(
    text: str, expects: Expect
) -> None:
    facts = heard(text, expects)
    assert facts.service_id is None
    assert len(facts.questions) == 1


@pytest.mark.parametrize(
    "text",
    [
        "could I get a whitening instead", "what about a whitening", "no, whitening", "can you make it a whitening",
        "can I go ahead and book a whitening", "I was wondering if I could get a whitening",
        "what I need is a whitening", "can we also do a whitening", "is it possible to book a whitening",
        "would you be able to do a whitening",
        "can I add a whitening", "can we go with a whitening", "what if I want a whitening",
    ],
)  # fmt: skip
@pytest.mark.parametrize("expects", [Expect.WHEN, Expect.CHOICE, Expect.YES_NO])
def test_a_service_that_is_wished_for_instead_is_taken(text: str, expects: Expect) -> None:
    assert heard(text, expects).service_id == "whitening"


@pytest.mark.parametrize(
    "text", ["did you say cleaning it should be a whitening", "was it not supposed to be a whitening?"]
)
def test_at_a_read_back_a_service_that_is_named_corrects(text: str) -> None:
    assert heard(text, Expect.YES_NO).service_id == "whitening"


@pytest.mark.parametrize(
    "text",
    [
        "do I get my deposit back if I can't make it", "will you charge me if I have to reschedule on the same day",
        "what happens if I need to move my appointment",
    ],
)  # fmt: skip
def test_what_would_be_is_no_wish_to_change_anything(text: str) -> None:
    for expects in (Expect.SERVICE, Expect.WHEN, Expect.NAME):
        assert not heard(text, expects).wishes & {Wish.MOVE, Wish.CANCEL}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I was wondering if I could move my appointment", Wish.MOVE), ("I can't make it on Friday", Wish.MOVE),
        ("Is it okay if I move my cleaning to Friday", Wish.MOVE), ("do you mind if I reschedule it", Wish.MOVE),
        ("I need to cancel my appointment, let me know if I have to come in for that", Wish.CANCEL),
        ("I need to reschedule, I was told to call if I cannot make it", Wish.MOVE),
    ],
)  # fmt: skip
def test_who_asks_whether_it_can_be_changed_wants_it_changed(text: str, wish: Wish) -> None:
    assert heard(text, Expect.SERVICE).wishes & {Wish.MOVE, Wish.CANCEL} == {wish}


def test_a_second_to_wait_for_is_no_second_offer() -> None:
    assert heard("hang on a second", Expect.CHOICE).choice is None
    assert heard("the second one", Expect.CHOICE).choice == 1


@pytest.mark.parametrize(
    ("text", "choice"),
    [("the one on July second", None), ("the second of July", None), ("the one in December, the second one", 1)],
)
def test_a_day_is_no_place_among_the_offers(text: str, choice: int | None) -> None:
    assert heard(text, Expect.CHOICE).choice == choice
