"""A chain of hosted voices, by the official plugins against the emulators: whatever fails, the clause is heard once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from livekit.agents import APIError
from pydantic import SecretStr

from agent.domain.errors import Blame
from agent.domain.providers import AllClosed, Kind, parse_chain
from agent.providers.casting import Patience
from agent.providers.speech_cache import SpeechCache
from agent.providers.voice_chain import ChainTTS
from agent.providers.voices import open_voice_chain
from agent.runtime.accounts import Accounts
from tests.integration.emulators.served import KEY, ONCE, S_A_CHARACTER, Served, hear, served
from tests.providers import Reported

CLAUSE = "Good day to you all."
WHOLE_S = len(CLAUSE) * S_A_CHARACTER
#: Of the longest word, which may be heard twice where a voice broke off.
A_WORD_S = 0.5
BRIEF = Patience(first_s=0.3, all_s=20.0, stall_s=0.2)
VOICES = {
    "speak": "deepgram/aura-2-andromeda-en",
    "openai-speech": "openai/gpt-4o-mini-tts",
    "elevenlabs": "elevenlabs/eleven_flash_v2_5@Riverside",
}
SPARES = {"speak": "elevenlabs", "openai-speech": "speak", "elevenlabs": "openai-speech"}


@asynccontextmanager
async def chain_of(
    on: Served,
    cache: Path,
    *kinds: str,
    told: Reported | None = None,
    key: str = KEY,
    http: aiohttp.ClientSession | None = None,
) -> AsyncIterator[ChainTTS]:
    accounts = Accounts.model_construct(
        **{f"{vendor}_key": SecretStr(key) for vendor in ("deepgram", "openai", "elevenlabs")},
        deepgram_url=f"{on.url}/deepgram",
        openai_url=f"{on.url}/openai/v1",
        elevenlabs_url=f"{on.url}/elevenlabs/v1",
    )
    providers = parse_chain(Kind.TTS, [VOICES[kind] for kind in kinds])
    voices = open_voice_chain(
        providers, accounts, http or on.session, None, SpeechCache(cache), AllClosed(), told or Reported(), BRIEF
    )
    try:
        yield voices
    finally:
        await voices.aclose()


def named(kind: str) -> str:
    (provider,) = parse_chain(Kind.TTS, VOICES[kind])
    return provider.name


@pytest.mark.parametrize("kind", VOICES)
async def test_a_voice_speaks_a_clause_once_and_then_the_cache_does(kind: str, tmp_path: Path) -> None:
    told = Reported()
    async with served() as on, chain_of(on, tmp_path, kind, told=told) as voice:
        heard = [await hear(voice.synthesize(CLAUSE, conn_options=ONCE)) for _ in range(2)]
        counts = await on.counts(kind)
    assert [each.seconds for each in heard] == pytest.approx([WHOLE_S] * 2, abs=0.03)
    assert {each.rate_hz for each in heard} == {24_000}
    assert counts["requests"] == 1
    assert told.outcomes() == [(named(kind), Blame.SUCCESS)]
    assert [(used.provider.name, used.amount) for used in told.uses] == [(named(kind), len(CLAUSE))]


@pytest.mark.parametrize("kind", VOICES)
@pytest.mark.parametrize("fault", ["limited", "failing", "hanging", "mute", "malformed"])
async def test_a_fault_before_the_first_sound_is_not_heard(kind: str, fault: str, tmp_path: Path) -> None:
    told = Reported()
    async with served() as on, chain_of(on, tmp_path, kind, SPARES[kind], told=told) as voice:
        await on.order("faults", kind=kind, fault=fault)
        heard = await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
    assert heard.seconds == pytest.approx(WHOLE_S, abs=0.03)
    assert told.outcomes() == [(named(kind), Blame.UPSTREAM), (named(SPARES[kind]), Blame.SUCCESS)]


@pytest.mark.parametrize("kind", VOICES)
@pytest.mark.parametrize("fault", ["stalling", "dropping", "dripping"])
async def test_where_a_voice_breaks_off_the_next_goes_on(kind: str, fault: str, tmp_path: Path) -> None:
    told = Reported()
    async with served() as on, chain_of(on, tmp_path, kind, SPARES[kind], told=told) as voice:
        await on.order("faults", kind=kind, fault=fault)
        heard = await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
    assert WHOLE_S - 0.03 <= heard.seconds <= WHOLE_S + A_WORD_S
    assert told.outcomes() == [(named(kind), Blame.UPSTREAM), (named(SPARES[kind]), Blame.SUCCESS)]
    assert {used.provider.name for used in told.uses} == {named(kind), named(SPARES[kind])}, (
        "half an answer is paid for"
    )


@pytest.mark.parametrize("kind", VOICES)
async def test_audio_of_another_rate_is_not_played_and_not_kept(kind: str, tmp_path: Path) -> None:
    async with served() as on, chain_of(on, tmp_path, kind, SPARES[kind]) as voice:
        await on.order("faults", kind=kind, fault="wrong-rate")
        heard = await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
        again = await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
    assert heard.seconds == pytest.approx(WHOLE_S, abs=0.03)
    assert again.seconds == pytest.approx(WHOLE_S, abs=0.03)


async def test_a_refused_key_is_ours_to_blame(tmp_path: Path) -> None:
    told = Reported()
    async with served() as on, chain_of(on, tmp_path, "speak", told=told, key="another") as voice:
        with pytest.raises(APIError) as caught:
            await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
    assert not caught.value.retryable
    assert CLAUSE not in str(caught.value)
    assert told.outcomes() == [(named("speak"), Blame.CLIENT)]
    assert told.uses == []


async def test_the_spare_speaks_the_rest_of_the_reply(tmp_path: Path) -> None:
    async with served() as on, chain_of(on, tmp_path, "speak", "elevenlabs") as voice:
        await on.order("faults", kind="speak", fault="failing")
        for clause in (CLAUSE, "And here is the next.", "And here is the last."):
            await hear(voice.synthesize(clause, conn_options=ONCE))
        counts = await on.counts("speak"), await on.counts("elevenlabs")
    assert [each["requests"] for each in counts] == [1, 3]


async def test_what_was_paid_for_is_made_to_its_end_though_nobody_listens(tmp_path: Path) -> None:
    told = Reported()
    async with served(suite="nova-3+gpt-4.1+aura-2") as on, chain_of(on, tmp_path, "speak", told=told) as voice:
        async with voice.synthesize(CLAUSE, conn_options=ONCE) as stream:
            await anext(stream)
        heard = await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
        counts = await on.counts("speak")
    assert heard.seconds == pytest.approx(WHOLE_S, abs=0.03)
    assert counts["requests"] == 1


@pytest.mark.parametrize("kind", ["speak", "elevenlabs"])
async def test_the_first_request_finds_the_connection_open(kind: str, tmp_path: Path) -> None:
    opened: list[bool] = []
    trace = aiohttp.TraceConfig()

    async def on_created(*_: object) -> None:
        opened.append(True)

    trace.on_connection_create_end.append(on_created)
    async with (
        served() as on,
        aiohttp.ClientSession(trace_configs=[trace]) as http,
        chain_of(on, tmp_path, kind, http=http) as voice,
    ):
        await voice.open_connection()
        assert opened == [True]
        await hear(voice.synthesize(CLAUSE, conn_options=ONCE))
    assert opened == [True]
