"""A file or page of a business as a source: the format by its name or media type, then its passages."""

from __future__ import annotations

import codecs
import hashlib
import re
from enum import Enum
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from kb.passages import Passage, Source
from kb.reading.csv_table import read_csv
from kb.reading.faults import UnreadableSource
from kb.reading.html import read_html
from kb.reading.markdown import read_markdown
from kb.reading.pdf import Progress, read_pdf


class Format(Enum):
    """What is read, with the largest file of it, in bytes."""

    MARKDOWN = ("Markdown", 1_000_000)
    CSV = ("CSV", 2_000_000)
    HTML = ("HTML", 3_000_000)
    PDF = ("PDF", 64_000_000)

    @property
    def most_bytes(self) -> int:
        """More is no text that a business wrote for its callers."""
        return self.value[1]


#: The endings of files that are read.
SUFFIXES = {
    ".md": Format.MARKDOWN, ".markdown": Format.MARKDOWN, ".txt": Format.MARKDOWN, ".csv": Format.CSV,
    ".tsv": Format.CSV, ".html": Format.HTML, ".htm": Format.HTML, ".xhtml": Format.HTML, ".pdf": Format.PDF,
}  # fmt: skip
_MEDIA = {
    "text/markdown": Format.MARKDOWN, "text/csv": Format.CSV, "text/tab-separated-values": Format.CSV,
    "text/html": Format.HTML, "application/xhtml+xml": Format.HTML, "application/pdf": Format.PDF,
}  # fmt: skip
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*(?P<charset>[\w-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?(?P<charset>[\w-]{1,40})", re.IGNORECASE)


def read_source(name: str, content: bytes, *, media: str | None = None, on_page: Progress | None = None) -> Source:
    """Read a source into passages. Works on the processor alone, up to a minute for a large PDF.

    Args:
        name: a path or an address; passages are cited under it, and its ending tells the format.
        content: the file's or page's bytes.
        media: the media type it was served with, if it was; with a charset if that was stated.
        on_page: told (pages read, pages in all) while a PDF is read.
    Raises:
        UnreadableSource: of an unknown kind, broken, empty, or too large; the message says what to do.
    """
    form = format_of(name, media)
    if len(content) > form.most_bytes:
        wrong = f"it has {len(content) / 1e6:.1f} MB, and {form.value[0]} is read up to {form.most_bytes / 1e6:.0f}"
        raise UnreadableSource(name, wrong, "split it into several files")
    return Source(name, hashlib.sha256(content).hexdigest(), _passages(name, content, form, media, on_page))


def format_of(name: str, media: str | None = None) -> Format:
    """The format of a source: by its media type where that says more than "text" or "bytes", else by its ending.

    Raises:
        UnreadableSource: neither is one that is read.
    """
    stated = (media or "").partition(";")[0].strip().lower()
    by_suffix = SUFFIXES.get(_path(name).suffix.lower())
    form = _MEDIA.get(stated) or by_suffix or (Format.MARKDOWN if stated == "text/plain" else None)
    if form is None:
        kind = f"the media type {stated}" if stated else f"the ending {_path(name).suffix or '(none)'}"
        raise UnreadableSource(name, f"{kind} is not read", f"use one of {' '.join(SUFFIXES)}")
    return form


def _passages(
    name: str, content: bytes, form: Format, media: str | None, on_page: Progress | None
) -> tuple[Passage, ...]:
    title = _title(name)
    match form:
        case Format.PDF:
            return read_pdf(name, content, title=title, on_page=on_page)
        case Format.HTML:
            stated = _CHARSET.search(media or "") or _DECLARED.search(content[:4096])
            charset = stated["charset"] if stated else b""
            return read_html(
                name, _text(name, content, charset if isinstance(charset, str) else charset.decode()), title=title
            )
        case Format.CSV:
            return read_csv(name, _text(name, content))
        case Format.MARKDOWN:
            return read_markdown(name, _text(name, content), title=title)


def _text(name: str, content: bytes, charset: str = "") -> str:
    """The content as text: UTF-8, else as it is declared, else what old spreadsheets write; with line feeds only."""
    for encoding in ("utf-8-sig", charset, "cp1252"):
        try:
            text = content.decode(codecs.lookup(encoding).name) if encoding else None
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        if text is not None and "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableSource(name, "it is not text", "save it as UTF-8, or check what was saved under this name")


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(name).path) if "://" in name else name)


def _title(name: str) -> str:
    """What a source is about, by its name, for text that has no heading."""
    words = re.sub(r"[-_\s]+", " ", _path(name).stem).strip() or urlsplit(name).hostname or name
    return words[:1].upper() + words[1:]
