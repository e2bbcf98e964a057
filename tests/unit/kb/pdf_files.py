"""The PDFs of tests/data/kb, and the means to write others: `python -m tests.unit.kb.pdf_files` writes them anew."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path("tests/data/kb")
PLAIN, BOLD = 0, 1
#: Points from the page's left and lower edge, the font, its size, the words.
Text = tuple[float, float, int, float, str]
_FONTS = ("Helvetica", "Helvetica-Bold")
_PASSWORD_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_FIRST_FONT = 3


def pdf(pages: Sequence[Sequence[Text]], password: bytes | None = None) -> bytes:
    """A PDF with text on its pages; with a password it is encrypted as the first version of the format allows."""
    return assembled([content(page) for page in pages], password)


def content(texts: Sequence[Text]) -> bytes:
    """A page's content: each text set by itself."""
    lines = []
    for x, y, font, size, words in texts:
        escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        lines.append(f"BT /F{font} {size} Tf {x} {y} Td ({escaped}) Tj ET")
    return "\n".join(lines).encode("cp1252")


def assembled(contents: Sequence[bytes], password: bytes | None = None, filters: bytes = b"") -> bytes:
    """Contents of pages as a PDF; `filters` is what they were packed with, as the format names it."""
    key, encryption = _encryption(password) if password else (b"", b"")
    kids = [5 + 2 * at for at in range(len(contents))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)),
        *(b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % f.encode() for f in _FONTS),
    ]
    for kid, data in zip(kids, contents, strict=True):
        packed = _rc4(hashlib.md5(key + (kid + 1).to_bytes(3, "little") + b"\0\0").digest()[:10], data) if key else data
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F0 3 0 R /F1 4 0 R >> >> >>" % (kid + 1)
        )
        objects.append(b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(packed), filters, packed))
    return _written(objects, encryption)


def _written(objects: Sequence[bytes], encryption: bytes) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R /ID [<00><00>] %s>>\n" % (len(objects) + 1, encryption)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def _encryption(password: bytes) -> tuple[bytes, bytes]:
    """The key of 40 bits, and the dictionary that says so (PDF 1.7, 7.6.3)."""
    padded = (password + _PASSWORD_PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    permissions = (-4 & 0xFFFFFFFF).to_bytes(4, "little")
    key = hashlib.md5(padded + owner + permissions + b"\0").digest()[:5]
    user = _rc4(key, _PASSWORD_PAD)
    stated = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> "
    return key, stated % (owner.hex().encode(), user.hex().encode())


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def lines(texts: Sequence[str], *, top: float = 720, size: float = 11, leading: float = 14) -> list[Text]:
    """Lines below each other; an empty one is the space between two paragraphs."""
    return [(72, top - at * leading, PLAIN, size, words) for at, words in enumerate(texts) if words]


def guide() -> bytes:
    """Three pages as a word processor sets them: headings, running lines, a hyphen, a sentence over a page's end."""
    pages = [
        [
            (72, 700, BOLD, 22, "Guide for our customers"),
            (72, 660, BOLD, 15, "How long does a repair take?"),
            *lines(
                [
                    "Most repairs are done on the same day. For a trans-",
                    "mission we need three to five days, and we call you",
                    "as soon as we know more.",
                    "",
                    "A follow-up visit is free. Book the follow-",
                    "up visit at the counter (it takes 20 minutes).",
                ],
                top=640,
            ),
            (72, 540, BOLD, 15, "What we do not repair"),
            *lines(["We do not repair:", "\u2022 motorcycles", "\u2022 boats", "\u2022 trailers"], top=520),
            (72, 450, BOLD, 15, "Warranty"),
            *lines(
                [
                    "Parts and labor are covered for 24 months or 24,000",
                    "miles, whichever comes first, if you have kept",
                ],
                top=430,
            ),
        ],
        [
            *lines(["the invoice."], top=700),
            (72, 660, BOLD, 11, "Parts you brought yourself"),
            *lines(["We fit them, but the warranty does not cover them."], top=644),
        ],
        [
            (72, 700, BOLD, 15, "Opening hours"),
            *lines(["Monday to Friday from 7:30 a.m. to 6 p.m., Saturday from", "8 a.m. to noon."], top=680),
        ],
    ]
    running = [[(72, 760, PLAIN, 9, "Bayview Auto Repair"), (280, 40, PLAIN, 9, f"Page {n} of 3")] for n in range(1, 4)]
    return pdf([[header, *page, footer] for page, (header, footer) in zip(pages, running, strict=True)])


def scanned() -> bytes:
    """Two pages with a grey box and no text."""
    return assembled([b"0.5 g 72 72 468 648 re f"] * 2)


def unfolding(size_bytes: int) -> bytes:
    """A file of a few kilobytes whose one page unfolds to so many bytes."""
    packer = zlib.compressobj(9)
    block = b" " * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(size_bytes // len(block))) + packer.flush()
    return assembled([zlib.compress(packed, 9)], filters=b"/Filter [/FlateDecode /FlateDecode] ")


FILES = {
    "guide.pdf": guide,
    "scanned.pdf": scanned,
    "encrypted.pdf": lambda: pdf([lines(["Do you take walk-ins?", "Yes, in the morning."])], password=b"secret"),
    "truncated.pdf": lambda: guide()[: len(guide()) * 2 // 3],
}


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / name).write_bytes(make())
