"""What the emulated model understands: a table, so that the same words always get the same answer.

    answers:
      - heard: "cancel"            # in the last message, whatever its capitals; the first that fits counts
        says: {wish: cancel}       # an object is answered as JSON, a text as it stands
    otherwise: {wish: none}

Nothing holds an answer to the schema of the request, as a compatible server may not; the script decides how obedient
or mistaken the model is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Script:
    """Answers by what was heard."""

    answers: Sequence[tuple[str, Any]] = ()
    otherwise: Any = ""

    def says(self, words: str) -> str:
        """The answer's text."""
        heard = words.lower()
        found = next((says for part, says in self.answers if part.lower() in heard), self.otherwise)
        return found if isinstance(found, str) else json.dumps(found)


def load_script(path: Path) -> Script:
    """Read a table.

    Raises: ValueError: it has another form; OSError: it cannot be read.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        answers = [(str(row["heard"]), row["says"]) for row in document.get("answers", [])]
        return Script(answers, document.get("otherwise", ""))
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{path}: expected answers, each with heard and says, and otherwise") from None
