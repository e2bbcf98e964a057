"""A step that exceeds its budget is bridged by a word, once; one within it is not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import llm

from agent.dialogue.key_turns import heard_of_answer
from agent.dialogue.proposal import Proposal
from agent.dialogue.receptionist import Receptionist
from agent.domain.events import Answered
from agent.domain.facts import Facts, Wish
from agent.domain.key_menus import MENU_KEYS
from agent.domain.lines import Line, LineKey, line
from agent.domain.providers import AllClosed, Kind, Provider, Unreported
from agent.domain.state import Stage
from agent.providers.asked_once import Piece
from agent.providers.model_chain import ModelChain
from agent.runtime.completions import Question
from agent.understanding import Cascade
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.cascade import Interpreter
from agent.understanding.interpreter import ModelInterpreter, Puzzle
from tests.dialogue.fakes import TENANT, Caller
from tests.dialogue.keys import TO_THE_NUMBER, at, virtually
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
    return await _turn_with(Slow(takes_s), told)


async def _turn_with(interpreter: Interpreter, told: Callable[[Telephone], None]) -> Telephone:
    phone = Telephone(Caller(cascade=Cascade(TENANT, interpreter=interpreter)))
    await phone.answered()
    told(phone)
    agent = Receptionist(phone.caller.conversation, cast(Any, None), lambda: None, patience=phone.live.patience)
    await agent.on_user_turn_completed(llm.ChatContext.empty(), _turn_of(WORDS))
    await asyncio.sleep(_MUCH_LATER_S)
    return phone


@pytest.mark.parametrize(("takes_s", "said"), [(0.3, []), (1.5, ["One moment, please."])])
def test_the_caller_hears_a_word_when_a_step_takes_longer_than_its_budget(takes_s: float, said: list[str]) -> None:
    async def call() -> None:
        phone = await _turn(takes_s, lambda phone: phone.line.heard.clear())
        assert phone.line.heard == said
        assert phone.state.doubt is not None, "and the turn counts all the same"

    run_virtually(call())


class SlowModel:
    """A provider whose first word takes its time."""

    provider = Provider(Kind.MODEL, "openai", "gpt-4.1")

    def __init__(self, first_s: float) -> None:
        self._first_s = first_s

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        await asyncio.sleep(self._first_s)
        yield Piece(json.dumps({"wish": "cancel", "service": "none", "day": None, "time": None}), (200, 30))

    async def warm(self) -> None:
        """Nothing is opened."""

    async def aclose(self) -> None:
        """Nothing is open."""


async def _nothing_spent() -> int:
    return 0


@pytest.mark.parametrize(
    ("first_s", "said", "is_understood"),
    [(0.1, [], True), (0.683, ["One moment, please."], True), (9.0, ["One moment, please."], False)],
    ids=["groq", "gpt-4.1", "stalled"],
)
def test_a_word_covers_a_model_that_is_slow_and_one_that_never_answers(
    first_s: float, said: list[str], is_understood: bool
) -> None:
    async def call() -> None:
        members = [SlowModel(first_s)]
        chain = ModelChain(members, members, AllClosed(), Unreported(), default_first_token_s=0.6)
        model = AskedModel(chain, Manner(1.5, settle_s=0.3), Allowance(6000, 6000), _nothing_spent)
        phone = await _turn_with(ModelInterpreter(TENANT, model), lambda phone: phone.line.heard.clear())
        assert phone.line.heard == said
        assert (phone.state.doubt is not None) is is_understood, "the turn is answered with a model or without"
        assert model.counts.failures == (0 if is_understood else 1)
        await model.aclose()

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


@pytest.mark.parametrize(("silent_s", "said"), [(0.2, []), (1.4, ["One moment, please."])])
def test_a_word_counts_from_the_callers_last_sound(silent_s: float, said: list[str]) -> None:
    """The same half a second is nothing after a turn that ended at once, and too much after one that took its time."""

    async def call() -> None:
        phone = Telephone()
        await phone.answered()
        phone.line.heard.clear()

        async def answered() -> Proposal:
            await asyncio.sleep(0.55)
            return await phone.caller.conversation.happen(Answered())

        await phone.live.patience.during(answered(), silent_since=time.time() - silent_s)
        await asyncio.sleep(_MUCH_LATER_S)
        assert phone.line.heard == said

    run_virtually(call())


def test_a_session_that_is_closing_is_not_asked_to_speak() -> None:
    async def call() -> None:
        phone = Telephone()
        troubles: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))

        def closing(*_: Any, **__: Any) -> None:
            raise RuntimeError("AgentSession is closing, cannot use say()")

        async def answered() -> Proposal:
            await asyncio.sleep(_MUCH_LATER_S)
            return await phone.caller.conversation.happen(Answered())

        phone.session.say = closing  # type: ignore[method-assign, assignment]
        assert (await phone.live.patience.during(answered())).lines
        assert troubles == []

    run_virtually(call())


@virtually
async def test_storage_that_takes_longer_than_the_budget_is_bridged_within_the_reply() -> None:
    phone = await at(*TO_THE_NUMBER, "5550123456")
    phone.caller.desk.gate.clear()
    agent = Receptionist(phone.caller.conversation, cast(Any, None), lambda: None, patience=phone.live.patience)
    began = asyncio.get_running_loop().time()
    await agent.on_user_turn_completed(llm.ChatContext.empty(), _turn_of("Yes, that's right."))
    speech = aiter(await phone.caller.conversation.reply_to("Yes, that's right.", "turn-1", asked_at=began))
    assert await anext(speech) == "One moment, please."
    assert asyncio.get_running_loop().time() - began <= 2.5 - 1.4
    phone.caller.desk.gate.set()
    assert "You are booked" in await anext(speech)
    assert phone.line.heard[-1] != "One moment, please.", "and it is said once"


@virtually
async def test_storage_within_its_budget_is_waited_for_in_silence() -> None:
    phone = await at(*TO_THE_NUMBER, "5550123456")
    proposal = await phone.live.patience.during(phone.caller.conversation.commit("Yes.", "turn-1"))
    await asyncio.sleep(_MUCH_LATER_S)
    assert proposal.speech.text.startswith("You are booked")


@virtually
async def test_a_look_up_that_keys_wait_for_is_bridged_too_and_no_key_is_taken_for_an_answer_meanwhile() -> None:
    phone = await at("1", "1")
    phone.caller.desk.gate.clear()
    await phone.press("1")
    assert await phone.listened() == "One moment, please."
    await phone.press("1")  # to what is not asked yet
    phone.caller.desk.gate.set()
    assert "press 1" in await phone.listened()
    assert phone.state.stage is Stage.CHOOSING


@virtually
async def test_storage_that_keys_wait_for_is_bridged_too() -> None:
    phone = await at(*TO_THE_NUMBER, "5550123456")
    phone.caller.desk.gate.clear()
    await phone.press("1")
    await asyncio.sleep(_MUCH_LATER_S)
    assert phone.caller.journal.proposals[-1].speech.text == "One moment, please."
    phone.caller.desk.gate.set()
    assert "You are booked" in await phone.listened()


def test_what_was_heard_of_a_reply_is_counted_from_behind_the_word_of_patience() -> None:
    read_back, patience, menu = line(LineKey.FAREWELL), line(LineKey.ONE_MOMENT), line(next(iter(MENU_KEYS)))
    length = {read_back: 80, patience: 20, menu: 100}

    def heard(fraction: float, *lines: Line) -> float:
        return heard_of_answer(lines, fraction, lambda said: "x" * sum(length[one] for one in said))

    assert heard(0.2, patience, read_back) == 0.0
    assert heard(0.6, patience, read_back) == pytest.approx(0.5)
    assert heard(0.3, patience, read_back, menu) == pytest.approx(0.5)
    assert heard(0.9, patience, read_back, menu) == 1.0
    assert heard(0.5, patience) == heard(0.5, read_back) == 0.5


def _turn_of(words: str) -> llm.ChatMessage:
    return cast(llm.ChatMessage, SimpleNamespace(text_content=words, id="turn-1"))
