"""What chat, responses, embeddings and speech of OpenAI's API share: who may ask, for which model, how often."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import InitVar, dataclass, field
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.gate import Gate, Refused, document_of, fail, model_list
from loadtest.emulators.profiles import AT_ONCE, Profile

#: Requests that are remembered, the oldest forgotten first.
_MOST_ASKED = 1000
CHARACTERS_A_TOKEN = 4
#: That a stream's piece bears. The API sends each by itself; three together cost a third.
TOKENS_A_PIECE = 3


@dataclass(kw_only=True)
class OpenAIApi(ABC):
    """One of them.

    Args:
        key: that is accepted; None accepts everybody.
        models: that exist; empty means every one does.
        requests_per_minute: more get 429.
        seed: of the latencies.

    Attributes:
        asked: bodies of the requests that were good, in order.
    """

    profile: InitVar[Profile] = AT_ONCE
    key: str | None = None
    models: frozenset[str] = frozenset()
    requests_per_minute: InitVar[int] = 3000
    seed: InitVar[int] = 0
    asked: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_MOST_ASKED))
    behaviour: Behaviour = field(init=False)
    gate: Gate = field(init=False)

    def __post_init__(self, profile: Profile, requests_per_minute: int, seed: int) -> None:
        self.behaviour = Behaviour(profile, seed)
        self.gate = Gate(self.behaviour, self.key, requests_per_minute)

    @property
    def refused(self) -> list[int]:
        """Statuses of the requests that were not good, in order."""
        return self.behaviour.refused

    def become(self, profile: Profile) -> None:
        """Answer in this manner from now on."""
        self.behaviour.profile = profile

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_post(self.path, self._post)
        app.router.add_get("/v1/models", self._list_models)
        return app

    @property
    @abstractmethod
    def path(self) -> str:
        """Where it is asked, from /v1 on."""

    @abstractmethod
    def check(self, document: dict[str, Any]) -> Any:
        """What a request asks for. Raises Refused."""

    @abstractmethod
    async def answer(self, asked: Any, answer: Answer) -> web.StreamResponse:
        """Do it; `asked` is what `check` gave."""

    async def _post(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = self.gate.enter(request)
            document = await document_of(request)
            asked = self.check(document)
            fail(answer.fault)
        except Refused as refused:
            return self.gate.error(refused)
        self.asked.append(document)
        return await self.answer(asked, answer)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        try:
            self.gate.admit(request)
        except Refused as refused:
            return self.gate.error(refused)
        return model_list(self.models)


def tokens(characters: int) -> int:
    """How many so many characters of English are counted as, rounded up."""
    return -(-characters // CHARACTERS_A_TOKEN)


def words_of(text: str) -> list[str]:
    """A text in pieces, as they are streamed; one at least."""
    length = TOKENS_A_PIECE * CHARACTERS_A_TOKEN
    return [text[at : at + length] for at in range(0, len(text), length)] or [""]
