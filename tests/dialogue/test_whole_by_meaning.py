"""Words that only their meaning tells to be whole, once the reply to them is being worked out."""

from __future__ import annotations

from agent.inference.in_process import InProcessEmbedder
from agent.understanding import Cascade
from agent.understanding.meaning import installed_models
from tests.dialogue.fakes import TENANT, Caller

SERVICE = "I chipped a tooth."


async def test_a_service_that_the_grammar_does_not_know_is_whole_once_its_meaning_is_known() -> None:
    caller = Caller(cascade=Cascade(TENANT, InProcessEmbedder(), installed_models()))
    await caller.answered()
    assert not caller.conversation.is_over(SERVICE)
    proposed = await caller.conversation.propose(SERVICE)
    assert proposed.facts is not None
    assert proposed.facts.service_id == "filling"
    assert caller.conversation.is_over(SERVICE)
    assert not caller.conversation.is_over("I chipped a tooth and")
