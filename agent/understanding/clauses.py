"""An utterance cut where a question or a statement begins, so that each can be read by itself."""

from __future__ import annotations

import re

#: With what questions begin.
QUESTION_START = (
    r"(?:how|what|what's|whats|where|where's|wheres|when|who|who's|whos|which|why|do|does|did|are|is|can|could|will"
    r"|would|have|has|may)"
)
_STATEMENT_START = r"(?:i|i'd|id|i'm|im|i'll|i've|my|let's|lets|we|we'd|please|book|it's|its|this is|yes|no)"
#: So plainly a question that no comma or "and" need stand before it.
_PLAIN = (
    r"(?:how (?:much|late|early|long) (?:is|are|does|do|can|would|will)|what time do you|what are your|what's your"
    r"|where are you)"
)
_TITLE = r"(?<!\bdr)(?<!\bst)(?<!\bmr)(?<!\bms)(?<!\bmrs)"
_CUTS = re.compile(
    rf"(?<=[?!;])\s+|{_TITLE}(?<=\.)(?<!\b[ap]\.m\.)\s+"
    rf"|,?\s+(?=(?:and|but|also|or)\s+(?:also\s+)?(?:{QUESTION_START}|{_STATEMENT_START})\b)"
    rf"|,\s+(?=(?:{QUESTION_START}|{_STATEMENT_START})\b)"
    rf"|\s+(?={_PLAIN}\b)",
    re.I,
)


def split_clauses(text: str) -> list[str]:
    """The parts of an utterance, in order; joined with spaces they hold all of its words."""
    return [part.strip() for part in _CUTS.split(text.replace("’", "'")) if part and part.strip(" ,.")]
