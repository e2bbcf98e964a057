"""A block that is too long for one passage, in parts."""

from __future__ import annotations

import textwrap
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
            return _parts_of_table(rows, headed, longest)


def _parts_of_table(rows: Sequence[tuple[str, ...]], headed: bool, longest: int) -> list[Block]:
    head = rows[:1] if headed else ()
    parts: list[Block] = []
    body: list[tuple[str, ...]] = []
    for row in rows[len(head) :]:
        alone = Table((*head, row), headed)
        if len(written([alone])) > longest:  # a row of sentences is no row
            parts.extend([Table((*head, *body), headed)] if body else [])
            parts.extend(parts_of(Paragraph(" ".join(row)), longest))
            body = []
            continue
        if body and len(written([Table((*head, *body, row), headed)])) > longest:
            parts.append(Table((*head, *body), headed))
            body = []
        body.append(row)
    return [*parts, *([Table((*head, *body), headed)] if body else [])]


def _bounded(pieces: Sequence[str], longest: int) -> Iterator[str]:
    for piece in pieces:
        yield from [piece] if len(piece) <= longest else textwrap.wrap(piece, longest)


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
