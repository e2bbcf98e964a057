"""The understanding of text calls: the steps a call by voice has, in this process."""

from __future__ import annotations

from collections.abc import Mapping

from agent.bootstrap.embedders import EmbeddingModels
from agent.domain.tenant import Tenant
from agent.runtime.settings import EmbeddingSettings, load
from agent.understanding import Cascade, Interpreter
from kb.embedding import Embedder


class TextUnderstanding:
    """Grammar and embeddings without the inference process; loads the sentence model once.

    Args:
        is_grammar_only: leave the embeddings out.
    """

    def __init__(self, *, is_grammar_only: bool = False) -> None:
        self._embedding = None
        self._models: EmbeddingModels | None = None
        if not is_grammar_only:
            from agent.inference.in_process import InProcessEmbedder  # half a second that not every command should pay
            from agent.understanding.meaning import installed_models

            self._embedding = (InProcessEmbedder(), installed_models())
            self._models = EmbeddingModels(load(EmbeddingSettings), self._embedding[0])

    def embedders(self, tenant: Tenant) -> Mapping[str, Embedder]:
        """The models that a tenant's knowledge base is asked with, by name; empty where embeddings are left out."""
        return {} if self._models is None else self._models.for_questions(tenant)

    async def aclose(self) -> None:
        """Close the connection to the endpoint, if there is one."""
        if self._models is not None:
            await self._models.aclose()

    def of(self, tenant: Tenant, interpreter: Interpreter | None = None) -> Cascade:
        """One call's understanding."""
        embedder, models = self._embedding or (None, None)
        return Cascade(tenant, embedder, models, interpreter)
