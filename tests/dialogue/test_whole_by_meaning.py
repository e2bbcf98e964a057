"""Words that only their meaning tells to be whole, once the reply to them is being worked out."""

from __future__ import annotations

from agent.domain.facts import Expect
from agent.inference.in_process import InProcessEmbedder
from agent.understanding import Cascade
from agent.understanding.meaning import installed_models
from tests.dialogue.fakes import TENANT, Caller

TO_THE_READ_BACK = ("I'd like a cleaning.", "Thursday at 3 PM.", "Dana Smith.", "555-012-3456.")
YES = "Sure thing."


async def test_a_yes_that_the_grammar_does_not_know_is_whole_once_its_meaning_is_known() -> None:
    caller = Caller(cascade=Cascade(TENANT, InProcessEmbedder(), installed_models()))
    await caller.answered()
    for words in TO_THE_READ_BACK:
        await caller.says(words)
    assert caller.conversation.state.expects is Expect.YES_NO
    assert not caller.conversation.is_over(YES)
    proposed = await caller.conversation.propose(YES)
    assert proposed.facts is not None
    assert proposed.facts.answer is True
    assert caller.conversation.is_over(YES)
    assert not caller.conversation.is_over("Sure thing, but")
