"""What an answer is written in: paragraphs, lists and tables, without markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line feed in it is a break its author meant, as in an address."""

    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Bulleted or numbered items, in order; a nested list's follow the item they belong to."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; when `headed` the first row names the columns."""

    rows: tuple[tuple[str, ...], ...]
    headed: bool


Block = Paragraph | Listing | Table


def row_sentences(table: Table) -> list[str]:
    """The rows as sentences: 'Crown is $1,200.', or with more columns 'A month: Adult is $29, Child is $19.'"""
    head, rows = (table.rows[0], table.rows[1:]) if table.headed and len(table.rows) > 1 else ((), table.rows)
    return [sentence for row in rows if (sentence := _row_sentence(head, row))]


def _row_sentence(head: Sequence[str], row: Sequence[str]) -> str:
    cells = [(head[i] if i < len(head) else "", cell) for i, cell in enumerate(row) if cell]
    if not cells:
        return ""
    (_, name), rest = cells[0], cells[1:]
    if not row[0]:  # nothing names the row
        name, rest = "", cells
    values = [f"{column} is {cell}" if column and (len(rest) > 1 or not name) else cell for column, cell in rest]
    between = "; " if any("," in cell for _, cell in cells) else ", "
    if not values:
        return _ended(name)
    if not name:
        return _ended(between.join(values))
    return _ended(f"{name} is {values[0]}" if len(values) == 1 else f"{name}: {between.join(values)}")


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def written(blocks: Sequence[Block]) -> str:
    """The blocks as plain text: an empty line between two, a line for each item of a list and row of a table."""
    return "\n\n".join(text for block in blocks if (text := _written_block(block)))


def _written_block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Listing(items):
            return "\n".join(items)
        case Table():
            return "\n".join(row_sentences(block))
