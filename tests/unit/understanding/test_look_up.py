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
