"""A model behind POST /v1/embeddings, as OpenAI's API answers, with errors and limits.

A vector is the counts of a text's words, each added or taken away at a place that its hash chooses: the same text
always gets the same one, and texts that share words are alike. The model's name goes into the hash, so two models'
vectors have nothing in common even where they are of one length.
"""

from __future__ import annotations

import array
import base64
import json
import math
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from aiohttp import web

from loadtest.emulators.gate import Gate, Refused, model_list, model_of
from loadtest.emulators.profiles import Fault, Profile

_PARAMETERS = frozenset({"dimensions", "encoding_format", "input", "model", "user"})
_FORMATS = frozenset({"float", "base64"})
_MOST_INPUTS = 2048
_CHARACTERS_A_TOKEN = 4
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(slots=True)
class EmbeddingsEmulator:
    """One provider.

    Args:
        key: that is accepted; None accepts everybody.
        models: that exist; empty means every one does.
        dimensions: of a vector when the request asks for none.
        requests_per_minute: more get 429.

    Attributes:
        asked: bodies of the requests that were good, in order.
    """

    profile: Profile = field(default_factory=Profile)
    key: str | None = None
    models: frozenset[str] = frozenset()
    dimensions: int = 256
    requests_per_minute: int = 3000
    seed: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    _gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        if self.dimensions < 1:
            raise ValueError("dimensions: expected at least 1")
        self._gate = Gate(self.profile, self.key, self.requests_per_minute, self.seed)

    @property
    def refused(self) -> list[int]:
        """Statuses of the requests that were not good, in order."""
        return self._gate.refused

    def become(self, profile: Profile) -> None:
        """Answer in this manner from now on."""
        self._gate.profile = profile

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_get("/v1/models", self._list_models)
        return app

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        try:
            self._gate.admit(request)
        except Refused as refused:
            return self._gate.error(refused)
        return model_list(self.models)

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        try:
            document = await self._gate.document(request)
            texts = check(document, self.models)
            self._gate.fail()
        except Refused as refused:
            return self._gate.error(refused)
        self.asked.append(document)
        await self._gate.work()
        answer = json.dumps(self._answer(document, texts)).encode()
        return await self._gate.send(request, answer, "application/json")

    def _answer(self, document: dict[str, Any], texts: list[str]) -> dict[str, Any]:
        model, dimensions = document["model"], document.get("dimensions") or self.dimensions
        vectors = self._spoilt([vector_of(model, text, dimensions) for text in texts])
        is_packed = document.get("encoding_format") == "base64"
        rows = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if is_packed else vector}
            for index, vector in enumerate(vectors)
        ]
        answer = {"object": "list", "data": rows, "model": model}
        if self._gate.profile.fault is Fault.UNCOUNTED:
            return answer
        tokens = sum(-(-len(text) // _CHARACTERS_A_TOKEN) for text in texts)
        return answer | {"usage": {"prompt_tokens": tokens, "total_tokens": tokens}}

    def _spoilt(self, vectors: list[list[float]]) -> list[list[float]]:
        first, *others = vectors
        match self._gate.profile.fault:
            case Fault.SHORT:
                return others
            case Fault.UNEQUAL:
                return [[*first, 0.5], *others]
            case Fault.NOT_A_NUMBER:
                return [[math.nan, *first[1:]], *others]
            case Fault.ZERO:
                return [[0.0] * len(first), *others]
        return vectors


def check(document: Any, models: frozenset[str]) -> list[str]:
    """A request's texts, or why it is refused.

    Args:
        models: that exist; empty means every one does.
    Raises: Refused.
    Source: OpenAI's API reference, "Create embeddings". Texts given as tokens are refused here: nobody counts them.
    """
    if not isinstance(document, dict):
        raise Refused(400, "We could not parse the JSON body of your request.")
    for name in document:
        if name not in _PARAMETERS:
            raise Refused(400, f"Unrecognized request argument supplied: {name}")
    model_of(document, models)
    if document.get("encoding_format", "float") not in _FORMATS:
        raise Refused(400, "Invalid 'encoding_format'.", param="encoding_format", code="invalid_value")
    dimensions = document.get("dimensions", 1)
    if not isinstance(dimensions, int) or isinstance(dimensions, bool) or dimensions < 1:
        raise Refused(400, "Invalid 'dimensions': integer expected, at least 1.", param="dimensions")
    given = document.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= _MOST_INPUTS:
        raise Refused(400, f"Invalid 'input': expected 1 to {_MOST_INPUTS} texts.", param="input")
    if not all(isinstance(text, str) and text for text in texts):
        raise Refused(400, "'$.input' is invalid.", param="input")
    return texts


def vector_of(model: str, text: str, dimensions: int) -> list[float]:
    """A text's vector, of length 1."""
    counts = [0.0] * dimensions
    for word in _WORD.findall(text.lower()) or [text]:
        hashed = int.from_bytes(blake2b(f"{model} {word}".encode(), digest_size=8).digest())
        counts[(hashed >> 1) % dimensions] += 1.0 if hashed & 1 else -1.0
    length = math.sqrt(sum(count * count for count in counts))
    if not length:  # its words took each other away
        counts[0] = length = 1.0
    return [count / length for count in counts]


def _packed(vector: list[float]) -> str:
    return base64.b64encode(array.array("f", vector).tobytes()).decode()
