"""Texts to vectors by any endpoint that speaks OpenAI's embeddings API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.domain.errors import Blame, DependencyUnavailable, FleetError
from agent.runtime.openai_endpoint import OpenAiEndpoint
from kb.embedding import FloatArray

#: Texts in one request, and characters of one text that are sent; as the inference process takes them.
MOST_TEXTS = 32
MOST_CHARACTERS = 2_000
#: Numbers in a vector: what pgvector could still put into an index of halfvec.
MOST_DIMENSIONS = 4_000
#: A number takes 22 characters at most, and its comma.
_BYTES_A_TEXT = MOST_DIMENSIONS * 24
_BYTES_AROUND = 64 * 1024


class RemoteEmbedder:
    """One model of an endpoint.

    Args:
        endpoint: shared with others, and closed by whoever opened it.
        dimensions: asked for; None leaves their number to the model.
    """

    def __init__(self, endpoint: OpenAiEndpoint, model: str, dimensions: int | None = None) -> None:
        self._endpoint = endpoint
        self._request: dict[str, Any] = {"model": model, "encoding_format": "float"}
        if dimensions is not None:
            self._request["dimensions"] = dimensions
        self._dimensions = dimensions

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        """Vectors of length 1, shape (len(texts), dimensions); every answer must have as many dimensions as the first.

        Args:
            texts: 1 to MOST_TEXTS, none of them empty; of a long one the beginning counts.
        Raises:
            DeadlineExceeded, Overloaded, ConfigError: as `OpenAiEndpoint.post`.
            DependencyUnavailable: so does it, or what came back are no vectors of these texts.
            FleetError: no texts, or too many.
        """
        if not 1 <= len(texts) <= MOST_TEXTS:
            raise FleetError(f"embedding: expected 1 to {MOST_TEXTS} texts, got {len(texts)}", blame=Blame.CLIENT)
        content = await self._endpoint.post(
            "/embeddings",
            {**self._request, "input": [text[:MOST_CHARACTERS] for text in texts]},
            deadline_s=deadline_s,
            most_bytes=_BYTES_AROUND + _BYTES_A_TEXT * len(texts),
        )
        vectors = _vectors(content, len(texts))
        if self._dimensions not in (None, vectors.shape[1]):
            raise DependencyUnavailable(f"embedding: {vectors.shape[1]} dimensions, expected {self._dimensions}")
        self._dimensions = vectors.shape[1]
        return vectors


def _vectors(content: bytes, count: int) -> FloatArray:
    """The vectors of an answer in the order of the texts."""
    try:
        rows = json.loads(content)["data"]
        placed = {_place(row, at): row["embedding"] for at, row in enumerate(rows)}
        if len(rows) != count or placed.keys() != set(range(count)):
            raise DependencyUnavailable(f"embedding: {len(rows)} vectors for {count} texts")
        vectors = np.array([placed[at] for at in range(count)], dtype=np.float64)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise DependencyUnavailable("embedding: what came back are no vectors of one length") from None
    if vectors.ndim != 2 or not 1 <= vectors.shape[1] <= MOST_DIMENSIONS:
        raise DependencyUnavailable(f"embedding: expected vectors of 1 to {MOST_DIMENSIONS} dimensions")
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
        raise DependencyUnavailable("embedding: a vector that is not finite, or has no direction")
    return np.asarray(vectors / lengths, dtype=np.float32)


def _place(row: Any, at: int) -> Any:
    """Which text a row is of; servers that do not say so answer in order."""
    return row.get("index", at)
