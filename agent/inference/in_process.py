"""MiniLM in the caller's own process, for tools that run without the inference process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agent.inference.minilm import MiniLmEngine


class InProcessEmbedder:
    """As `InferenceClient.embed`; loads the model at once."""

    def __init__(self) -> None:
        self._engine = MiniLmEngine()
        self._engine.warm_up()

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> npt.NDArray[np.float32]:
        """Vectors of length 1, shape (len(texts), EMBEDDING_DIM).

        The deadline is not kept: the work is bounded by itself, and what a tool shows must not depend on how busy
        the machine is.
        """
        return await asyncio.to_thread(self._engine.embed, texts)
