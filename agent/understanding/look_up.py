"""What the knowledge base says to an utterance: to each of its questions, to its objection, or to it as a whole.

A computed answer (hours, prices, the address) needs no passage; the rules take whichever fits. What is only likely is
asked about, and so is never mixed with other facts of the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from agent.domain.facts import Expect, Facts, Step
from agent.domain.objections import Objection
from agent.domain.passages import Finding, Verdict
from agent.domain.questions import Question, Topic
from agent.understanding.asking import asks, is_request
from agent.understanding.clauses import split_clauses
from agent.understanding.free_facts import telling_stems
from agent.understanding.interpreter import Puzzle
from agent.understanding.words import split_words

#: Questions of one utterance that are looked up; more are not answered in one breath either.
_MOST_QUESTIONS = 2
#: Fewer words ask nothing that can be told from something else.
_LEAST_WORDS = 3
#: Where words that nobody understood may be a question; a name, a number or a message is none.
_MAY_ASK = frozenset({Expect.ANY, Expect.SERVICE, Expect.WHEN, Expect.CHOICE, Expect.YES_NO})
#: Questions that no rule answers.
_OPEN = frozenset({Topic.UNKNOWN})
#: Asked of a service, and which words of such a question name none.
_OF_A_SERVICE = frozenset({Topic.PRICE, Topic.DURATION})
_BARE = telling_stems("cost price charge fee long last minutes hours much expensive run total")
#: Answered by what we are, not by what the business wrote.
_ABOUT_US = frozenset({Objection.ROBOT, Objection.RECORDED})


class Library(Protocol):
    """One call's knowledge base."""

    async def find(self, question: str) -> Finding | None:
        """What it says to a question; None when it cannot be asked now. Never raises but when cancelled."""
        ...


async def asked_beside(facts: Facts, library: Library, read: Callable[[str], Facts]) -> Facts | None:
    """The facts of an utterance that asks what the base certainly answers, in a clause of it or as a whole.

    What the grammar took its words for, a service or a name, is forgotten: they ask for its answer. None when
    nothing is asked, a rule answers it, or the base is not sure.

    Args:
        read: the grammar, for a part of the utterance.
    """
    if not _may_ask_beside(facts):
        return None
    clauses = split_clauses(facts.text)
    asking = [place for place, clause in enumerate(clauses) if asks(clause) and not is_request(clause, read(clause))]
    for place in asking[:_MOST_QUESTIONS]:
        rest = " ".join(clause for other, clause in enumerate(clauses) if other != place)
        found = await _certain(clauses[place], library)
        if found is not None:
            return _beside(found, read(rest), facts)
    if asking and len(clauses) > 1:  # what was told before it may be part of the question
        found = await _certain(facts.text, library)
        return _beside(found, Facts(), facts) if found is not None else None
    return None


async def with_findings(facts: Facts, library: Library) -> Facts:
    """The facts with what the knowledge base says to the questions and the objection in them."""
    if facts.objection is not None and facts.objection not in _ABOUT_US:
        finding = await library.find(facts.text)
        if finding is not None and finding.verdict is Verdict.ACCEPT and finding.passages[0].is_objection:
            facts = replace(facts, reply=finding)
    if not facts.questions:
        return facts
    asked = [await _looked_up(question, library) for question in facts.questions[:_MOST_QUESTIONS]]
    return replace(facts, questions=(*asked, *facts.questions[_MOST_QUESTIONS:]))


async def as_question(facts: Facts, puzzle: Puzzle, library: Library) -> Facts | None:
    """Words that mean nothing else as a question to the knowledge base; None when it has no answer either."""
    if puzzle.expects not in _MAY_ASK or puzzle.turn.is_dictated or len(split_words(facts.text)) < _LEAST_WORDS:
        return None
    finding = await library.find(facts.text)
    if finding is None:
        return None
    bare = Facts(text=facts.text, is_private=facts.is_private)
    words = facts.text if asks(facts.text) else ""  # a statement that we took for a question is none
    return _of_finding(bare, Question(Topic.PASSAGE, words, finding=finding))


def _may_ask_beside(facts: Facts) -> bool:
    """Whether neither a rule answers what was asked, nor danger or a private number comes first."""
    is_ours = facts.objection in _ABOUT_US or facts.asks_offer is not None
    is_first = facts.emergency is not None or facts.is_private
    return not is_ours and not is_first and all(each.topic in _OPEN for each in facts.questions)


async def _certain(words: str, library: Library) -> Question | None:
    finding = await library.find(words)
    is_certain = finding is not None and finding.verdict is Verdict.ACCEPT
    return Question(Topic.PASSAGE, words, finding=finding) if is_certain else None


def _beside(question: Question, rest: Facts, whole: Facts) -> Facts:
    """What the words around a question tell, and the question; of one word it is no name that they tell."""
    name = rest.name if rest.name is not None and " " in rest.name else None
    assert question.finding is not None
    return replace(
        rest,
        text=whole.text,
        name=name,
        questions=(question,),
        advice=None,
        step=Step.PASSAGE,
        confidence=question.finding.passages[0].score,
    )


def answered(facts: Facts) -> Facts | None:
    """An unknown question as one that the knowledge base answers, or may; None when it does not."""
    if len(facts.questions) != 1 or facts.questions[0].finding is None:
        return None
    return _of_finding(facts, replace(facts.questions[0], topic=Topic.PASSAGE))


def _of_finding(facts: Facts, question: Question) -> Facts | None:
    finding = question.finding
    if finding is None or finding.best is None:
        return None
    found = replace(facts, questions=(question,), step=Step.PASSAGE, confidence=finding.best.score)
    return replace(found, is_doubtful=finding.verdict is Verdict.CONFIRM)


async def _looked_up(question: Question, library: Library) -> Question:
    """The question with what was found for it; "how much is it?" asks for what is talked of, and for no passage."""
    if question.topic in _OF_A_SERVICE and telling_stems(question.words) <= _BARE:
        return question
    finding = await library.find(question.words)
    return question if finding is None else replace(question, finding=finding)
