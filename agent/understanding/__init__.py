"""Words to facts. `Cascade` is what a call needs; `understand` its grammar; `is_complete` judges where a turn ends."""

from agent.understanding.cascade import Cascade, Interpreter
from agent.understanding.completeness import is_complete
from agent.understanding.interpreter import CallersTurn
from agent.understanding.utterance import understand

__all__ = ["CallersTurn", "Cascade", "Interpreter", "is_complete", "understand"]
