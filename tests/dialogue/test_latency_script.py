"""The benchmark's caller hears nothing, so the agent's rules must keep step with his lines."""

from __future__ import annotations

import pytest

from agent.domain.facts import Step as Understood
from agent.domain.state import Stage
from loadtest.latency.script import Wish, draw, steps
from tests.dialogue.fakes import NOW, Caller

MODELS_ALONE = 2
STAGES = [
    Stage.DONE, Stage.DONE, Stage.DONE, Stage.TIME, Stage.CHOOSING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING,
    *[Stage.CONFIRMING] * 6, Stage.ENDED,
]  # fmt: skip


async def held(wish: Wish) -> tuple[Caller, list[Stage], list[bool]]:
    caller = Caller()
    await caller.answered()
    stages, plain = [], []
    for step in steps(wish):
        plain.append(caller.conversation.is_over(step.says))
        await caller.says(step.says)
        stages.append(caller.conversation.state.stage)
    return caller, stages, plain


@pytest.mark.parametrize("wish", draw(4, seed=3, today=NOW.date()))
async def test_every_line_takes_the_call_one_step_further_and_books_nothing(wish: Wish) -> None:
    caller, stages, _ = await held(wish)
    assert stages == STAGES
    understood = [p.facts for p in caller.journal.proposals if p.facts is not None]
    assert [facts.is_understood for facts in understood] == [n != MODELS_ALONE for n in range(len(STAGES))]
    assert {facts.step for facts in understood} == {Understood.GRAMMAR}
    assert not caller.desk.bookings


async def test_the_time_that_is_held_is_the_one_that_was_wished() -> None:
    wish = draw(1, seed=3, today=NOW.date())[0]
    caller = Caller()
    await caller.answered()
    for step in steps(wish)[:6]:
        await caller.says(step.says)
    draft = caller.conversation.state
    assert draft.hold is not None
    assert draft.hold.opening.start_at == wish.at


async def test_some_lines_are_plainly_complete_and_some_are_not() -> None:
    _, _, plain = await held(draw(1, seed=3, today=NOW.date())[0])
    assert [n for n, is_plain in enumerate(plain) if not is_plain] == [2, 4]
