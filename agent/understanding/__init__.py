"""Words to facts. `Cascade` is what a call needs; `understand` its grammar; `is_complete` judges where a turn ends."""

from agent.understanding.cascade import Cascade, Interpreter
from agent.understanding.completeness import is_complete, is_unfinished
from agent.understanding.emergencies import read_emergency, read_emergency_so_far
from agent.understanding.interpreter import CallersTurn
from agent.understanding.utterance import understand

__all__ = [
    "CallersTurn",
    "Cascade",
    "Interpreter",
    "is_complete",
    "is_unfinished",
    "read_emergency",
    "read_emergency_so_far",
    "understand",
]
