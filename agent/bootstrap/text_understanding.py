"""The understanding of text calls: the steps a call by voice has, in this process."""

from __future__ import annotations

from agent.domain.tenant import Tenant
from agent.understanding import Cascade, Interpreter


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

    def of(self, tenant: Tenant, interpreter: Interpreter | None = None) -> Cascade:
        """One call's understanding."""
        embedder, models = self._embedding or (None, None)
        return Cascade(tenant, embedder, models, interpreter)
