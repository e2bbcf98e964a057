"""Fixed prompts, synthesised once a machine and voice, so that they can be spoken at once and without the models."""

from __future__ import annotations

import asyncio

from agent.dialogue.prompts import load_prompts
from agent.domain.errors import FleetError
from agent.domain.providers import AllClosed, Unreported
from agent.providers.clauses import clauses
from agent.providers.registry import open_voice
from agent.providers.voice import Voice
from agent.providers.voice_chain import ChainTTS
from agent.runtime.logs import get_logger
from agent.runtime.settings import WorkerSettings

_log = get_logger("agent.warm")
_LANGUAGE = "en"
#: The speech process may still be loading its models when a worker starts.
_TRIES = 30
_PAUSE_S = 2.0


async def warm_prompts(settings: WorkerSettings) -> None:
    """Put every prompt without placeholders into the speech cache, in the first voice and in the local one.

    Gives up, saying so, on a voice that stays away.
    """
    chain, client, http = open_voice(settings, settings.tts_chain, AllClosed(), Unreported())
    texts = [text for texts in load_prompts(_LANGUAGE).values() for text in texts if "{" not in text]
    try:
        await asyncio.gather(*(_warm(chain, voice, texts) for voice in chain.kept()))
    finally:
        await chain.aclose()
        await http.close()
        if client is not None:
            await client.aclose()


async def _warm(chain: ChainTTS, voice: Voice, texts: list[str]) -> None:
    waiting = [clause for text in texts for clause in clauses(text)]
    name = voice.provider.name
    for _ in range(_TRIES):
        try:
            while waiting:
                await _make(chain, voice, waiting[-1])
                waiting.pop()
            _log.info("prompts.warm", texts=len(texts), provider=name)
            return
        except FleetError as error:
            _log.info("prompts.not_ready", error=str(error), provider=name)
            await asyncio.sleep(_PAUSE_S)
    _log.warning("prompts.not_warm", missing=len(waiting), provider=name)


async def _make(chain: ChainTTS, voice: Voice, clause: str) -> None:
    """Have a clause's audio in the cache; one that can never be made must not keep the others from it.

    Raises: FleetError: worth another try.
    """
    try:
        await chain.keep(clause, voice)
    except FleetError as error:
        if error.retryable:
            raise
        _log.warning("prompt.not_made", error=str(error), blame=error.blame.value, provider=voice.provider.name)
