"""A block that is too long for one passage, in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.blocks import Block, Listing, Paragraph, Table, written
from kb.sentences import sentences


def parts_of(block: Block, longest: int) -> list[Block]:
    """The block in parts of at most `longest` characters: between sentences, items or rows, else between words."""
    if len(written([block])) <= longest:
        return [block]
    match block:
        case Paragraph(text):
            pieces = [piece for line in text.split("\n") for piece in sentences(line)]
            return [Paragraph(" ".join(group)) for group in _groups(_bounded(pieces, longest), longest)]
        case Listing(items):
            return [Listing(tuple(group)) for group in _groups(_bounded(items, longest), longest)]
        case Table(rows, headed):
            return list(_parts_of_table(rows, headed, longest))


def _parts_of_table(rows: Sequence[tuple[str, ...]], headed: bool, longest: int) -> Iterator[Block]:
    head = rows[:1] if headed else ()
    body: list[tuple[str, ...]] = []
    chars = 0
    for row in rows[len(head) :]:
        more = len(written([Table((*head, row), headed)])) + 1
        if body and (chars + more > longest or more > longest):
            yield Table((*head, *body), headed)
            body, chars = [], 0
        if more > longest:  # a row of sentences is no row
            yield from parts_of(Paragraph(" ".join(row)), longest)
        else:
            body.append(row)
            chars += more
    if body:
        yield Table((*head, *body), headed)


def _bounded(pieces: Sequence[str], longest: int) -> Iterator[str]:
    for piece in pieces:
        if len(piece) <= longest:
            yield piece
        else:  # a sentence without an end: between words, and a word without an end wherever it is full
            words = (word[at : at + longest] for word in piece.split() for at in range(0, len(word), longest))
            yield from (" ".join(group) for group in _groups(words, longest))


def _groups(pieces: Iterator[str], longest: int) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for piece in pieces:
        if group and size + 1 + len(piece) > longest:
            yield group
            group, size = [], 0
        size += len(piece) + (1 if group else 0)
        group.append(piece)
    if group:
        yield group
