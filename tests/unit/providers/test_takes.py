"""What is being said is made once, for as many as want it, and for as long as it is worth it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.providers.speech_cache import SpeechCache
from agent.providers.takes import Takes
from agent.providers.voice import Unspoken
from tests.providers import Reported
from tests.unit.providers.scripted import Scripted, seconds_of, silence, tone

WORDS = "Good morning."


def takes_in(path: Path, told: Reported | None = None) -> Takes:
    return Takes(SpeechCache(path), told or Reported(), stall_s=5.0)


async def heard(takes: Takes, voice: Scripted, words: str = WORDS) -> bytes:
    with takes.of(voice, words, 1.0, first_s=5.0) as take:
        return b"".join([piece async for piece in take.listen()])


async def leave(*tasks: asyncio.Task[bytes]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_listeners_at_the_same_time_share_one_take(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("local", is_hosted=False)
    first, *others = await asyncio.gather(*(heard(takes, voice) for _ in range(5)))
    assert first
    assert others == [first] * 4
    assert len(voice.asked) == 1


async def test_a_listener_who_comes_later_hears_it_from_the_beginning(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("deepgram/aura-2", pieces=[tone(0.5), tone(0.5)])
    voice.may_go_on.clear()
    early = asyncio.create_task(heard(takes, voice))
    await voice.until_asked()
    late = asyncio.create_task(heard(takes, voice))
    await asyncio.sleep(0)
    voice.may_go_on.set()
    assert await early == await late == tone(0.5) * 2


async def test_one_listener_leaving_does_not_take_the_words_from_another(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("local", is_hosted=False)
    voice.may_go_on.clear()
    leaving, staying = (asyncio.create_task(heard(takes, voice)) for _ in range(2))
    await voice.until_asked()
    await leave(leaving)
    voice.may_go_on.set()
    assert await staying


async def test_a_local_take_that_nobody_wants_any_more_is_broken_off(tmp_path: Path) -> None:
    told = Reported()
    takes, voice = takes_in(tmp_path, told), Scripted("local", is_hosted=False)
    voice.may_go_on.clear()
    only = asyncio.create_task(heard(takes, voice))
    await voice.until_asked()
    await leave(only)
    voice.may_go_on.set()
    assert await heard(takes, voice)
    assert (len(voice.asked), voice.cancelled) == (2, 1)
    assert len(told.attempts) == 1, "it is nobody's fault"


async def test_a_hosted_take_is_made_to_its_end_and_kept(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("deepgram/aura-2")
    voice.may_go_on.clear()
    only = asyncio.create_task(heard(takes, voice))
    await voice.until_asked()
    await leave(only)
    voice.may_go_on.set()
    assert await heard(takes, voice) == await takes.cached(voice, WORDS, 1.0)
    assert (len(voice.asked), voice.cancelled) == (1, 0)


async def test_of_many_that_nobody_wants_the_oldest_are_broken_off(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("deepgram/aura-2")
    voice.may_go_on.clear()
    for number in range(7):
        task = asyncio.create_task(heard(takes, voice, f"Words of number {number}."))
        await voice.until_asked(number + 1)
        await leave(task)
    await asyncio.sleep(0)
    assert voice.cancelled == 3
    await takes.aclose()
    assert voice.cancelled == 7


async def test_a_failed_take_is_told_to_everyone_and_tried_again_next_time(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("local", is_hosted=False, fault=Unspoken("late"))
    failed = await asyncio.gather(*(heard(takes, voice) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in failed] == ["late", "late"]
    voice.fault = None
    assert await heard(takes, voice)


async def test_closing_lets_listeners_go(tmp_path: Path) -> None:
    takes, voice = takes_in(tmp_path), Scripted("deepgram/aura-2")
    voice.may_go_on.clear()
    listening = asyncio.create_task(heard(takes, voice))
    await asyncio.sleep(0)
    await takes.aclose()
    with pytest.raises(Unspoken):
        await listening


async def test_the_silence_before_the_first_sound_is_not_heard(tmp_path: Path) -> None:
    voice = Scripted("deepgram/aura-2", pieces=[silence(0.4), silence(0.4) + tone(0.8), silence(0.5)])
    assert seconds_of(await heard(takes_in(tmp_path), voice)) == pytest.approx(0.01 + 0.8 + 0.18, abs=0.01)


@pytest.mark.parametrize("pieces", [[tone(1.0), tone(59.0), tone(1.0)], [tone(0.3), silence(30.0)]])
async def test_audio_without_end_is_broken_off(tmp_path: Path, pieces: list[bytes]) -> None:
    voice = Scripted("deepgram/aura-2", pieces=pieces)
    with pytest.raises(Unspoken, match="too long"):
        await heard(takes_in(tmp_path), voice)
