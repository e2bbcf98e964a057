"""Run as a program of its own: a PDF on standard input, its lines as JSON on standard output.

PDFium is C++ that reads what strangers made: a broken file may end the process, and a small one may unfold to
gigabytes. So it runs where it may: with bounds on memory and processor time, and nothing else in the process.

Output, a line each: {"pages": n}, then for each page [[text, top, bottom, size, is_bold], …], in points, top and bottom
from the page's lower edge; or {"wrong": why}. A line that ends in a hyphen is given in one with the next, "\ufffe"
standing for the hyphen.
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
from typing import Any

#: Of address space; a thousand pages take a quarter of it.
MOST_MEMORY_BYTES = 1 << 29
#: A thousand pages of dense text take about one.
MOST_PROCESSOR_S = 60
MOST_PAGES = 2_000
#: Five times a page set as tightly as can be read.
MOST_CHARACTERS_A_PAGE = 30_000
_BOLD = (b"bold", b"black", b"heavy", b"semibold", b"demi")


def main() -> int:
    """Read standard input; the exit status is 0 whenever something was said about it."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_PROCESSOR_S, MOST_PROCESSOR_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2  # after the bounds are set: its loading counts too

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        count = len(document)
        if count > MOST_PAGES:
            return _say({"wrong": "pages"})
        _say({"pages": count})
        for number in range(count):
            page = document[number]
            _say(_lines(page))
            page.close()
    except pypdfium2.PdfiumError as error:
        return _say({"wrong": "password" if "password" in str(error).lower() else "broken"})
    except MemoryError:
        return _say({"wrong": "memory"})
    return 0


def _say(what: Any) -> int:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
    return 0


def _lines(page: Any) -> list[tuple[str, float, float, float, bool]]:
    text_page = page.get_textpage()
    text = text_page.get_text_range(0, min(text_page.count_chars(), MOST_CHARACTERS_A_PAGE))
    lines, begin = [], 0
    for line in text.split("\r\n"):
        words = line.strip()
        if words:
            first = begin + len(line) - len(line.lstrip())
            last = begin + len(line.rstrip()) - 1
            top, first_bottom = _extent(text_page, first)
            _, bottom = _extent(text_page, last)
            is_bold = _is_bold(text_page, first) and _is_bold(text_page, last)
            lines.append((words, top, bottom, round(top - first_bottom, 1), is_bold))
        begin += len(line) + 2
    text_page.close()
    return lines


def _extent(text_page: Any, index: int) -> tuple[float, float]:
    """Where a character's line begins and ends: its font's height on the page, whatever its own."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(text_page, index, box):
        return 0.0, 0.0
    return round(box.top, 1), round(box.bottom, 1)


def _is_bold(text_page: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text_page, index, name, len(name), ctypes.c_int())
    return any(word in name.value.lower() for word in _BOLD)


if __name__ == "__main__":
    sys.exit(main())
