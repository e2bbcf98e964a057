"""What the knowledge base adds to an utterance, and what it must not take from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from agent.domain.facts import Expect, Facts, Step, Wish
from agent.domain.passages import Finding, Found, Verdict
from agent.domain.questions import Topic
from agent.inference.in_process import InProcessEmbedder
from agent.understanding import CallersTurn, Cascade
from agent.understanding.meaning import installed_models
from tests.unit.understanding.demo import DENTAL, SATURDAY

PASSAGE = Found(UUID(int=1), 1, "care.md", "after", "After an extraction", "Rest for a day.", 0.9)
OBJECTION = Found(UUID(int=2), 1, "objections.md", "price", "That's a lot", "It lasts.", 0.9, is_objection=True)


@dataclass
class Shelf:
    """A base that says one thing to everything, and remembers what it was asked."""

    finding: Finding | None
    asked: list[str] = field(default_factory=list)

    async def find(self, question: str) -> Finding | None:
        self.asked.append(question)
        return self.finding


def finding(verdict: Verdict, passage: Found = PASSAGE) -> Finding:
    return Finding(verdict, (passage,), 0.6, 0.4)


async def understood(text: str, shelf: Shelf, expects: Expect = Expect.ANY, turn: CallersTurn | None = None) -> Facts:
    cascade = Cascade(DENTAL, library=shelf)
    return await cascade.understand(text, expects, SATURDAY, turn or CallersTurn())


async def test_a_question_nobody_knows_is_answered_by_a_certain_passage() -> None:
    facts = await understood("what should I do after an extraction", Shelf(finding(Verdict.ACCEPT)))
    (question,) = facts.questions
    assert (question.topic, facts.step, facts.is_doubtful) == (Topic.PASSAGE, Step.PASSAGE, False)
    assert facts.confidence == 0.9


async def test_a_likely_one_makes_the_facts_doubtful() -> None:
    facts = await understood("what should I do after an extraction", Shelf(finding(Verdict.CONFIRM)))
    assert (facts.questions[0].topic, facts.is_doubtful) == (Topic.PASSAGE, True)


@pytest.mark.parametrize("said", [finding(Verdict.REFUSE), None])
async def test_a_question_without_an_answer_stays_unknown(said: Finding | None) -> None:
    facts = await understood("what should I do after an extraction", Shelf(said))
    assert [question.topic for question in facts.questions] == [Topic.UNKNOWN]
    assert not facts.is_doubtful


async def test_words_that_mean_nothing_else_are_a_question_only_where_one_may_be_asked() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT))
    facts = await understood("my gums after that thing you did", shelf)
    assert [question.topic for question in facts.questions] == [Topic.PASSAGE]
    for expects in (Expect.NAME, Expect.PHONE, Expect.MESSAGE):
        facts = await understood("gums after that thing you did", Shelf(finding(Verdict.ACCEPT)), expects)
        assert Topic.PASSAGE not in [question.topic for question in facts.questions]


async def test_a_wish_that_is_understood_is_not_turned_into_a_question() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT))
    facts = await understood("I'd like to cancel my appointment", shelf)
    assert Wish.CANCEL in facts.wishes
    assert (facts.questions, shelf.asked) == ((), [])


async def test_a_message_that_is_dictated_is_not_looked_up() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT))
    await understood("what should I do after an extraction", shelf, turn=CallersTurn(is_dictated=True))
    assert shelf.asked == []


async def test_an_objection_finds_its_reply_and_nothing_else_does() -> None:
    facts = await understood("that's too expensive", Shelf(finding(Verdict.ACCEPT, OBJECTION)))
    assert facts.reply is not None
    assert facts.objection is not None
    for other in (finding(Verdict.ACCEPT), finding(Verdict.CONFIRM, OBJECTION)):
        assert (await understood("that's too expensive", Shelf(other))).reply is None


async def test_whether_we_are_a_robot_is_not_the_businesss_to_answer() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT, OBJECTION))
    assert (await understood("are you a robot", shelf)).reply is None
    assert shelf.asked == []


async def test_an_emergency_is_never_looked_up_instead() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT))
    facts = await understood("my husband can't breathe", shelf)
    assert facts.emergency is not None
    assert facts.questions == ()


@pytest.mark.parametrize("expects", [Expect.SERVICE, Expect.WHEN, Expect.CHOICE, Expect.NAME, Expect.PHONE])
@pytest.mark.parametrize(
    "words",
    [
        "do I need a form before I get my cleaning", "who's the best person there for nervous people",
        "do I get my deposit back if I can't make it", "can I put the tip on my card",
        "my son's scared of the drill do you have somebody who's good with that",
        "is it safe to have a filling while I'm pregnant",
    ],
)  # fmt: skip
async def test_what_the_base_certainly_answers_is_nothing_else_whatever_was_asked_for(
    words: str, expects: Expect
) -> None:
    facts = await understood(words, Shelf(finding(Verdict.ACCEPT)), expects)
    assert [question.topic for question in facts.questions] == [Topic.PASSAGE]
    assert (facts.has_details, facts.wishes, facts.answer, facts.advice) == (False, frozenset(), None, None)


async def test_what_is_told_beside_the_question_is_kept() -> None:
    facts = await understood(
        "Dana Smith, and do you have a parking garage", Shelf(finding(Verdict.ACCEPT)), Expect.NAME
    )
    assert (facts.name, [each.words for each in facts.questions]) == (
        "Dana Smith",
        ["and do you have a parking garage"],
    )


@dataclass
class Particular(Shelf):
    """A base that knows one sentence only."""

    sentence: str = ""

    async def find(self, question: str) -> Finding | None:
        self.asked.append(question)
        return finding(Verdict.ACCEPT if question == self.sentence else Verdict.REFUSE)


async def test_what_was_told_first_may_be_part_of_the_question() -> None:
    words = "I'm allergic to latex, is there anything you can use"
    facts = await understood(words, Particular(None, sentence=words))
    assert [question.words for question in facts.questions] == [words]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("can I come in for a cleaning on Thursday at three", "when"),
        ("can I still come in on Thursday at three", "when"),
        ("hi, can I modify my cleaning appointment, it's under Dana Smith", Wish.MOVE),
        ("is it possible to shift my appointment", Wish.MOVE), ("how do I cancel my appointment", Wish.CANCEL),
        ("could you move my appointment to Friday", Wish.MOVE), ("can you cancel my appointment", Wish.CANCEL),
        ("can I talk to a person", Wish.HUMAN),
    ],
)  # fmt: skip
async def test_what_we_are_asked_to_do_is_no_question(words: str, told: Wish | str) -> None:
    facts = await understood(words, Shelf(finding(Verdict.ACCEPT)))
    assert facts.questions == ()
    assert told in facts.wishes or (told == "when" and facts.when is not None)


async def test_hours_and_prices_are_answered_by_rule() -> None:
    for words, topic in (("when are you open on Friday", Topic.HOURS), ("how much is a cleaning", Topic.PRICE)):
        facts = await understood(words, Shelf(finding(Verdict.ACCEPT)))
        assert [question.topic for question in facts.questions] == [topic]


@pytest.mark.parametrize("expects", [Expect.NAME, Expect.PHONE])
async def test_a_likely_answer_is_asked_about_also_where_a_name_or_a_number_is_asked_for(expects: Expect) -> None:
    facts = await understood("who's good with nervous people", Shelf(finding(Verdict.CONFIRM)), expects)
    assert (facts.name, facts.is_doubtful) == (None, True)
    assert [question.topic for question in facts.questions] == [Topic.PASSAGE]


@pytest.mark.parametrize(
    "text",
    ["what can I do there's so much blood it won't stop", "what should I do if my husband is passing out"],
)
async def test_danger_that_only_the_meaning_tells_is_not_hidden_by_a_passage(text: str) -> None:
    facts = await by_meaning(text, Shelf(finding(Verdict.ACCEPT)))
    assert facts.emergency is not None
    assert facts.is_doubtful


@pytest.mark.parametrize("text", ["who can I speak with there", "is there somebody I can talk to"])
async def test_who_wants_a_person_gets_no_passage_instead(text: str) -> None:
    assert Wish.HUMAN in (await by_meaning(text, Shelf(finding(Verdict.ACCEPT)))).wishes


async def test_what_the_grammar_read_is_not_forgotten_for_a_passage() -> None:
    facts = await by_meaning("I need to come in on Tuesday at three with that tooth", Shelf(finding(Verdict.ACCEPT)))
    assert facts.when is not None
    assert Topic.PASSAGE not in [question.topic for question in facts.questions]


async def test_how_much_is_it_asks_for_what_is_talked_of_and_for_no_passage() -> None:
    shelf = Shelf(finding(Verdict.ACCEPT))
    for text in ("how much does it cost?", "how long does that take?"):
        (question,) = (await understood(text, shelf)).questions
        assert question.finding is None, text
    assert shelf.asked == []
    (question,) = (await understood("how much is parking?", shelf)).questions
    assert question.finding is not None


async def by_meaning(text: str, shelf: Shelf) -> Facts:
    cascade = Cascade(DENTAL, InProcessEmbedder(), installed_models(), library=shelf)
    return await cascade.understand(text, Expect.ANY, SATURDAY)
