"""When a turn is over: by the rules, or by a recogniser that is sure of it."""

from __future__ import annotations

import asyncio

from livekit.agents import llm, stt
from livekit.agents.language import LanguageCode

from agent.dialogue.turn_end import TurnEnd
from agent.providers.hosted_stream import SURE_END


async def _at_once() -> None:
    return None


def _final(text: str, *, is_sure: bool) -> stt.SpeechEvent:
    said = stt.SpeechData(language=LanguageCode("en"), text=text, metadata={SURE_END: True} if is_sure else None)
    return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[said])


def _judged(turn_end: TurnEnd, words: str) -> float:
    context = llm.ChatContext.empty()
    context.add_message(role="user", content=words)
    return asyncio.run(turn_end.predict_end_of_turn(context))


def test_words_that_finish_the_turn_end_it() -> None:
    assert _judged(TurnEnd(lambda words: words == "yes", _at_once), "yes") == 1.0


def test_words_that_do_not_are_waited_with() -> None:
    turn_end = TurnEnd(lambda words: False, _at_once)
    turn_end.heard(_final("it is about my fang", is_sure=False))
    assert _judged(turn_end, "it is about my fang") == 0.0


def test_a_recogniser_that_is_sure_of_the_last_words_ends_the_turn() -> None:
    turn_end = TurnEnd(lambda words: False, _at_once)
    turn_end.heard(_final("my fang", is_sure=True))
    assert _judged(turn_end, "it is about my fang") == 1.0


def test_it_was_sure_of_other_words() -> None:
    turn_end = TurnEnd(lambda words: False, _at_once)
    turn_end.heard(_final("my fang", is_sure=True))
    turn_end.heard(_final("and", is_sure=False))
    assert _judged(turn_end, "my fang and") == 0.0
