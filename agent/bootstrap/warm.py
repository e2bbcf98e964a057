"""Fixed prompts, synthesised once a machine and voice, so that they can be spoken at once and without the models."""

from __future__ import annotations

import asyncio

from agent.dialogue.prompts import load_prompts
from agent.domain.errors import FleetError
from agent.providers.clauses import clauses
from agent.providers.local_tts import LocalTTS
from agent.providers.registry import open_voice
from agent.runtime.logs import get_logger
from agent.runtime.settings import WorkerSettings

_log = get_logger("agent.warm")
_LANGUAGE = "en"
#: The speech process may still be loading its models when a worker starts.
_TRIES = 30
_PAUSE_S = 2.0


async def warm_prompts(settings: WorkerSettings) -> None:
    """Put every prompt without placeholders into the speech cache; gives up, saying so, when speech stays away."""
    voice, client = open_voice(settings)
    texts = [text for texts in load_prompts(_LANGUAGE).values() for text in texts if "{" not in text]
    waiting = [clause for text in texts for clause in clauses(text)]
    try:
        for _ in range(_TRIES):
            try:
                while waiting:
                    await _make(voice, waiting[-1])
                    waiting.pop()
                _log.info("prompts.warm", texts=len(texts))
                return
            except FleetError as error:
                _log.info("prompts.not_ready", error=str(error))
                await asyncio.sleep(_PAUSE_S)
        _log.warning("prompts.not_warm", missing=len(waiting))
    finally:
        await client.aclose()


async def _make(voice: LocalTTS, clause: str) -> None:
    """Have a clause's audio in the cache; one that can never be made must not keep the others from it.

    Raises: FleetError: worth another try.
    """
    try:
        await voice.pcm(clause)
    except FleetError as error:
        if error.retryable:
            raise
        _log.warning("prompt.not_made", error=str(error), blame=error.blame.value)
