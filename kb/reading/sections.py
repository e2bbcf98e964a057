"""From an outline to passages: what is under one heading is one answer, unless it is too long to be one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.blocks import Block, Listing, Paragraph, Table, written
from kb.passages import Passage, PassageKind, key_of
from kb.reading.cutting import parts_of
from kb.reading.faults import UnreadableSource
from kb.reading.outline import QUESTION_LEVEL, AnyPiece, Heading, Pair, one_line
from kb.sentences import sentences
from kb.spoken import spoken

#: About a minute to read aloud: what is longer has more than one subject.
LONGEST_TEXT_CHARS = 900
#: A heading of more is a paragraph that was set as one.
LONGEST_TITLE_CHARS = 200
#: In one source: as many as a tenant's whole base is meant to hold. Bounds what a broken or hostile file can become.
MOST_PASSAGES = 20_000
#: Other ways to ask for one passage; each is searched.
MOST_QUESTIONS = 200
_WORDS_OF_KEY = 6
_LONGEST_QUESTION_CHARS = 120
_ALSO_ASKED = re.compile(r"(?i)\s*also asked:\s*")


@dataclass(slots=True)
class Section:
    """What is to be said of one subject: a heading and what is under it.

    Attributes:
        key: what the passage is called by; not yet unique.
    """

    title: str
    key: str
    kind: PassageKind = PassageKind.FAQ
    blocks: list[Block] = field(default_factory=list)
    questions: tuple[str, ...] = ()


def passages_of(name: str, pieces: Sequence[AnyPiece], *, title: str, kind: PassageKind) -> tuple[Passage, ...]:
    """The passages of an outline, in its order.

    Args:
        name: of the source, for errors.
        title: the source's, for text without a heading of its own.
    Raises:
        UnreadableSource: there is nothing in it, or more than MOST_PASSAGES.
    """
    return passages_of_sections(name, _sections(pieces, title, kind))


def passages_of_sections(name: str, sections: Sequence[Section]) -> tuple[Passage, ...]:
    """The passages of sections, each cut where it is too long, with keys of their own.

    Raises:
        UnreadableSource: there is nothing in them, or more than MOST_PASSAGES.
    """
    full = [section for section in sections if written(section.blocks)]
    taken = Counter(section.key for section in full)
    used: Counter[str] = Counter()
    passages: list[Passage] = []
    for section in full:
        for part, blocks in enumerate(_cut(section.blocks)):
            said = spoken(*blocks)
            if not said:
                continue
            if len(passages) == MOST_PASSAGES:
                raise UnreadableSource(
                    name, f"it has more than {MOST_PASSAGES} passages", "split it into several files"
                )
            passages.append(
                Passage(
                    key=_unique(section.key, used, taken),
                    kind=section.kind,
                    title=section.title,
                    text=written(blocks),
                    spoken=said,
                    questions=() if part else section.questions,  # two that are asked for alike would both be in doubt
                )
            )
    if not passages:
        raise UnreadableSource(
            name, "there is no text in it that could be said", "leave it out, or write answers into it"
        )
    return tuple(passages)


def _unique(key: str, used: Counter[str], taken: Counter[str]) -> str:
    """The key itself the first time, then with -2, -3 …, past those that other headings have by themselves."""
    used[key] += 1
    while used[key] > 1 and f"{key}-{used[key]}" in taken:
        used[key] += 1
    return key if used[key] == 1 else f"{key}-{used[key]}"


def _sections(pieces: Sequence[AnyPiece], title: str, kind: PassageKind) -> list[Section]:
    pieces = pieces if any(isinstance(piece, (Heading, Pair)) for piece in pieces) else _headed_by_questions(pieces)
    has_headings = any(isinstance(piece, (Heading, Pair)) for piece in pieces)
    current = Section(title, key_of(title), kind)
    sections = [current]
    above: dict[int, str] = {}
    for piece in pieces:
        match piece:
            case Heading(level, text) if len(text) <= LONGEST_TITLE_CHARS:
                above = {at: words for at, words in above.items() if at < level} | {level: text}
                current = Section(text, key_of(text), kind, questions=_in_context(above, level))
                sections.append(current)
            case Heading(_, text):
                current.blocks.append(Paragraph(text))
            case Pair(question, blocks):
                asked = one_line(question)[:LONGEST_TITLE_CHARS]
                sections.append(Section(asked, key_of(asked), kind, list(blocks)))
            case Paragraph(text) if has_headings and (asked_so := also_asked(text)):
                current.questions += asked_so
            case Paragraph(text) if not has_headings:
                current = Section(
                    title, key_of(" ".join(text[:LONGEST_TITLE_CHARS].split()[:_WORDS_OF_KEY])), kind, [piece]
                )
                sections.append(current)
            case _:
                current.blocks.append(piece)
    return sections


def also_asked(text: str) -> tuple[str, ...]:
    """The questions of a line "Also asked: … | …"; none of any other text."""
    marked = _ALSO_ASKED.match(text)
    ways = one_line(text[marked.end() :]).split("|") if marked else []
    return tuple(way.strip()[:_LONGEST_QUESTION_CHARS] for way in ways if way.strip())[:MOST_QUESTIONS]


def _headed_by_questions(pieces: Sequence[AnyPiece]) -> list[AnyPiece]:
    """In text without headings a question that stands alone heads what follows it."""
    return [
        Heading(QUESTION_LEVEL, piece.text) if isinstance(piece, Paragraph) and is_question(piece.text) else piece
        for piece in pieces
    ]


def is_question(text: str) -> bool:
    """Whether a paragraph is one question and nothing else."""
    return text.endswith("?") and len(text) <= _LONGEST_QUESTION_CHARS and len(sentences(text)) == 1


def _in_context(above: dict[int, str], level: int) -> tuple[str, ...]:
    """A heading below another's, with that one's words: "Crowns: Price". A question needs none."""
    upper = [at for at in above if 1 < at < level]
    if not upper or level == QUESTION_LEVEL or above[level].endswith("?"):
        return ()
    return (f"{above[max(upper)].rstrip(':')}: {above[level]}",)


def _cut(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks in groups of at most LONGEST_TEXT_CHARS."""
    if len(written(blocks)) <= LONGEST_TEXT_CHARS:
        yield list(blocks)
        return
    group: list[Block] = []
    chars = 0
    for unit in _units(blocks):
        more = len(written(unit)) + 2  # and the empty line before it
        if group and chars + more > LONGEST_TEXT_CHARS:
            yield group
            group, chars = [], 0
        group.extend(unit)
        chars += more
    yield group


def _units(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """What may be parted from each other, none of more than LONGEST_TEXT_CHARS; what announces a list stays with it."""
    intro: list[Block] = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if isinstance(block, Paragraph) and block.text.endswith(":") and isinstance(following, (Listing, Table)):
            *before, last = parts_of(block, LONGEST_TEXT_CHARS // 2)
            yield from ([part] for part in before)
            intro = [last]
            continue
        for part in parts_of(block, LONGEST_TEXT_CHARS - len(written(intro)) - 2):
            yield [*intro, part]
            intro = []
