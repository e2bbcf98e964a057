"""MiniLM in the caller's own process, for tools that run without the inference process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agent.domain.errors import DeadlineExceeded
from agent.inference.minilm import MiniLmEngine


class InProcessEmbedder:
    """As `InferenceClient.embed`; loads the model at once."""

    def __init__(self) -> None:
        self._engine = MiniLmEngine()
        self._engine.warm_up()

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> npt.NDArray[np.float32]:
        """Vectors of length 1, shape (len(texts), EMBEDDING_DIM).

        Raises: DeadlineExceeded: the budget is spent; the work runs to its end unheard.
        """
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.to_thread(self._engine.embed, texts)
        except TimeoutError:
            raise DeadlineExceeded(f"no vectors in {deadline_s:g} s") from None
