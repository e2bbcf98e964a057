"""A web page: its main content by headings, its questions and answers, its tables as sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.blocks import Block, Listing, Paragraph, Table
from kb.passages import Passage, PassageKind, key_of
from kb.reading.faults import UnreadableSource
from kb.reading.html_faq import faq_of
from kb.reading.html_page import Element, is_furniture, main_content, parse, text_chars
from kb.reading.outline import (
    BREAK,
    QUESTION_LEVEL,
    AnyPiece,
    Heading,
    Pair,
    bold_question,
    link_words,
    one_line,
    pieces_of,
)
from kb.reading.sections import passages_of

_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins",
        "kbd", "label", "mark", "nobr", "output", "q", "rp", "rt", "ruby", "samp", "small", "span", "strong", "sub",
        "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
_HEADING = re.compile("h[1-6]")
_HAS_BLOCKS = ".//h1|.//h2|.//h3|.//h4|.//h5|.//h6|.//details|.//dl|.//table"
#: A description of more is an answer; a shorter one is a value ("Monday": "9-5").
_LONGEST_VALUE_CHARS = 40
#: White space between tags, before a paragraph's first word.
_MOST_BLANKS = 8
_SITE_NAME = re.compile(r"\s+[|–—·»-]\s+.*$")


def read_html(name: str, html: str, *, title: str) -> tuple[Passage, ...]:
    """The passages of a page.

    Args:
        title: of the page if it states none.
    Raises:
        UnreadableSource: nothing is in it, or too much.
    """
    root = parse(name, html)
    if root is None:
        raise UnreadableSource(name, "the page is empty", "leave it out, or save it again from a browser")
    pairs = faq_of(name, root, blocks_of)
    pieces = _with_faq(outline_of(root), pairs)
    return passages_of(name, pieces, title=_title(root, pieces, title), kind=PassageKind.FAQ)


def _title(root: Element, pieces: Sequence[AnyPiece], title: str) -> str:
    for piece in pieces:
        if isinstance(piece, Heading) and piece.level == 1:
            return piece.text
    stated = one_line(root.findtext(".//title") or "")
    return _SITE_NAME.sub("", stated) or title


def outline_of(root: Element) -> list[AnyPiece]:
    """The headings of a page's main content and what stands under them."""
    content = main_content(root)
    reader = _Reader(text_chars(content))
    for element in content:
        reader.walk(element)
        reader.flush()
    return reader.pieces


def blocks_of(element: Element) -> tuple[Block, ...]:
    """What is in one element, its headings as paragraphs."""
    reader = _Reader(text_chars([element]))
    reader.walk(element)
    reader.flush()
    blocks: list[Block] = []
    for piece in reader.pieces:
        match piece:
            case Heading(_, text):
                blocks.append(Paragraph(text))
            case Pair(question, answer):
                blocks.extend((Paragraph(question), *answer))
            case _:
                blocks.append(piece)
    return tuple(blocks)


def _with_faq(pieces: list[AnyPiece], pairs: Sequence[Pair]) -> list[AnyPiece]:
    """The page with what its data for search engines says too; a question that is seen on the page stays as it is."""
    asked = {key_of(pair.question) for pair in pairs}
    pieces = [
        Heading(QUESTION_LEVEL, piece.text) if isinstance(piece, Paragraph) and key_of(piece.text) in asked else piece
        for piece in pieces
    ]
    seen = {key_of(piece.text) for piece in pieces if isinstance(piece, Heading)}
    seen |= {key_of(piece.question) for piece in pieces if isinstance(piece, Pair)}
    return [*pieces, *(pair for pair in pairs if key_of(pair.question) not in seen)]


class _Reader:
    """Collects pieces while it walks; text gathers until the end of the block it is in.

    The tree is at most 256 deep (`html_page.parse`), so walking it by recursion is bounded.
    """

    def __init__(self, page_chars: int) -> None:
        self.pieces: list[AnyPiece] = []
        self._page_chars = page_chars
        self._words: list[str] = []
        self._bold = ""

    def walk(self, element: Element) -> None:
        """Read what is in an element."""
        self._add(element.text)
        for child in element:
            if not is_furniture(child, self._page_chars):
                self._child(child)
            self._add(child.tail)

    def flush(self) -> None:
        """End the paragraph that is being gathered."""
        words, bold = "".join(self._words), self._bold
        self._words, self._bold = [], ""
        if bold:
            rest = words.lstrip().removeprefix(bold)
            words = bold_question(bold, rest) or words
        self.pieces.extend(pieces_of(words))

    def _add(self, text: str | None) -> None:
        if text:
            self._words.append(re.sub(r"\s+", " ", text))

    def _child(self, element: Element) -> None:
        tag = element.tag
        if tag == "br":
            self._words.append(BREAK)
        elif tag in _INLINE and not element.xpath(_HAS_BLOCKS):
            self._inline(element)
        elif tag == "button":
            self._accordion(element)
        else:
            self.flush()
            self._block(element)
            self.flush()

    def _inline(self, element: Element) -> None:
        words = self._text(element)
        if element.tag in ("b", "strong") and not any(map(str.strip, self._words[:_MOST_BLANKS])):
            self._words.append(words)
            self._bold = words.strip()
        elif element.tag == "a":
            self._words.append(link_words(words))
        elif element.tag != "sup" or not re.fullmatch(r"\W*\d+\W*", words):  # a footnote's number
            self._words.append(words)

    def _accordion(self, button: Element) -> None:
        """A button that opens an answer is its question; any other button says what it does."""
        if button.get("aria-controls") or button.get("aria-expanded"):
            self.flush()
            self.pieces.extend(_heading(QUESTION_LEVEL, self._text(button)))

    def _block(self, element: Element) -> None:
        tag = element.tag
        if _HEADING.fullmatch(tag):
            self.pieces.extend(_heading(int(tag[1]), self._text(element)))
        elif tag in ("ul", "ol") and not element.xpath(_HAS_BLOCKS):
            self._listing(element)
        elif tag == "dl":
            self._descriptions(element)
        elif tag == "details":
            self._details(element)
        elif tag == "table" and not element.xpath(_HAS_BLOCKS):
            self._table(element)
        else:
            self.walk(element)

    def _listing(self, element: Element) -> None:
        items = [self._item(item) for item in element.iter("li")]
        if any(isinstance(piece, Heading) for item in items for piece in item):
            self.pieces.extend(piece for item in items for piece in item)
        elif words := [" ".join(one_line(piece.text) for piece in item) for item in items if item]:
            self.pieces.append(Listing(tuple(words)))

    def _item(self, item: Element) -> list[Heading | Paragraph]:
        """One item without the lists in it, whose items come after it."""
        reader = _Reader(self._page_chars)
        reader._add(item.text)
        for child in item:
            if child.tag not in ("ul", "ol") and not is_furniture(child, self._page_chars):
                reader._child(child)
            reader._add(child.tail)
        reader.flush()
        return [piece for piece in reader.pieces if isinstance(piece, (Heading, Paragraph))]

    def _descriptions(self, element: Element) -> None:
        rows: list[tuple[str, ...]] = []
        term = ""
        for child in element.iter("dt", "dd"):
            if child.tag == "dt":
                term = one_line(self._text(child).replace(BREAK, " "))
                continue
            words = one_line(self._text(child).replace(BREAK, " "))
            if not term:
                self.pieces.extend(pieces_of(words))
            elif term.endswith("?") or len(words) > _LONGEST_VALUE_CHARS:
                self.pieces.append(Pair(term, blocks_of(child)))
            elif words:
                rows.append((term, words))
        if rows:
            self.pieces.append(Table(tuple(rows), headed=False))

    def _details(self, element: Element) -> None:
        summary = element.find("summary")
        if summary is None:
            self.walk(element)
            return
        question = one_line(self._text(summary).replace(BREAK, " "))
        summary.text, summary[:] = None, []
        self.pieces.append(Pair(question, blocks_of(element)))

    def _table(self, element: Element) -> None:
        rows: list[tuple[str, ...]] = []
        headed = False
        for row in element.iter("tr"):
            cells = tuple(one_line(self._text(cell).replace(BREAK, " ")) for cell in row if cell.tag in ("td", "th"))
            if not any(cells):
                continue
            if not rows:
                headed = len(cells) > 1 and all(cell.tag == "th" for cell in row if cell.tag in ("td", "th"))
            rows.append(cells)
        if rows:
            self.pieces.append(Table(tuple(rows), headed))

    def _text(self, element: Element) -> str:
        """The words in an element, on one line but for the breaks its author made."""
        parts = [element.text or ""]
        for child in element:
            if child.tag == "br":
                parts.append(BREAK)
            elif not is_furniture(child, self._page_chars):
                words = self._text(child)
                parts.append(link_words(words) if child.tag == "a" else words if child.tag in _INLINE else f" {words} ")
            parts.append(child.tail or "")
        return re.sub(r"[ \t\r\n\f\xa0]+", " ", "".join(parts))


def _heading(level: int, words: str) -> list[Heading]:
    text = one_line(words.replace(BREAK, " ")).rstrip(": ")
    return [Heading(level, text)] if text else []
