"""Kept vectors in an embedder's place: a question set is run without the model that embedded it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

import numpy as np

from agent.domain.errors import ConfigError, FleetError
from kb.embedding import Embedder, FloatArray, written

#: More than a call has: how busy the machine was must not decide what a base is worth.
_EMBED_S = 30.0


class NotEmbedded(ConfigError):
    """Questions have no vectors by the model that is searched, and no embedder of that model is at hand."""


class KeptVectors:
    """The embedder of one run; one question at a time.

    Args:
        model: whose vectors they are.
        embedder: of the model, for what is not kept; None when it is not at hand.

    Attributes:
        took_s: seconds the last embedding took; 0 for a kept one.
    """

    def __init__(self, model: str, embedder: Embedder | None) -> None:
        self._model = model
        self._embedder = embedder
        self._failure: FleetError | None = None
        self._last: str | None = None
        self._kept: Mapping[str, str] = {}
        self.took_s = 0.0

    def keep(self, vectors: Mapping[str, str], *, most: int) -> None:
        """Have these at hand for the questions that follow, in the place of those before.

        Args:
            vectors: by a question's words, as pgvector reads them.
            most: how many questions follow.
        Raises: NotEmbedded: some would have to be embedded, and cannot be.
        """
        if len(vectors) < most and self._embedder is None:
            raise NotEmbedded(f"questions have no vectors by {self._model}, and it is not at hand to embed them")
        self._kept = vectors

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        """As an embedder does; a failure is kept for `last`, for whoever searches goes on by words alone."""
        (words,) = texts
        began_s = time.perf_counter()
        try:
            vectors = await self._vectors(words)
        except FleetError as error:
            self._failure = error
            raise
        self.took_s = 0.0 if words in self._kept else time.perf_counter() - began_s
        self._last = written(vectors[0])
        return vectors

    def forget(self) -> None:
        """The next question begins."""
        self._failure, self._last, self.took_s = None, None, 0.0

    def last(self) -> str | None:
        """The question's vector, as pgvector reads it; None when nobody asked for it.

        Raises: FleetError: it could not be had.
        """
        if self._failure is not None:
            raise self._failure
        return self._last

    async def _vectors(self, words: str) -> FloatArray:
        if words in self._kept:
            return np.array([json.loads(self._kept[words])], dtype=np.float32)
        assert self._embedder is not None
        return await self._embedder.embed([words], deadline_s=_EMBED_S)
