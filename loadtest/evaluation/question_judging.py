"""What became of a caller's question of the base: judged by the passages that were cited, and by "I don't know"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from loadtest.evaluation.base_questions import BaseQuestion
from loadtest.evaluation.dialogue import Exchange, Transcript

_DOES_NOT_KNOW = re.compile(r"\b(?:don't|do not) (?:know|have) that\b", re.IGNORECASE)


class Told(Enum):
    """What a caller was told."""

    ANSWERED = "answered"
    WRONG = "wrong"
    REFUSED = "refused"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question that was asked.

    Attributes:
        is_asked_about: a passage was asked about by its title first.
    """

    question: BaseQuestion
    told: Told
    is_asked_about: bool

    @property
    def has_answer(self) -> bool:
        """Whether the base answers it."""
        return bool(self.question.expects)


def judge_question(call: Transcript) -> QuestionResult | None:
    """What the caller's question came to; None when he asked none.

    A passage asked about is spoken with the next reply. Whatever else the question was taken for, an answer of the
    business's document among it, is "otherwise".
    """
    question = call.plan.question
    places = [place for place, each in enumerate(call.exchanges) if each.utterance.is_side_question]
    if question is None or not places:
        return None
    first = call.exchanges[places[0]]
    is_asked_about = bool(_passages(first, "asked_about")) and not _passages(first, "spoken")
    replies = call.exchanges[places[0] : places[0] + 1 + is_asked_about]
    spoken = [name for each in replies for name in _passages(each, "spoken")]
    if spoken:
        told = Told.ANSWERED if question.is_answered_by(spoken) else Told.WRONG
    else:
        is_refused = any(_DOES_NOT_KNOW.search(each.reply) for each in replies)
        told = Told.REFUSED if is_refused else Told.OTHERWISE
    return QuestionResult(question, told, is_asked_about)


def _passages(exchange: Exchange, used: str) -> list[str]:
    return [each["passage"] for each in exchange.cited if each["used"] == used]
