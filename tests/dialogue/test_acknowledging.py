"""A reply that begins with what nobody has said yet begins with a word that is in every voice's cache."""

from __future__ import annotations

import pytest

from agent.dialogue.prompts import load_prompts
from agent.domain.events import Silent
from agent.domain.lines import LineKey
from agent.providers.clauses import clauses
from tests.dialogue.fakes import Caller, read

WORDS = load_prompts("en")[LineKey.ACKNOWLEDGED]
BOOKING = ("I'd like to book a cleaning.", "On Friday.", "The first one.", "Dana Smith.", "555 012 3456.")


async def replies(*lines: str) -> list[str]:
    caller = Caller()
    await caller.answered()
    return [await caller.says(words) for words in lines]


async def test_openings_what_is_held_and_the_read_back_begin_with_it_and_it_is_a_clause_of_its_own() -> None:
    said = [clauses(reply)[0] in WORDS for reply in await replies(*BOOKING)]
    assert said == [False, True, True, False, True]


async def test_it_is_said_once() -> None:
    for reply in await replies(*BOOKING):
        assert sum(clause in WORDS for clause in clauses(reply)) <= 1


@pytest.mark.parametrize("question", ["How much is a cleaning?", "Where can I park?", "Are you a robot?"])
async def test_a_question_is_answered_without_it(question: str) -> None:
    (reply,) = await replies(question)
    assert clauses(reply)[0] not in WORDS


async def test_silence_is_not_assented_to() -> None:
    caller = Caller()
    await caller.answered()
    for words in BOOKING:
        await caller.says(words)
    repeated = await read((await caller.conversation.happen(Silent(1))).speech)
    assert "is that right" in repeated.lower()
    assert clauses(repeated)[0] not in WORDS


def test_no_voice_has_to_make_it_in_a_call() -> None:
    assert all("{" not in word for word in WORDS)
