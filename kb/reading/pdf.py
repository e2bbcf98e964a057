"""A PDF's passages; the file itself is read by a bounded process of its own (`pdf_child`)."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from kb.passages import Passage, PassageKind
from kb.reading.faults import UnreadableSource
from kb.reading.outline import Heading
from kb.reading.pdf_layout import Line, outline_of
from kb.reading.sections import passages_of

_CHILD = Path(__file__).with_name("pdf_child.py")
#: Ten thick books.
_MOST_CHARACTERS = 10_000_000
#: Readers look for the end mark in the last kilobyte; some writers add a little behind it.
_TAIL_BYTES = 2_048

#: Told the pages read so far and the pages there are.
Progress = Callable[[int, int], None]

_WRONG = {
    "password": ("it is protected with a password", "save it without one"),
    "broken": ("the PDF is broken", "save it again from the program it was made with"),
    "memory": ("it is broken, or unfolds to more than can be held", "save it again from the program it was made with"),
    "endless": ("it takes too long to read", "save it again from the program it was made with"),
    "pages": ("it has more than 2,000 pages", "split it into several files"),
    "long": ("it has more text than a knowledge base can hold", "split it into several files"),
}


def read_pdf(name: str, content: bytes, *, title: str, on_page: Progress | None = None) -> tuple[Passage, ...]:
    """The passages of a PDF's text.

    Args:
        title: of the text if it has no heading that can be told as one.
        on_page: called after each page.
    Raises:
        UnreadableSource: it is no PDF, broken, cut short, protected, without text (scanned), or too large.
    """
    if b"%PDF-" not in content[:1024]:
        raise UnreadableSource(name, "it is no PDF", "check what was saved under this name")
    if b"%%EOF" not in content[-_TAIL_BYTES:]:
        raise UnreadableSource(name, "the PDF is cut short", "copy or download it once more")
    pages = list(_pages(name, content, on_page))
    if not any(pages):
        raise UnreadableSource(name, "there is no text in it, only pictures", "give it text by OCR, or type it anew")
    pieces = outline_of(pages)
    title = next((piece.text for piece in pieces if isinstance(piece, Heading) and piece.level == 1), title)
    return passages_of(name, pieces, title=title, kind=PassageKind.FAQ)


def _pages(name: str, content: bytes, on_page: Progress | None) -> list[list[Line]]:
    # -I: neither the environment nor the working folder decides what it imports
    command = [sys.executable, "-I", str(_CHILD)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):  # it has ended, and why is in what it said
                process.stdin.write(content)
                process.stdin.close()
            pages, wrong = _received(name, process.stdout, on_page)
            if wrong is None and process.wait() == 0:
                return pages
        finally:
            process.kill()
    raise UnreadableSource(name, *_WRONG[wrong or ("endless" if process.returncode == -signal.SIGXCPU else "memory")])


def _received(name: str, pipe: IO[bytes], on_page: Progress | None) -> tuple[list[list[Line]], str | None]:
    """The pages that came, and what the process said was wrong."""
    pages: list[list[Line]] = []
    count = characters = 0
    for raw in pipe:
        said = json.loads(raw)
        if isinstance(said, dict):
            if "wrong" in said:
                return [], str(said["wrong"])
            count = said["pages"]
            continue
        pages.append([Line(*line) for line in said])
        characters += sum(len(line.text) for line in pages[-1])
        if characters > _MOST_CHARACTERS:
            return [], "long"
        if on_page is not None:
            on_page(len(pages), count)
    return pages, None
