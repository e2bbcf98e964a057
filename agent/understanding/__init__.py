"""Words to facts: a grammar over recognised text. `understand` and `is_complete` are all of it."""

from agent.understanding.completeness import is_complete
from agent.understanding.utterance import understand

__all__ = ["is_complete", "understand"]
