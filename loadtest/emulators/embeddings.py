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
from dataclasses import KW_ONLY, dataclass
from hashlib import blake2b
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.gate import Refused, model_of
from loadtest.emulators.openai_api import OpenAIApi, tokens
from loadtest.emulators.profiles import Fault, Profile

_PARAMETERS = frozenset({"dimensions", "encoding_format", "input", "model", "user"})
_FORMATS = frozenset({"float", "base64"})
_MOST_INPUTS = 2048
_WORD = re.compile(r"[a-z0-9]+")


@dataclass
class EmbeddingsEmulator(OpenAIApi):
    """One provider.

    Args:
        dimensions: of a vector when the request asks for none.
    """

    _: KW_ONLY
    dimensions: int = 256

    def __post_init__(self, profile: Profile, requests_per_minute: int, seed: int) -> None:
        if self.dimensions < 1:
            raise ValueError("dimensions: expected at least 1")
        super().__post_init__(profile, requests_per_minute, seed)

    @property
    def path(self) -> str:
        """Where it is asked."""
        return "/v1/embeddings"

    def check(self, document: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """What a request asks for. Raises Refused."""
        return document, check(document, self.models)

    async def answer(self, asked: tuple[dict[str, Any], list[str]], answer: Answer) -> web.StreamResponse:
        """Give a vector for each text."""
        await answer.work()
        body = json.dumps(self._vectors(*asked, answer.fault)).encode()
        return await answer.send(body, "application/json")

    def _vectors(self, document: dict[str, Any], texts: list[str], fault: Fault) -> dict[str, Any]:
        model, dimensions = document["model"], document.get("dimensions") or self.dimensions
        vectors = _spoilt([vector_of(model, text, dimensions) for text in texts], fault)
        is_packed = document.get("encoding_format") == "base64"
        rows = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if is_packed else vector}
            for index, vector in enumerate(vectors)
        ]
        used = sum(tokens(len(text)) for text in texts)
        self.behaviour.usage.update(input_tokens=used)
        usage = {"usage": {"prompt_tokens": used, "total_tokens": used}} if fault is not Fault.UNCOUNTED else {}
        return {"object": "list", "data": rows, "model": model, **usage}


def _spoilt(vectors: list[list[float]], fault: Fault) -> list[list[float]]:
    first, *others = vectors
    match fault:
        case Fault.SHORT:
            return others
        case Fault.UNEQUAL:
            return [[*first, 0.5], *others]
        case Fault.NOT_A_NUMBER:
            return [[math.nan, *first[1:]], *others]
        case Fault.ZERO:
            return [[0.0] * len(first), *others]
    return vectors


def check(document: dict[str, Any], models: frozenset[str]) -> list[str]:
    """A request's texts, or why it is refused.

    Args:
        models: that exist; empty means every one does.
    Raises: Refused.
    Source: OpenAI's API reference, "Create embeddings". Texts given as tokens are refused here: nobody counts them.
    """
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
