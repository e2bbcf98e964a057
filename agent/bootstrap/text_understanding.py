"""The understanding of text calls: the steps a call by voice has, in this process."""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.tenant import Tenant
from agent.understanding import Cascade, Interpreter
from kb.embedding import LOCAL_MODEL, Embedder


class TextUnderstanding:
    """Grammar and embeddings without the inference process; loads the sentence model once.

    Args:
        is_grammar_only: leave the embeddings out.
    """

    def __init__(self, *, is_grammar_only: bool = False) -> None:
        self._embedding = None
        if not is_grammar_only:
            from agent.inference.in_process import InProcessEmbedder  # half a second that not every command should pay
            from agent.understanding.meaning import installed_models

            self._embedding = (InProcessEmbedder(), installed_models())

    @property
    def embedders(self) -> Mapping[str, Embedder]:
        """The model that a knowledge base is asked with, by its name; empty without it."""
        return {LOCAL_MODEL: self._embedding[0]} if self._embedding is not None else {}

    def of(self, tenant: Tenant, interpreter: Interpreter | None = None) -> Cascade:
        """One call's understanding."""
        embedder, models = self._embedding or (None, None)
        return Cascade(tenant, embedder, models, interpreter)
