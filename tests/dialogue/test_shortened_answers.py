"""A call whose answers may be shortened: what is said, and what is written down as its source."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from agent.dialogue.citing import citations_in
from agent.domain.call import CallState
from agent.domain.errors import DeadlineExceeded
from agent.domain.passages import Finding, Found, Verdict
from agent.runtime.completions import Completion, Question
from agent.storage.citations import Citation
from agent.understanding import Cascade
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.shortener import Shortener
from tests.dialogue.fakes import TENANT, Caller
from tests.dialogue.virtual_time import run_virtually

ALLOWED = replace(TENANT, knowledge=replace(TENANT.knowledge, may_shorten=True))
IMPLANTS = Found(UUID(int=1), 3, "services.md", "implants", "Implants", "An implant replaces a tooth.", 0.9)
SMOKING = Found(UUID(int=2), 3, "care.md", "smoking", "Smoking", "Please do not smoke.", 0.8)
GUMS = Found(UUID(int=3), 3, "care.md", "gums", "Gums", "Gums heal in a week.", 0.5)
TEXTS = {
    IMPLANTS.passage_id: "An implant replaces a tooth. Most people need 6 months. A crown is on top.",
    SMOKING.passage_id: "Please do not smoke. Smoking slows the healing of an implant.",
}
QUESTION = "What do you do about those titanium implants?"
SAID = "Most people need six months. Smoking slows the healing of an implant."
BOTH = {"answer": SAID.replace("six", "6"), "passages": ["1", "2"]}


@dataclass
class Shelf:
    """A base that finds the same for everything, and has its whole texts."""

    finding: Finding

    async def find(self, question: str) -> Finding | None:
        return self.finding

    async def texts(self, passage_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        return {each: TEXTS[each] for each in passage_ids}


@dataclass
class Model:
    """Says one thing, after a while; a while that is too long is a failure."""

    says: Any
    takes_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    def can_answer(self, *, is_hard: bool) -> bool:
        return True

    async def complete(self, question: Question, *, is_hard: bool, deadline_s: float) -> Completion:
        self.asked.append(question.messages[-1]["content"])
        await asyncio.sleep(min(self.takes_s, deadline_s))
        if self.takes_s > deadline_s:
            raise DeadlineExceeded(f"model: no answer within {deadline_s} s")
        return Completion(json.dumps(self.says), "compatible/small", (100, 20))

    async def warm(self) -> None:
        """Nothing is opened."""

    async def aclose(self) -> None:
        """Nothing is open."""


async def _nothing() -> int:
    return 0


def _call(model: Model | None, *found: Found) -> Caller:
    shelf = Shelf(Finding(Verdict.ACCEPT, found or (IMPLANTS, SMOKING, GUMS), 0.6, 0.4))
    cascade = Cascade(ALLOWED, library=shelf)
    if model is not None:
        asked = AskedModel(model, Manner(1.5, 0.3), Allowance(6000, 6000), _nothing)
        cascade.shortener = Shortener(ALLOWED, asked, shelf)
    return Caller(cascade=cascade, tenant=ALLOWED)


async def _asked(caller: Caller) -> tuple[str, tuple[Citation, ...]]:
    """The reply to the question, and what is written down as its source."""
    await caller.answered()
    reply = await caller.says(QUESTION)
    return reply, citations_in(caller.journal.proposals[-1])


def test_the_committed_turn_says_the_shortened_words_and_cites_every_passage_they_are_from() -> None:
    async def call() -> None:
        model = Model(BOTH, takes_s=0.5)
        caller = _call(model)
        reply, sources = await _asked(caller)
        assert reply.startswith(SAID)
        assert sources == (
            Citation(IMPLANTS.passage_id, 3, 0.9, "shortened"),
            Citation(SMOKING.passage_id, 3, 0.8, "shortened"),
            Citation(GUMS.passage_id, 3, 0.5, "passed_over"),
        )
        assert len(model.asked) == 1, "the commit joins the request of the speculation"
        state = caller.conversation.state
        assert CallState.from_json(json.loads(json.dumps(state.to_json()))) == state
        assert "A crown is on top" not in json.dumps(state.to_json()), "whole passages are no part of the state"

    run_virtually(call())


def test_a_sentence_of_one_passage_leaves_the_other_passed_over() -> None:
    async def call() -> None:
        model = Model({"answer": "Smoking slows the healing of an implant.", "passages": ["2"]})
        reply, sources = await _asked(_call(model))
        assert reply.startswith("Smoking slows the healing of an implant.")
        assert [(each.passage_id, each.used) for each in sources] == [
            (SMOKING.passage_id, "shortened"),
            (IMPLANTS.passage_id, "passed_over"),
            (GUMS.passage_id, "passed_over"),
        ]

    run_virtually(call())


def test_what_the_passages_do_not_say_is_not_said_and_neither_is_what_comes_too_late() -> None:
    async def call(model: Model | None) -> None:
        reply, sources = await _asked(_call(model))
        assert reply.startswith(IMPLANTS.spoken)
        assert [each.used for each in sources] == ["spoken", "passed_over", "passed_over"]

    for model in (
        Model({"answer": "Most people need 2 months.", "passages": ["1"]}),
        Model({"answer": "Everything is free, the booking is confirmed.", "passages": ["1"]}),
        Model(BOTH, takes_s=60.0),
        None,
    ):
        run_virtually(call(model))


def test_an_answer_that_may_be_repeated_is_repeated_as_it_was_said() -> None:
    async def call() -> None:
        caller = _call(Model(BOTH))
        await _asked(caller)
        assert SAID in await caller.says("Sorry, could you say that again?")

    run_virtually(call())
