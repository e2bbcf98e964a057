"""Markdown, and plain text, which is Markdown without marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.blocks import Block, Listing, Paragraph, Table
from kb.passages import Passage, PassageKind
from kb.reading.faults import UnreadableSource
from kb.reading.outline import BREAK, AnyPiece, Heading, bold_question, link_words, one_line, pieces_of
from kb.reading.sections import passages_of

#: Emphasis and links are looked for in paragraphs up to this; the parser's time grows with their length squared.
_LONGEST_INLINE_CHARS = 10_000
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<fields>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^(?P<field>[A-Za-z_]+)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*$", re.MULTILINE)
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z][^<>]{0,1000}>", re.DOTALL)

_blocks = MarkdownIt("commonmark").enable("table")
_blocks.core.ruler.enableOnly(["normalize", "block"])
_inline = MarkdownIt("commonmark").enable("strikethrough")


def read_markdown(name: str, text: str, *, title: str) -> tuple[Passage, ...]:
    """The passages of a Markdown text.

    Args:
        title: of the text if it has no heading of the first level.
    Raises:
        UnreadableSource: an unknown kind in its front matter, nothing in it, or too much.
    """
    kind = PassageKind.FAQ
    if front := _FRONT_MATTER.match(text):
        kind = _kind(name, dict(_FIELD.findall(front["fields"])))
        text = text[front.end() :]
    pieces = outline_of(text)
    title = next((piece.text for piece in pieces if isinstance(piece, Heading) and piece.level == 1), title)
    return passages_of(name, pieces, title=title, kind=kind)


def kind_named(name: str, word: str, where: str) -> PassageKind:
    """The kind a source gives for its passages.

    Raises:
        UnreadableSource: there is no such kind.
    """
    try:
        return PassageKind(word.strip().strip("\"'").lower())
    except ValueError:
        kinds = ", ".join(kind.value for kind in PassageKind)
        raise UnreadableSource(name, f"{where} names the kind {word!r}", f"use one of {kinds}") from None


def _kind(name: str, fields: dict[str, str]) -> PassageKind:
    return kind_named(name, fields["kind"], "its front matter") if "kind" in fields else PassageKind.FAQ


def outline_of(text: str) -> list[AnyPiece]:
    """The headings of a Markdown text and what stands under them."""
    env: dict[str, Any] = {}
    return list(_Reader(_blocks.parse(text, env), env).pieces())


class _Reader:
    """Walks the parser's tokens once, from first to last."""

    def __init__(self, tokens: Sequence[Token], env: dict[str, Any]) -> None:
        self._tokens = tokens
        self._env = env  # the targets of links, which the inline parser needs
        self._at = 0

    def pieces(self) -> Iterator[AnyPiece]:
        while self._at < len(self._tokens):
            token = self._next()
            match token.type:
                case "heading_open":
                    words = self._line(self._next()).rstrip(": ")
                    if words:
                        yield Heading(int(token.tag[1:]), words)
                case "inline":
                    yield from pieces_of(self._words(token))
                case "bullet_list_open" | "ordered_list_open":
                    yield from self._listing(token.type.replace("_open", "_close"))
                case "table_open":
                    yield self._table()
                case "html_block" | "fence" | "code_block":
                    yield from pieces_of(_TAG.sub(" ", token.content))

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _listing(self, end: str) -> Iterator[AnyPiece]:
        """The items, or the questions and answers they are."""
        items: list[str] = []
        is_new, level = True, self._tokens[self._at - 1].level
        while (token := self._next()).type != end or token.level != level:
            if token.type == "list_item_open":
                is_new = True
            elif token.type in ("inline", "fence", "code_block"):
                words = self._words(token) if token.type == "inline" else token.content
                if is_new or not items:
                    items.append(words)
                else:
                    items[-1] = f"{items[-1]}\n{words}"
                is_new = False
        pieces = [pieces_of(item) for item in items]
        if any(isinstance(piece, Heading) for item in pieces for piece in item):
            yield from (piece for item in pieces for piece in item)
        elif words_of := [one_line(" ".join(_texts(item))) for item in pieces if item]:
            yield Listing(tuple(words_of))

    def _table(self) -> Block:
        rows: list[tuple[str, ...]] = []
        cells: list[str] = []
        while (token := self._next()).type != "table_close":
            if token.type == "inline":
                cells.append(self._line(token))
            elif token.type == "tr_close":
                rows.append(tuple(cells))
                cells = []
        return Table(tuple(rows), headed=any(rows[0]))

    def _words(self, token: Token) -> str:
        """An inline token's text, without markup, struck-out words, pictures and tags."""
        if len(token.content) > _LONGEST_INLINE_CHARS:
            return token.content
        children = self._children(token)
        if children and children[0].type == "strong_open":
            end = next(i for i, child in enumerate(children) if child.type == "strong_close")
            if marked := bold_question(_plain(children[:end]), _plain(children[end:])):
                return marked
        return _plain(children)

    def _line(self, token: Token) -> str:
        return one_line(_plain(self._children(token)).replace(BREAK, " "))

    def _children(self, token: Token) -> Sequence[Token]:
        (inline,) = _inline.parseInline(token.content[:_LONGEST_INLINE_CHARS], self._env)
        return [child for child in inline.children or [] if child.type != "text" or child.content]


def _texts(pieces: Sequence[Heading | Paragraph]) -> Iterator[str]:
    return (piece.text for piece in pieces)


def _plain(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    struck, link_begins = 0, 0
    for token in tokens:
        match token.type:
            case "s_open" | "s_close":
                struck += token.nesting
            case _ if struck:
                continue
            case "text" | "code_inline":
                parts.append(token.content)
            case "softbreak":
                parts.append("\n")
            case "hardbreak":
                parts.append(BREAK)
            case "html_inline" if token.content.lower().startswith("<br"):
                parts.append(BREAK)
            case "link_open":
                link_begins = len(parts)
            case "link_close":
                parts[link_begins:] = [link_words("".join(parts[link_begins:]))]
    return "".join(parts)
