"""Which format a source has, and what is no source."""

from __future__ import annotations

import hashlib

import pytest

from agent.domain.errors import Blame
from kb.reading import SUFFIXES, UnreadableSource, read_source
from kb.reading.source import Format, format_of


@pytest.mark.parametrize(
    ("name", "media", "form"),
    [
        ("faq.md", None, Format.MARKDOWN),
        ("a/b.c/FAQ.Markdown", None, Format.MARKDOWN),
        ("notes.txt", None, Format.MARKDOWN),
        ("faq.csv", None, Format.CSV),
        ("faq.tsv", "application/octet-stream", Format.CSV),
        ("faq.htm", None, Format.HTML),
        ("https://cedar.example/faq.pdf?version=2", None, Format.PDF),
        ("https://cedar.example/faq", "text/html; charset=utf-8", Format.HTML),
        ("https://cedar.example/", "TEXT/HTML", Format.HTML),
        ("https://cedar.example/faq.php", "text/html", Format.HTML),
        ("https://cedar.example/faq.md", "text/plain", Format.MARKDOWN),
        ("https://cedar.example/faq.csv", "text/plain", Format.CSV),
        ("https://cedar.example/faq", "text/plain", Format.MARKDOWN),
        ("https://cedar.example/download?id=7", "application/pdf", Format.PDF),
    ],
)
def test_the_format_follows_from_the_media_type_or_else_the_ending(name: str, media: str | None, form: Format) -> None:
    assert format_of(name, media) is form


@pytest.mark.parametrize(
    ("name", "media", "wrong"),
    [
        ("menu.docx", None, "the ending .docx is not read"),
        ("README", None, "the ending (none) is not read"),
        ("https://cedar.example/logo", "image/png", "the media type image/png is not read"),
    ],
)
def test_another_format_is_refused_with_those_that_are_read(name: str, media: str | None, wrong: str) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read_source(name, b"Words.", media=media)
    assert str(refused.value) == f"{name}: {wrong}; use one of {' '.join(SUFFIXES)}"
    assert (refused.value.blame, refused.value.retryable) == (Blame.CLIENT, False)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Café".encode(), "Café"),
        (b"\xef\xbb\xbfCaf\xc3\xa9", "Café"),
        (b"Caf\xe9", "Café"),
        (b"It\x92s \x80 5", "It\u2019s € 5"),
        (b"One.\r\n\r\nTwo.\rAnd three.", "One."),
    ],
)
def test_text_is_utf_8_or_else_what_old_programs_write(content: bytes, text: str) -> None:
    assert read_source("a.md", content).passages[0].text == text


@pytest.mark.parametrize("content", [b"PK\x03\x04\0\0\0", b"\x81\x8d\x8f", "Hello".encode("utf-16")])
@pytest.mark.parametrize("name", ["a.md", "a.csv", "a.html"])
def test_bytes_that_are_no_text_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(UnreadableSource, match=f"^{name}: it is not text; save it as UTF-8"):
        read_source(name, content)


@pytest.mark.parametrize(("suffix", "form"), SUFFIXES.items())
def test_a_file_beyond_measure_is_refused_unread(suffix: str, form: Format) -> None:
    with pytest.raises(UnreadableSource, match=r"MB, and .* is read up to .*; split it"):
        read_source(f"x{suffix}", bytes(form.most_bytes + 1))


def test_a_source_is_known_by_the_digest_of_its_bytes() -> None:
    content = b"## Hours\nNine to five."
    source = read_source("hours.md", content)
    assert (source.name, source.sha256) == ("hours.md", hashlib.sha256(content).hexdigest())
    assert source == read_source("hours.md", content)
