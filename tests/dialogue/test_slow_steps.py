"""A step that exceeds its budget is bridged by a word, once; one within it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import llm

from agent.dialogue.receptionist import Receptionist
from agent.domain.facts import Facts, Wish
from agent.understanding import Cascade
from agent.understanding.interpreter import Puzzle
from tests.dialogue.fakes import TENANT, Caller
from tests.dialogue.telephone import Telephone
from tests.dialogue.virtual_time import run_virtually

WORDS = "you can forget about that thing we had"
#: Time in which every budget has run out.
_MUCH_LATER_S = 5.0


class Slow:
    """A third step that takes its time."""

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s

    async def interpret(self, puzzle: Puzzle) -> Facts | None:
        await asyncio.sleep(self._takes_s)
        return Facts(wishes=frozenset({Wish.CANCEL}), is_doubtful=True)


async def _turn(takes_s: float, told: Callable[[Telephone], None]) -> Telephone:
    phone = Telephone(Caller(cascade=Cascade(TENANT, interpreter=Slow(takes_s))))
    await phone.answered()
    told(phone)
    agent = Receptionist(phone.caller.conversation, cast(Any, None), lambda: None, None, phone.live.ask_patience)
    message = cast(llm.ChatMessage, SimpleNamespace(text_content=WORDS, id="turn-1"))
    await agent.on_user_turn_completed(llm.ChatContext.empty(), message)
    await asyncio.sleep(_MUCH_LATER_S)
    return phone


@pytest.mark.parametrize(("takes_s", "said"), [(0.3, []), (1.5, ["One moment, please."])])
def test_the_caller_hears_a_word_when_a_step_takes_longer_than_its_budget(takes_s: float, said: list[str]) -> None:
    async def call() -> None:
        phone = await _turn(takes_s, lambda phone: phone.line.heard.clear())
        assert phone.line.heard == said
        assert phone.state.doubt is not None, "and the turn counts all the same"

    run_virtually(call())


def test_a_word_of_patience_is_begun_early_enough() -> None:
    """With the longest wait for the end of a turn the caller hears something within two and a half seconds."""

    async def call() -> None:
        began = asyncio.get_running_loop().time()
        heard_s: list[float] = []

        def listen(phone: Telephone) -> None:
            nonlocal began
            began = asyncio.get_running_loop().time()
            phone.line.on("playback_started", lambda _: heard_s.append(asyncio.get_running_loop().time() - began))

        await _turn(1.5, listen)
        assert heard_s[0] <= 2.5 - 1.4

    run_virtually(call())


def test_a_session_that_is_closing_is_not_asked_to_speak() -> None:
    async def call() -> None:
        phone = Telephone()

        def closing(*_: Any, **__: Any) -> None:
            raise RuntimeError("AgentSession is closing, cannot use say()")

        phone.session.say = closing  # type: ignore[method-assign, assignment]
        phone.live.ask_patience()

    run_virtually(call())
