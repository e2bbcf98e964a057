"""What lines on pages say of an outline: which are headings, which belong together, which every page has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from kb.blocks import Listing, Paragraph
from kb.reading.outline import QUESTION_LEVEL, AnyPiece, Heading, pieces_of
from kb.reading.sections import is_question

#: How a line that ends in a hyphen is joined to the next in what the child gives.
HYPHEN = "\ufffe"
#: Lines at the edges of a page that may be its header or footer.
_EDGE_LINES = 2
_FEWEST_PAGES_WITH_HEADERS = 3
_LARGER = 1.15
_LINES_OF_TITLE = 3
_LONGEST_HEADING_CHARS = 110
_LONGEST_NUMBERED_CHARS = 60
#: Of a line's height, beyond the usual distance: more is a new paragraph.
_PARAGRAPH_GAP = 0.35
_BULLET = re.compile(r"(?:[•●▪◦‣∙*–-]|\(?[0-9]{1,2}[.)]|[a-z]\))\s+(?=\S)")
_NUMBERED = re.compile(r"(?:[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]?|[A-Z]\.)\s+(?P<words>[A-Z][^.!]*)")
_PAGE_NUMBER = re.compile(r"(?i)(?:page\s*)?[-–]?\s*[0-9]{1,4}\s*[-–]?(?:\s*(?:of|/)\s*[0-9]{1,4})?")
_MARKED = re.compile(r"(?:Q|A|Question|Answer)(?: ?[0-9]{1,3})?[:.)]\s")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page; distances in points from its lower edge.

    Attributes:
        size: the height of its font.
    """

    text: str
    top: float
    bottom: float
    size: float
    is_bold: bool


def outline_of(pages: Sequence[Sequence[Line]]) -> list[AnyPiece]:
    """The headings of a PDF, as far as they can be told, and what stands under them."""
    pages = _without_running_lines(pages)
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    style = _Style(lines, _usual_gap(pages))
    mend = _Mender(lines)
    pieces: list[AnyPiece] = []
    groups = list(_paragraphs(pages, style))
    for group, following in zip_longest(groups, groups[1:]):
        if not style.has_headings and (title := _numbered_heading(group, following)):
            pieces.append(Heading(2, title))
        else:
            pieces.extend(_pieces(group, style, mend))
    return _joined_over_pages(pieces)


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without page numbers, and without what stands at the edge of most of them, unless it heads a text."""
    sizes = Counter(line.size for page in pages for line in page)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    edges = Counter(key for page in pages for key in {_key(page[at]) for at in _edges(page)})
    enough = max(_FEWEST_PAGES_WITH_HEADERS, len(pages) // 2 + 1)
    kept = []
    for page in pages:
        at_edge = set(_edges(page))
        kept.append(
            [
                line
                for at, line in enumerate(page)
                if at not in at_edge
                or line.size > usual
                or line.text.endswith("?")
                or not (edges[_key(line)] >= enough or _PAGE_NUMBER.fullmatch(line.text))
            ]
        )
    return kept


def _edges(page: Sequence[Line]) -> list[int]:
    by_height = sorted(range(len(page)), key=lambda at: page[at].top)
    return [*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]]


def _key(line: Line) -> tuple[str, int]:
    """What a running line has in common on all pages: its words, whatever number is in them, and its place."""
    return re.sub(r"[0-9]+", "#", line.text), round(line.top)


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """Between two lines of one paragraph, as a part of their height."""
    gaps = [
        (upper.bottom - lower.top) / upper.size
        for page in pages
        for upper, lower in pairwise(page)
        if upper.size and upper.size == lower.size and -0.5 < (upper.bottom - lower.top) / upper.size < 1
    ]
    return sorted(gaps)[len(gaps) // 4] if gaps else 0.0


class _Style:
    """What is usual in a document: its body's size and weight, and the distance of its lines."""

    def __init__(self, lines: Sequence[Line], gap: float) -> None:
        sizes: Counter[tuple[float, bool]] = Counter()
        for line in lines:
            sizes[line.size, line.is_bold] += len(line.text)
        (self.size, self.is_bold), _ = sizes.most_common(1)[0]
        self.gap = gap
        self.has_headings = any(self.stands_out(line) for line in lines)
        largest = max(line.size for line in lines)
        is_title = self.is_larger(lines[0]) and all(line.size < largest for line in lines[_LINES_OF_TITLE:])
        #: The largest font, if only lines at the very beginning are set in it.
        self.title_size = largest if is_title else None

    def is_larger(self, line: Line) -> bool:
        return line.size >= _LARGER * self.size

    def stands_out(self, line: Line) -> bool:
        """Whether a line is set as a heading is."""
        if len(line.text) > _LONGEST_HEADING_CHARS or line.text.endswith((",", ";")) or _BULLET.match(line.text):
            return False
        return self.is_larger(line) or (line.is_bold and not self.is_bold and not line.text.endswith("."))

    def level(self, line: Line) -> int:
        if line.size == self.title_size:
            return 1
        return 2 if self.is_larger(line) else 3


def _paragraphs(pages: Sequence[Sequence[Line]], style: _Style) -> Iterator[list[Line]]:
    group: list[Line] = []
    for page in pages:
        for at, line in enumerate(page):
            if group and (at == 0 or _begins(group[-1], line, style)):
                yield group
                group = []
            group.append(line)
    if group:
        yield group


def _begins(above: Line, line: Line, style: _Style) -> bool:
    if above.size != line.size or style.stands_out(above) != style.stands_out(line):
        return True
    if _BULLET.match(line.text) or _MARKED.match(line.text):
        return True
    gap = (above.bottom - line.top) / (line.size or 1)
    return gap > style.gap + _PARAGRAPH_GAP or gap < -2  # far below, or at the top of another column


def _pieces(group: Sequence[Line], style: _Style, mend: _Mender) -> Iterator[AnyPiece]:
    text = mend.joined([line.text for line in group])
    if style.stands_out(group[0]) and len(text) <= _LONGEST_HEADING_CHARS:
        yield Heading(style.level(group[0]), text.rstrip(": "))
        return
    if bullet := _BULLET.match(text):
        yield Listing((text[bullet.end() :],))
        return
    if not style.has_headings:
        question, answer = _leading_question(group, mend)
        if question:
            yield Heading(QUESTION_LEVEL, question)
            text = answer
    if text:
        yield from pieces_of(text)


def _numbered_heading(group: Sequence[Line], following: Sequence[Line] | None) -> str:
    """What a numbered line says that stands alone over a text; one that another follows is an item of a list."""
    text = group[0].text
    if len(group) > 1 or following is None or _BULLET.match(following[0].text) or len(text) > _LONGEST_NUMBERED_CHARS:
        return ""
    numbered = _NUMBERED.fullmatch(text)
    return numbered["words"] if numbered else ""


def _leading_question(group: Sequence[Line], mend: _Mender) -> tuple[str, str]:
    """The question of one or two whole lines that a paragraph begins with, and the rest of it."""
    for count in (1, 2):
        lines = [line.text for line in group]
        question = mend.joined(lines[:count])
        if len(lines) >= count and not _MARKED.match(question) and is_question(question):
            return question, mend.joined(lines[count:])
    return "", mend.joined([line.text for line in group])


class _Mender:
    """Joins lines, and words that were parted at their end, as the rest of the document writes them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words = Counter(word.lower() for line in lines for word in re.findall(r"[\w'-]+", line.text))

    def joined(self, lines: Sequence[str]) -> str:
        text = re.sub(r"[-\u00ad]\n(?=[a-z])", HYPHEN, "\n".join(lines)).replace("\n", " ")
        return re.sub(rf"(\w+){HYPHEN}\s*(\w+)", self._word, text).replace(HYPHEN, "-").strip()

    def _word(self, match: re.Match[str]) -> str:
        left, right = match[1], match[2]
        compound = self._words[f"{left}-{right}".lower()] > self._words[f"{left}{right}".lower()]
        return f"{left}-{right}" if compound or right[:1].isupper() or right[:1].isdigit() else f"{left}{right}"


def _joined_over_pages(pieces: Sequence[AnyPiece]) -> list[AnyPiece]:
    """Items that follow each other as one list, and a paragraph that a page's end has cut in two as one."""
    joined: list[AnyPiece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Listing) and isinstance(last, Listing):
            joined[-1] = Listing((*last.items, *piece.items))
        elif isinstance(piece, Paragraph) and isinstance(last, Paragraph) and piece.text[:1].islower():
            if last.text.endswith((".", "!", "?", ":")):
                joined.append(piece)
            else:
                joined[-1] = Paragraph(f"{last.text} {piece.text}")
        else:
            joined.append(piece)
    return joined
