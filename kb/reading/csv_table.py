"""A table of questions and answers, as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.blocks import Block, Paragraph
from kb.passages import Passage, PassageKind, key_of
from kb.reading.faults import UnreadableSource
from kb.reading.markdown import kind_named
from kb.reading.outline import one_line
from kb.reading.sections import LONGEST_TITLE_CHARS, Section, passages_of_sections

_COLUMNS = ("question", "answer", "kind", "title", "questions")
_DELIMITERS = (",", ";", "\t")
_REMEDY = "its first row must name the columns question and answer, and may name kind, title and questions"


def read_csv(name: str, text: str) -> tuple[Passage, ...]:
    """The passages of a table with the columns question and answer, and maybe kind, title and questions (between "|").

    Raises:
        UnreadableSource: it lacks a column, a row is broken or lacks an answer, nothing is in it, or too much.
    """
    return passages_of_sections(name, list(_sections(name, text)))


def _sections(name: str, text: str) -> Iterator[Section]:
    for number, row in _rows(name, text):
        question, answer = one_line(row["question"]), row["answer"].strip()
        title = one_line(row.get("title", "")) or question
        if not title and not answer:
            continue
        if not title or not answer:
            lacks = "answer" if title else "question"
            raise UnreadableSource(name, f"row {number} has no {lacks}", "complete or delete the row")
        if len(title) > LONGEST_TITLE_CHARS:
            wrong = f"the question in row {number} has more than {LONGEST_TITLE_CHARS} characters"
            raise UnreadableSource(name, wrong, "shorten it, or check that no quotation mark is missing")
        others = [one_line(other) for other in row.get("questions", "").split("|")]
        yield Section(
            title=title,
            key=key_of(title),
            kind=kind_named(name, row["kind"], f"row {number}") if row.get("kind", "").strip() else PassageKind.FAQ,
            blocks=_paragraphs(answer),
            questions=tuple(dict.fromkeys(other for other in [question, *others] if other and other != title)),
        )


def _paragraphs(answer: str) -> list[Block]:
    lines = [one_line(line) for line in answer.splitlines()]
    return [Paragraph(part.strip()) for part in "\n".join(lines).split("\n\n") if part.strip()]


def _rows(name: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by its columns' names, with its number as a spreadsheet counts (the header is 1)."""
    try:
        delimiter, header = _header(name, text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        next(reader)
        for number, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                wrong = f"row {number} has more cells than the header"
                raise UnreadableSource(name, wrong, "put quotation marks around an answer that has a comma in it")
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield number, {column: cell for column, cell in zip(header, padded, strict=False) if column in _COLUMNS}
    except csv.Error as error:
        raise UnreadableSource(name, f"it is not a well-formed table ({error})", "save it as CSV once more") from None


def _header(name: str, text: str) -> tuple[str, list[str]]:
    for delimiter in _DELIMITERS:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        header = [one_line(cell).lower() for cell in cells]
        if {"question", "answer"} <= set(header):
            return delimiter, header
    raise UnreadableSource(name, "there is no column question or no column answer", _REMEDY)
