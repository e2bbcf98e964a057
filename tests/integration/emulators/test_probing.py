"""Probes of every vendor, against the emulators: what is well is said to be well, and what is wrong is named.

All of them run at the same time, before the first test: recordings take as long as they take.
"""

from __future__ import annotations

import asyncio
import base64
import sys
from dataclasses import dataclass

import aiohttp
import pytest

from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Kind, Provider, parse_provider
from agent.providers import probing, recorded
from agent.providers.catalogue import key_variable
from agent.runtime.accounts import Accounts
from agent.runtime.openai_endpoint import OpenAiEndpoint
from kb.remote_embedding import RemoteEmbedder
from loadtest.emulators.chat_script import Script
from tests.integration.emulators.served import KEY, served
from tests.providers import accounts_at

READY = Script([("are you ready?", {"ready": True})], "We open at eight.")
CHATTY = Script([], "We open at eight.")
NOBODY = "http://127.0.0.1:9"
NOVA, FLUX = "stt deepgram/nova-3", "stt deepgram/flux-general-en"
TRANSCRIBE = "stt openai/gpt-4o-mini-transcribe"
CHAT, RESPONSES, GROQ, OLLAMA = (
    "model openai/gpt-4.1", "model responses/gpt-4.1", "model groq/openai/gpt-oss-120b", "model ollama/llama3.2",
)  # fmt: skip
COMPATIBLE, EMBEDDING = "model compatible/any", "embedding compatible/any"
AURA, ELEVEN = "tts deepgram/aura-2-thalia-en", "tts elevenlabs/eleven_flash_v2_5@somebody"
OPENAI_VOICE, BARE_VOICE = "tts openai/gpt-4o-mini-tts@ash", "tts openai/tts-1"
EMULATED = {
    NOVA: "listen", FLUX: "flux", TRANSCRIBE: "openai-listen", CHAT: "chat", GROQ: "chat", OLLAMA: "chat",
    COMPATIBLE: "chat", EMBEDDING: "embeddings",
    RESPONSES: "responses", AURA: "speak",
    ELEVEN: "elevenlabs", OPENAI_VOICE: "openai-speech", BARE_VOICE: "openai-speech",
}  # fmt: skip


_SIGNS = {
    "limited": ("too many requests (429)",),
    "failing": ("fails (500)",),
    "hanging": ("no answer", "cannot be reached"),
    "mute": ("no answer", "opened, and heard nothing"),
    "stalling": ("began, and was not done",),
    "malformed": ("answered nonsense",),
    "wrong-rate": ("answered nonsense", "opened, and heard nothing"),
}
#: Whatever is wrong here comes at once; of the rest, a time is waited for.
_PATIENCE_S, _BRIEF_S = 20.0, 2.5
_TOGETHER = 10


@dataclass(frozen=True)
class Case:
    """One probe.

    Attributes:
        name: the provider's, behind its kind.
        fault: of the emulator.
        key: that the provider is given; None is none at all.
        is_there: the provider's host answers.
        known: what the recording says, by the emulator's ground truth; empty if it knows none.
    """

    name: str
    fault: str = ""
    key: str | None = KEY
    is_there: bool = True
    known: str = recorded.WORDS
    script: Script = READY

    @property
    def deadline_s(self) -> float:
        """Short where nothing comes."""
        is_silent = self.fault in ("hanging", "mute", "stalling", "wrong-rate") or not self.known
        return _BRIEF_S if is_silent else _PATIENCE_S


#: They may do without one.
KEYLESS_VENDORS = (OLLAMA, COMPATIBLE, EMBEDDING)
GOOD = {name: Case(name) for name in EMULATED}
KEYLESS = {f"no key {name}": Case(name, key=None) for name in EMULATED if name not in KEYLESS_VENDORS}
REFUSED = {f"wrong key {name}": Case(name, key="another") for name in EMULATED}
AWAY = {f"away {name}": Case(name, is_there=False) for name in EMULATED}
FAULTY = {
    f"{fault} {name}": Case(name, fault)
    for fault, names in {
        "limited": EMULATED, "failing": EMULATED, "hanging": (NOVA, AURA), "mute": (FLUX, CHAT, ELEVEN),
        "stalling": (CHAT, BARE_VOICE), "malformed": (CHAT, RESPONSES, EMBEDDING, OPENAI_VOICE),
        "wrong-rate": (FLUX, ELEVEN),
    }.items()
    for name in names
}  # fmt: skip
ODD = {
    "deaf": Case(NOVA, known=""),
    "mishearing": Case(NOVA, known="Tuesday, then."),
    "chatty": Case(CHAT, script=CHATTY),
}
CASES = GOOD | KEYLESS | REFUSED | AWAY | FAULTY | ODD


@pytest.fixture(scope="module")
def attempts() -> dict[str, Attempt]:
    return asyncio.run(_all())


async def _all() -> dict[str, Attempt]:
    few = asyncio.Semaphore(_TOGETHER)
    done = await asyncio.gather(*(_tried(case, few) for case in CASES.values()))
    return dict(zip(CASES, done, strict=True))


async def _tried(case: Case, few: asyncio.Semaphore) -> Attempt:
    async with few, aiohttp.ClientSession() as http:
        if not case.is_there or case.key is None:
            return await _probed(case, NOBODY, http)
        key = None if case.name == OLLAMA and case.key == KEY else KEY
        async with served(script=case.script, key=key) as on:
            if case.fault:
                await on.order("faults", kind=EMULATED[case.name], fault=case.fault)
            if case.known and case.name in (NOVA, FLUX, TRANSCRIBE):
                samples, rate_hz = recorded.recording()
                pcm = base64.b64encode(samples.tobytes()).decode()
                await on.order("utterances", text=case.known, rate_hz=rate_hz, pcm=pcm)
            return await _probed(case, on.url, http)


async def _probed(case: Case, url: str, http: aiohttp.ClientSession) -> Attempt:
    provider = _provider(case.name)
    endpoint = OpenAiEndpoint(f"{url}/openai/v1", case.key, what="embedding")
    embedder = RemoteEmbedder(endpoint, provider.model) if provider.kind is Kind.EMBEDDING else None
    try:
        accounts = accounts_at(url, case.key)
        return await probing.probe(provider, accounts, http, embedder=embedder, deadline_s=case.deadline_s)
    finally:
        await endpoint.aclose()


def _provider(text: str) -> Provider:
    """By its kind and name; kinds that have no chains are not parsed anywhere else."""
    kind, _, name = text.partition(" ")
    vendor, _, model = name.partition("/")
    return Provider(Kind.EMBEDDING, vendor, model) if text == EMBEDDING else parse_provider(Kind(kind), name)


@pytest.mark.parametrize("name", GOOD)
def test_a_provider_that_does_its_work_is_good_and_its_first_answer_timed(
    attempts: dict[str, Attempt], name: str
) -> None:
    attempt = attempts[name]
    assert (attempt.blame, attempt.reason) == (Blame.SUCCESS, "")
    assert attempt.first_s is not None
    assert attempt.provider.name == name.split()[1].partition("@")[0]


@pytest.mark.parametrize("name", KEYLESS)
def test_a_missing_key_is_named_by_its_variable(attempts: dict[str, Attempt], name: str) -> None:
    attempt = attempts[name]
    assert attempt.blame is Blame.CLIENT
    assert attempt.reason.startswith(f"{_variable(name)}: required by ")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_key_is_ours_to_mend(attempts: dict[str, Attempt], name: str) -> None:
    attempt = attempts[name]
    assert attempt.blame is Blame.CLIENT
    assert attempt.reason == f"key refused (401): check {_variable(name)}"


def _variable(name: str) -> str:
    return key_variable(_provider(" ".join(name.split()[-2:]))) or "the server's own settings"


@pytest.mark.parametrize("name", AWAY)
def test_a_host_that_is_not_there_is_named(attempts: dict[str, Attempt], name: str) -> None:
    assert attempts[name].reason == "cannot be reached: 127.0.0.1:9"
    assert attempts[name].blame is Blame.UPSTREAM


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_wrong_is_told_in_one_line(attempts: dict[str, Attempt], name: str) -> None:
    attempt = attempts[name]
    assert attempt.blame is Blame.UPSTREAM
    assert attempt.reason.startswith(_SIGNS[name.split()[0]])
    assert "\n" not in attempt.reason


def test_words_that_do_not_come_or_are_others_are_told(
    attempts: dict[str, Attempt],
) -> None:
    assert attempts["deaf"].reason == "opened, and heard nothing within 2.5 s"
    assert attempts["mishearing"].reason == "answered nonsense: it hears other words than were said"
    assert attempts["chatty"].reason == "answered nonsense: no JSON of the form it was given"


async def test_a_local_provider_without_its_socket_says_which_setting_is_missing() -> None:
    async with aiohttp.ClientSession() as http:
        for kind in (Kind.STT, Kind.TTS):
            attempt = await probing.probe(parse_provider(kind, "local"), Accounts(), http)
            assert attempt.reason.startswith("VOICEFLEET_INFERENCE_SOCKET: ")


async def test_an_embedder_without_its_endpoint_says_which_setting_is_missing() -> None:
    async with aiohttp.ClientSession() as http:
        attempt = await probing.probe(_provider(EMBEDDING), Accounts(), http)
    assert attempt.reason == "VOICEFLEET_EMBEDDING_URL: required by embedding compatible/any"


async def test_a_probe_is_answered_by_emulators_that_know_its_recording_from_the_command_line() -> None:
    known = f"{recorded.PATH}={recorded.WORDS}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loadtest.emulators", "serve", "--voice", "hum", "--recording", known,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_PATIENCE_S):
            url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession() as http:
            provider = parse_provider(Kind.STT, "deepgram/nova-3")
            attempt = await probing.probe(provider, accounts_at(url, KEY), http, deadline_s=_PATIENCE_S)
    finally:
        process.terminate()
        await process.wait()
    assert (attempt.blame, attempt.reason) == (Blame.SUCCESS, "")
