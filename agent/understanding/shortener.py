"""Shorter answers: a model picks, of passages that are sure to answer, the sentences that do.

Asked only where there is something to pick: the best passage says more than is spoken of it, or two are sure enough.
Without an answer that holds, in time and within the allowance, the passage's own words are said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from agent.domain.answering import is_for_the_base
from agent.domain.facts import Facts
from agent.domain.passages import Found, Shortened
from agent.domain.questions import Question
from agent.domain.tenant import Tenant
from agent.understanding.allowance import SHORTENED_TOKENS
from agent.understanding.asked_model import AskedModel, Request, UnderWay
from agent.understanding.masking import masked
from agent.understanding.shortened_answers import Shown, messages_for, read_answer, schema_of
from kb.addresses import without_addresses

#: More would not be said in two sentences.
_MOST_PASSAGES = 2


class Texts(Protocol):
    """One call's knowledge base."""

    async def texts(self, passage_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Whole passages by id; without those that cannot be read now. Never raises but when cancelled."""
        ...


class Shortener:
    """One call's. For tenants who allow it, and never for private ones."""

    def __init__(self, tenant: Tenant, model: AskedModel, library: Texts) -> None:
        self._tenant = tenant
        self._model = model
        self._library = library
        self._asking: UnderWay[Shortened | None] = UnderWay(model.tasks, "shorten")

    async def shorten(self, facts: Facts, turn: int) -> Facts:
        """The facts with a shorter answer to the first question that the base is sure of, where there is one.

        Args:
            turn: of the caller's, by its number.
        Returns: never raises but when cancelled.
        """
        is_allowed = self._tenant.knowledge.may_shorten and not self._tenant.is_private and not facts.is_private
        question = next((each for each in facts.questions if _is_answered(each)), None)
        if not is_allowed or facts.is_doubtful or facts.emergency is not None or question is None:
            return facts
        finding = question.finding
        assert finding is not None
        found = finding.accepted[:_MOST_PASSAGES]
        key = (question.words, turn, tuple(each.passage_id for each in found))
        shortened = await self._asking.joined(key, lambda: self._ask(question.words, found, turn))
        if shortened is None:
            return facts
        shorter = replace(question, finding=replace(finding, shortened=shortened))
        return replace(facts, questions=tuple(shorter if each is question else each for each in facts.questions))

    async def _ask(self, words: str, found: Sequence[Found], turn: int) -> Shortened | None:
        texts = await self._library.texts([each.passage_id for each in found])
        if len(texts) < len(found) or not (len(found) > 1 or len(texts[found[0].passage_id]) > len(found[0].spoken)):
            return None
        shown = {
            str(number): Shown(each, without_addresses(texts[each.passage_id]))
            for number, each in enumerate(found, start=1)
        }
        question = masked(words, self._tenant, known=" ".join(each.text for each in shown.values()))
        request = Request(messages_for(question, shown), schema_of(shown), turn, SHORTENED_TOKENS)
        return await self._model.ask(request, lambda text: read_answer(text, shown))


def _is_answered(question: Question) -> bool:
    return question.finding is not None and bool(question.finding.accepted) and is_for_the_base(question)
