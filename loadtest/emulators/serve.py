"""All providers in one process, each under a path of its own, and what orders them about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.chat import ChatEmulator
from loadtest.emulators.chat_script import Script
from loadtest.emulators.control import Commanded, Control
from loadtest.emulators.deepgram_listen import DeepgramListenEmulator
from loadtest.emulators.elevenlabs import ElevenLabsEmulator
from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import Emulator
from loadtest.emulators.listened import Listener
from loadtest.emulators.openai_listen import OpenAiListenEmulator
from loadtest.emulators.openai_speech import SpeechEmulator
from loadtest.emulators.responses import ResponsesEmulator
from loadtest.emulators.speak import SpeakEmulator
from loadtest.emulators.speaker import ChosenVoice, Hum
from loadtest.emulators.word_errors import WordErrors

#: Of each kind: the limit of a large account, which only orders are to reach.
_REQUESTS_PER_MINUTE = 30_000


@dataclass(kw_only=True)
class Providers:
    """One process's.

    Args:
        suite: whose latencies they have.
        key: that each accepts; None accepts every one.
        seed: of the latencies of one kind and of the words misheard; every other kind has one of its own.
        word_errors: share of the words that recognisers mishear.
        listener: hears whatever is said, in place of the recordings that are registered.

    Attributes:
        control: orders them about.
    """

    voice: ChosenVoice = field(default_factory=lambda: ChosenVoice({"hum": Hum()}, "hum"))
    script: Script = field(default_factory=Script)
    suite: str = "fast"
    key: str | None = None
    seed: int = 0
    word_errors: float = 0.0
    listener: Listener | None = None
    control: Control = field(init=False)
    _served: list[tuple[str, Emulator]] = field(init=False)

    def __post_init__(self) -> None:
        key, seed, voice = self.key, self.seed, self.voice
        errors = WordErrors(self.word_errors, seed)
        listen = DeepgramListenEmulator(
            listen=Behaviour(seed=seed + 6),
            flux=Behaviour(seed=seed + 7),
            key=key,
            errors=errors,
            listener=self.listener,
        )
        openai_listen = OpenAiListenEmulator(
            truth=listen.truth, behaviour=Behaviour(seed=seed + 8), key=key, errors=errors,
            listener=self.listener, requests_per_minute=_REQUESTS_PER_MINUTE,
        )  # fmt: skip
        speak = SpeakEmulator(voice=voice, key=key, seed=seed)
        most = _REQUESTS_PER_MINUTE
        chat = ChatEmulator(self.script, key=key, seed=seed + 1, requests_per_minute=most)
        responses = ResponsesEmulator(self.script, key=key, seed=seed + 2, requests_per_minute=most)
        embeddings = EmbeddingsEmulator(key=key, seed=seed + 3, requests_per_minute=most)
        speech = SpeechEmulator(voice=voice, key=key, seed=seed + 4, requests_per_minute=most)
        elevenlabs = ElevenLabsEmulator(voice=voice, key=key, seed=seed + 5)
        kinds: Mapping[str, Commanded] = {
            "listen": listen.listen,
            "flux": listen.flux,
            "openai-listen": openai_listen.behaviour,
            "speak": speak.behaviour,
            "chat": chat.behaviour,
            "responses": responses.behaviour,
            "embeddings": embeddings.behaviour,
            "openai-speech": speech.behaviour,
            "elevenlabs": elevenlabs.behaviour,
        }
        self.control = Control(kinds, listen.truth, voice)
        self.control.become(self.suite)
        self._served = [
            ("/deepgram", listen),
            ("/deepgram", speak),
            ("/openai", openai_listen),
            ("/openai", chat),
            ("/openai", responses),
            ("/openai", embeddings),
            ("/openai", speech),
            ("/elevenlabs", elevenlabs),
            ("/control", self.control),
        ]

    def application(self) -> web.Application:
        """All routes; the voice is ready before the first request."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for prefix, emulator in self._served:
            _mount(app, prefix, emulator.application())
        app.on_startup.append(self._open)
        app.on_cleanup.append(self._close)
        return app

    async def _open(self, _: web.Application) -> None:
        await self.voice.open()

    async def _close(self, _: web.Application) -> None:
        await self.voice.aclose()


def _mount(app: web.Application, prefix: str, part: web.Application) -> None:
    """Serve one application's routes in another; of two at the same place the first is served."""
    there = {(route.method, _path(route)) for route in app.router.routes()}
    for route in part.router.routes():
        path = prefix + _path(route)
        if route.method != "HEAD" and (route.method, path) not in there:
            app.router.add_route(route.method, path, route.handler)


def _path(route: web.AbstractRoute) -> str:
    assert route.resource is not None
    return route.resource.canonical
