"""A source as its headings and what stands under them, whatever it was written in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.blocks import Block, Paragraph

#: A question set in bold, or marked with "Q:": it heads its answer, and stands below every heading proper.
QUESTION_LEVEL = 7
#: A break the author meant, as opposed to the end of a line in the file.
BREAK = "\u2028"

_QUESTION = re.compile(r"\s*(?:Q(?:uestion)?(?: ?[0-9]{1,3})?:|Q(?: ?[0-9]{1,3})?[.)](?=.*\?\s*$))\s*(?P<words>.+)")
_ANSWER = re.compile(r"\s*A(?:nswer)?(?: ?[0-9]{1,3})?(?P<mark>[:.)])\s*(?P<words>.*)")
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the source's own title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer that stand apart from the text around them."""

    question: str
    blocks: tuple[Block, ...]


Piece = Heading | Pair | Paragraph
AnyPiece = Heading | Pair | Block


def one_line(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


def pieces_of(text: str) -> list[Heading | Paragraph]:
    """A paragraph, or the questions and answers it consists of ("Q: …" and "A: …" at the beginning of lines).

    Args:
        text: with line feeds where its lines end and BREAK where its author broke it.
    """
    pieces: list[Heading | Paragraph] = []
    lines: list[str] = []
    is_asked = False

    def close() -> None:
        words = "\n".join(line for part in " ".join(lines).split(BREAK) if (line := one_line(part)))
        if words:
            pieces.append(Heading(QUESTION_LEVEL, one_line(words)) if is_asked else Paragraph(words))
        lines.clear()

    for line in re.split(rf"(?:(?<={BREAK})|\n)", text):
        if question := _QUESTION.match(line):
            close()
            is_asked, line = True, question["words"]
        elif (answer := _ANSWER.match(line)) and (answer["mark"] == ":" or is_asked):
            close()
            is_asked, line = False, answer["words"]
        lines.append(line)
    close()
    return pieces


def bold_question(bold: str, rest: str) -> str | None:
    """A paragraph that begins with a question in bold, marked as question and answer; None if it is no question."""
    if not bold.rstrip().endswith("?") or len(bold.split()) < _FEWEST_WORDS or _QUESTION.match(bold):
        return None
    return f"Q: {one_line(bold)}\nA: {rest.strip()}"


_DEICTIC = re.compile(r"(?i)(?:this |our )?(?:here|link|page|site|website)")
_CLICK = re.compile(r"(?i)(?P<click>click|tap|press|follow)(?: on)? (?:here|this link|the link)")


def link_words(words: str) -> str:
    """What stands for a link: its words, unless they only point ("here", "this page")."""
    if click := _CLICK.fullmatch(words.strip()):
        return "Go to our website" if click["click"][0].isupper() else "go to our website"
    if _DEICTIC.fullmatch(words.strip()):
        return "on our website"
    return words
