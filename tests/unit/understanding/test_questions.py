"""Questions about the business: which they are, and what of their sentence is left for the booking."""

from __future__ import annotations

from datetime import date, time

import pytest

from agent.domain.facts import Expect, When, Wish
from agent.domain.questions import Topic
from agent.understanding import is_complete
from tests.unit.understanding.demo import DENTAL, SATURDAY, read

THURSDAY = date(2026, 11, 26)
ASKED = [
    ("Are you open Saturday?", Topic.HOURS), ("are you guys open on christmas", Topic.HOURS),
    ("How late are you open on Thursday?", Topic.CLOSES), ("What time do you close?", Topic.CLOSES),
    ("when do you close on Fridays", Topic.CLOSES), ("What time do you open tomorrow?", Topic.OPENS),
    ("What are your hours?", Topic.HOURS), ("Do you have evening hours?", Topic.HOURS),
    ("Are you open now?", Topic.OPEN_NOW), ("Are you open?", Topic.OPEN_NOW),
    ("Are you open on holidays?", Topic.HOLIDAYS), ("Which holidays do you keep?", Topic.HOLIDAYS),
    ("Where are you located?", Topic.ADDRESS),
    ("What's your address?", Topic.ADDRESS), ("how do I get there", Topic.ADDRESS),
    ("Can you tell me where you are?", Topic.ADDRESS), ("What's your phone number?", Topic.PHONE),
    ("How much is a cleaning?", Topic.PRICE), ("what does a filling cost", Topic.PRICE),
    ("What do you charge for whitening?", Topic.PRICE), ("What are your prices?", Topic.PRICE),
    ("How long does a filling take?", Topic.DURATION), ("What services do you offer?", Topic.SERVICES),
    ("Do you do whitening?", Topic.OFFERED), ("Who works there?", Topic.STAFF),
    ("Which dentists do you have?", Topic.STAFF), ("Who does the whitening?", Topic.STAFF),
    ("When are they open on Friday?", Topic.HOURS), ("What would the hours be on Monday?", Topic.HOURS),
    ("when do you open and close tomorrow", Topic.HOURS), ("What time do they shut on Fridays?", Topic.CLOSES),
    ("Until when are you open on Monday?", Topic.CLOSES),
    ("Whereabouts is it, where is the clinic?", Topic.ADDRESS), ("Where's your dental office again?", Topic.ADDRESS),
    ("Could you tell me where the practice is?", Topic.ADDRESS), ("What's their street address?", Topic.ADDRESS),
    ("and the address please", Topic.ADDRESS), ("Is it located downtown?", Topic.ADDRESS),
    ("I need to know its location.", Topic.ADDRESS), ("On which street are you?", Topic.ADDRESS),
    ("Give me their phone number.", Topic.PHONE),
    ("May I have a contact number?", Topic.PHONE), ("how much do cleanings cost", Topic.PRICE),
    ("The price of a checkup?", Topic.PRICE), ("Your hours, please.", Topic.HOURS),
    ("Who is this?", Topic.BUSINESS), ("Do you do root canals?", Topic.UNKNOWN),
    ("Do you have a waiting room?", Topic.UNKNOWN), ("What's the weather like in Boston?", Topic.UNKNOWN),
    ("can I bring my dog", Topic.UNKNOWN), ("How long have you been in business?", Topic.UNKNOWN),
]  # fmt: skip
FREE = [
    ("The parking is free right.", "parking"), ("You take insurance right", "insurance"),
    ("Do you have parking?", "parking"), ("Where can I park my car?", "parking"),
    ("Do you take Delta Dental insurance?", "insurance"), ("What insurance do you take?", "insurance"),
    ("Do you accept credit cards?", "payment"), ("How can I pay?", "payment"),
    ("What's your cancellation policy?", "cancellation"), ("Is there a fee for cancelling late?", "cancellation"),
    ("We'd like to park our van somewhere.", "parking"), ("Could I put my truck behind the house?", "parking"),
    ("Is there a place for our car?", "parking"), ("I want to make sure that my insurance is accepted.", "insurance"),
    ("I want to pay in cash.", "payment"),
    ("Are you taking new patients?", "new-patients"), ("Do you see kids?", "children"),
]  # fmt: skip
#: Not about the business: a wish, a complaint about our words, or a way to say yes.
NOT_ASKED = [
    "Do you have anything earlier?", "What times do you have?", "Is Thursday at three available?",
    "Can I come in on Friday?", "Do you have Thursday at three?", "When is the next available appointment?",
    "Can you help me?", "I have a question.", "Is that right?", "What was that?", "Can I get an appointment?",
    "Do you do cleanings on Thursday?", "I'm parking the car, hold on.", "Can you move my appointment?",
    "In about two hours.", "Dana Smith", "Do you do anything later?", "Yes, that's right.", "What?",
    "Where is my appointment?", "I need an appointment as a new patient.", "I moved, this is my new address.",
    "My address is 12 Oak Street.", "I want to talk to somebody about my insurance.", "Is that the number on file?",
    "I have insurance with Delta.",
    "Could you book a cleaning for me?", "The address of the salon is 6046 College Avenue.",
]  # fmt: skip


@pytest.mark.parametrize(("text", "topic"), ASKED)
def test_what_a_question_is_about(text: str, topic: Topic) -> None:
    (question,) = read(text, Expect.SERVICE).questions
    assert question.topic is topic


@pytest.mark.parametrize(("text", "fact_id"), FREE)
def test_a_question_finds_the_fact_whose_telling_words_it_says(text: str, fact_id: str) -> None:
    (question,) = read(text).questions
    assert (question.topic, question.fact_id) == (Topic.FACT, fact_id)


@pytest.mark.parametrize("text", NOT_ASKED)
@pytest.mark.parametrize("expects", [Expect.SERVICE, Expect.WHEN, Expect.YES_NO])
def test_a_wish_is_no_question_about_the_business(text: str, expects: Expect) -> None:
    assert read(text, expects).questions == ()


def test_the_price_of_a_service_is_no_wish_for_it() -> None:
    facts = read("How much is a cleaning?", Expect.SERVICE)
    assert facts.service_id is None
    assert facts.questions[0].service_id == "cleaning"


def test_a_question_and_a_wish_in_one_sentence_are_both_heard() -> None:
    wished = When(THURSDAY, THURSDAY, at=time(15))
    for text in (
        "How much is a cleaning, and do you have Thursday at three?",
        "I'd like a cleaning on Thursday at three, how much is that?",
        "I'd like a cleaning on Thursday at three how much is that",
    ):
        facts = read(text, Expect.SERVICE)
        assert (facts.service_id, facts.when) == ("cleaning", wished), text
        assert [(each.topic, each.service_id) for each in facts.questions] == [(Topic.PRICE, "cleaning")], text


def test_the_day_of_a_question_is_not_wished() -> None:
    facts = read("Are you open on Thursday?", Expect.WHEN)
    assert facts.when is None
    assert facts.questions[0].first_on == THURSDAY


def test_two_questions_are_two() -> None:
    facts = read("Where are you located, and do you have parking?")
    assert [each.topic for each in facts.questions] == [Topic.ADDRESS, Topic.FACT]


@pytest.mark.parametrize(
    "text", ["Okay, how much is it?", "Sure, but where are you located?", "Right, are you open now?"]
)
def test_a_courtesy_before_a_question_agrees_to_nothing(text: str) -> None:
    facts = read(text, Expect.YES_NO)
    assert facts.questions
    assert facts.answer is None


def test_a_plain_yes_before_a_question_is_a_yes() -> None:
    assert read("Yes. And do you have parking?", Expect.YES_NO).answer is True


@pytest.mark.parametrize("text", ["Quick question, do you have parking?", "Before that, do you take insurance?",
                                  "Wait, how late are you open?"])  # fmt: skip
def test_the_lead_in_of_a_question_is_no_name(text: str) -> None:
    assert read(text, Expect.NAME).name is None


def test_a_name_beside_a_question_is_kept() -> None:
    assert read("It's Dana Smith. Do you have parking?", Expect.NAME).name == "Dana Smith"


def test_an_emergency_in_a_question_comes_before_the_question() -> None:
    facts = read("How much is a filling, and my father is not breathing!")
    assert facts.emergency is not None
    assert facts.questions == ()


def test_a_question_mark_ends_the_turn() -> None:
    for text, is_over in (("Do you have parking?", True), ("Do you have parking", False)):
        assert is_complete(text, Expect.WHEN, read(text, Expect.WHEN)) is is_over


def test_another_matcher_may_find_the_fact() -> None:
    from agent.domain.knowledge import FreeFact
    from agent.understanding import understand
    from agent.understanding.free_facts import FactMatch

    class ByMeaning:
        def match(self, question: str, facts: tuple[FreeFact, ...]) -> FactMatch | None:
            return FactMatch("parking", 0.8) if "trucks go" in question else None

    text = "Where do trucks go?"
    facts = understand(text, expects=Expect.ANY, tenant=DENTAL, now=SATURDAY, matcher=ByMeaning())
    assert facts.questions[0].fact_id == "parking"
    assert read(text).questions[0].topic is Topic.UNKNOWN


def test_a_wish_beside_a_question_is_still_a_wish() -> None:
    assert Wish.BOOK in read("How much is a cleaning? I'd like to book one.").wishes


@pytest.mark.parametrize(
    ("text", "on"),
    [("Are you open on Thanksgiving?", date(2026, 11, 26)), ("are you open on Black Friday", date(2026, 11, 27)),
     ("What time do you close on Labor Day?", date(2027, 9, 6)), ("Are you open Presidents' Day?", date(2027, 2, 15)),
     ("Are you closed on MLK Day?", date(2027, 1, 18)), ("Are you open on Christmas Eve?", date(2026, 12, 24))],
)  # fmt: skip
def test_a_holiday_is_a_day_to_ask_about(text: str, on: date) -> None:
    (question,) = read(text).questions
    assert (question.first_on, question.last_on) == (on, on)
