"""Who of several voices says a clause, and that each is said once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.dialogue.receptionist import Sourced
from agent.domain.errors import Blame
from agent.providers.casting import RESTS_S, Patience
from agent.providers.speech_cache import SpeechCache
from agent.providers.voice import Unspoken
from agent.providers.voice_chain import ChainTTS
from tests.providers import Reported
from tests.unit.providers.scripted import Opened, Scripted, seconds_of, silence, tone

CLAUSE = "Good morning to you."
OTHER = "How can I help you?"
GONE = Unspoken("status 500")


@dataclass
class Stage:
    """A chain of the first voice, a spare and the local one, in a call whose clock is set by hand."""

    cache: Path
    first: Scripted = field(default_factory=lambda: Scripted("deepgram/aura-2"))
    spare: Scripted = field(default_factory=lambda: Scripted("elevenlabs/flash"))
    local: Scripted = field(default_factory=lambda: Scripted("local", is_hosted=False))
    opened: Opened = field(default_factory=Opened)
    told: Reported = field(default_factory=Reported)
    now_s: float = 1000.0

    def __post_init__(self) -> None:
        self.chain = ChainTTS(
            [self.first, self.spare, self.local],
            SpeechCache(self.cache),
            self.opened,
            self.told,
            Patience(first_s=5.0, all_s=15.0, stall_s=5.0),
            lambda: self.now_s,
        )

    async def say(self, clause: str = CLAUSE) -> bytes:
        return b"".join([sound.pcm async for sound in self.chain.speech(clause)])

    async def said_by(self, clause: str) -> str:
        """Which voice was asked for a clause that none had said."""
        before = [len(voice.asked) for voice in (self.first, self.spare, self.local)]
        await self.say(clause)
        after = [len(voice.asked) for voice in (self.first, self.spare, self.local)]
        asked = [name for name, was, is_ in zip(("first", "spare", "local"), before, after, strict=True) if is_ > was]
        return " ".join(asked)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_the_first_voice_speaks_and_is_asked_once(stage: Stage) -> None:
    said = await stage.say()
    assert await stage.say() == said
    assert stage.first.texts == [CLAUSE]
    assert (stage.spare.asked, stage.local.asked) == ([], [])


async def test_numbers_are_asked_for_in_words(stage: Stage) -> None:
    await stage.say("It is (212) 555-0134.")
    assert stage.first.texts == ["It is two one two, five five five, zero one three four."]


async def test_a_rate_is_asked_for_and_cached_by_itself(stage: Stage) -> None:
    await stage.say()
    stage.chain.rate = 0.8
    await stage.say()
    assert stage.first.asked == [(CLAUSE, 1.0), (CLAUSE, 0.8)]


async def test_when_the_first_fails_the_next_says_all_of_it(stage: Stage) -> None:
    stage.first.fault = GONE
    assert seconds_of(await stage.say()) == pytest.approx(len(CLAUSE) * 0.06, abs=0.01)
    assert stage.spare.texts == [CLAUSE]


async def test_a_voice_that_failed_is_left_alone_for_a_while_and_then_asked_again(stage: Stage) -> None:
    stage.first.fault = GONE
    await stage.say()
    stage.first.fault = None
    stage.now_s += RESTS_S - 1
    assert await stage.said_by("One more.") == "spare"
    stage.now_s += RESTS_S
    assert await stage.said_by("And another one.") == "first"


async def test_within_a_reply_the_spare_goes_on_though_the_first_has_rested(stage: Stage) -> None:
    stage.first.fault = GONE
    await stage.say()
    stage.first.fault = None
    stage.now_s += RESTS_S - 0.2
    assert await stage.said_by("A clause of that reply.") == "spare"
    stage.now_s += 0.4
    assert await stage.said_by("The next of that reply.") == "spare"


async def test_an_open_breaker_puts_a_voice_behind_the_others(stage: Stage) -> None:
    stage.opened.names = {"deepgram/aura-2"}
    assert await stage.said_by(CLAUSE) == "spare"


async def test_what_the_first_said_once_is_heard_though_its_breaker_is_open(stage: Stage) -> None:
    said = await stage.say()
    stage.now_s += 60
    stage.opened.names = {"deepgram/aura-2"}
    assert await stage.say() == said
    assert stage.spare.asked == []


async def test_with_all_breakers_open_the_first_is_tried_all_the_same(stage: Stage) -> None:
    stage.opened.names = {"deepgram/aura-2", "elevenlabs/flash", "local"}
    assert await stage.said_by(CLAUSE) == "first"


async def test_when_none_speaks_it_is_told_and_none_is_cached(stage: Stage) -> None:
    for voice in (stage.first, stage.spare, stage.local):
        voice.fault = GONE
    with pytest.raises(Unspoken):
        await stage.say()
    stage.local.fault = None
    assert await stage.say()


@pytest.mark.parametrize(
    ("clause", "heard_s", "rest"),
    [
        ("Your appointment is on Thursday morning.", 0.3, "Your appointment is on Thursday morning."),
        ("Your appointment is on Thursday morning.", 1.7, "on Thursday morning."),
        ("Your appointment is at 9 on Thursday.", 1.7, "Your appointment is at nine on Thursday."),
    ],
    ids=["too little was heard", "from a word", "a number is said whole"],
)
async def test_where_the_first_broke_off_the_next_goes_on(stage: Stage, clause: str, heard_s: float, rest: str) -> None:
    stage.first.pieces, stage.first.fault = [tone(heard_s)], GONE
    await stage.say(clause)
    assert stage.spare.texts == [rest]


async def test_in_a_hurry_a_voice_that_has_said_it_before_is_heard_rather(stage: Stage) -> None:
    await stage.chain.keep(CLAUSE, stage.local)
    stage.first.fault = GONE
    assert await stage.said_by(CLAUSE) == "first", "and then the cache of the local one"


async def test_a_fault_that_may_pass_is_told_before_one_that_will_not(stage: Stage) -> None:
    stage.first.fault = GONE
    stage.spare.fault = stage.local.fault = Unspoken("status 401", retryable=False)
    with pytest.raises(Unspoken) as caught:
        await stage.say()
    assert caught.value.retryable


async def test_after_nonsense_the_clause_is_said_from_its_beginning(stage: Stage) -> None:
    stage.first.pieces = [tone(1.0), tone(20.0)]
    await stage.say()
    assert stage.spare.texts == [CLAUSE]


async def test_what_has_no_sound_is_no_clause(stage: Stage) -> None:
    stage.first.pieces = [silence(1.0)]
    assert await stage.said_by(CLAUSE) == "first spare local"


async def test_while_the_second_is_tried_the_local_one_gets_ready(stage: Stage) -> None:
    stage.first.fault = GONE
    stage.spare.may_go_on.clear()
    saying = asyncio.create_task(stage.say())
    await stage.local.until_asked()
    stage.spare.fault = GONE
    stage.spare.may_go_on.set()
    assert await saying
    assert stage.local.texts == [CLAUSE], "it is asked once"


async def test_without_money_nothing_is_asked_of_the_vendors(stage: Stage) -> None:
    said = await stage.say()
    stage.chain.use_hosted = False
    stage.now_s += 60
    assert await stage.say() == said, "what is cached is heard in the first voice"
    assert await stage.said_by(OTHER) == "local"
    await stage.chain.prefetch("A third one.")
    assert len(stage.first.asked) + len(stage.spare.asked) == 1


async def test_without_money_and_without_a_local_voice_the_caller_is_spoken_to(tmp_path: Path) -> None:
    only = Scripted("openai/tts-1")
    chain = ChainTTS([only], SpeechCache(tmp_path), Opened(), Reported())
    chain.use_hosted = False
    await chain.prefetch(OTHER)
    assert only.asked == []
    assert [piece async for piece in chain.speech(CLAUSE)]


async def test_another_provider_can_be_preferred_from_the_next_reply_on(stage: Stage) -> None:
    await stage.say()
    stage.chain.prefer(stage.spare.provider)
    assert await stage.said_by("Of that reply.") == "first"
    stage.now_s += 60
    assert await stage.said_by(OTHER) == "spare"
    stage.chain.prefer(None)
    stage.now_s += 60
    assert await stage.said_by("And what else?") == "first"


async def test_what_was_prefetched_is_not_asked_for_again(stage: Stage) -> None:
    await stage.chain.prefetch(CLAUSE)
    await stage.say()
    assert stage.first.texts == [CLAUSE]
    assert stage.told.attempts[0].blame is Blame.SUCCESS


async def test_words_wanted_while_they_are_prefetched_are_made_once(stage: Stage) -> None:
    stage.first.may_go_on.clear()
    fetching = asyncio.create_task(stage.chain.prefetch(CLAUSE))
    await stage.first.until_asked()
    saying = asyncio.create_task(stage.say())
    await asyncio.sleep(0)
    stage.first.may_go_on.set()
    assert await saying
    await fetching
    assert stage.first.texts == [CLAUSE]


async def test_fixed_prompts_are_kept_in_the_first_voice_and_the_local_one(stage: Stage) -> None:
    for voice in stage.chain.kept():
        await stage.chain.keep(CLAUSE, voice)
        await stage.chain.keep(CLAUSE, voice)
    assert [voice.texts for voice in (stage.first, stage.spare, stage.local)] == [[CLAUSE], [], [CLAUSE]]


async def test_the_connection_of_the_voice_that_will_be_asked_is_opened(stage: Stage) -> None:
    stage.opened.names = {"deepgram/aura-2"}
    await stage.chain.open_connection()
    assert (stage.first.prewarmed, stage.spare.prewarmed) == (0, 1)


async def test_a_clause_says_whose_voice_it_is_in_who_failed_before_and_whether_it_was_kept(stage: Stage) -> None:
    async def source() -> tuple[str, bool, tuple[str, ...]]:
        async with stage.chain.synthesize(CLAUSE) as stream:
            assert isinstance(stream, Sourced)
            async for _ in stream:
                break
            return stream.spoken_by, stream.is_cached, stream.failed

    stage.first.fault = GONE
    assert await source() == ("elevenlabs/flash", False, ("deepgram/aura-2",))
    assert await source() == ("elevenlabs/flash", True, ())
