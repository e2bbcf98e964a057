"""A page's tree, and what in it is its content rather than what every page of a site has."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from kb.reading.faults import UnreadableSource

#: lxml has no types; an element is what `etree.fromstring` gives.
Element = Any

_NEVER_CONTENT = frozenset(
    {
        "area", "aside", "audio", "canvas", "datalist", "del", "dialog", "embed", "footer", "head", "iframe", "img",
        "input", "map", "math", "menu", "nav", "noscript", "object", "option", "progress", "s", "script", "select",
        "strike", "style", "svg", "template", "textarea", "video",
    }
)  # fmt: skip
_FURNITURE_ROLES = frozenset(
    {"alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation", "search"}
)
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|cookies?|cookiebot|gdpr|navbar|newsletter|onetrust|pagination|popup|sidebar|"
    r"site-?footer|site-?nav|skip-?link|social|sharing)(?:$|[\s_-])",
    re.IGNORECASE,
)
#: What is named like furniture and has more than this share of the page's text is the page.
_MOST_FURNITURE = 0.5
_MOST_LINKED = 0.7
_FEWEST_LINKS_OF_MENU = 4


def parse(name: str, html: str) -> Element | None:
    """The tree of a page; None if nothing is in it. Comments are gone, entities resolved, nothing is loaded.

    Raises:
        UnreadableSource: it is nested deeper, or one of its texts is longer, than any page that was meant to be read.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableSource(name, "the page is nested too deeply", "save its text as Markdown instead")
    return root


def main_content(root: Element) -> list[Element]:
    """The elements that hold the content: the page's main part or articles if it names them, else its body."""
    named = root.xpath("//main | //*[@role='main']") or root.xpath("//article[not(ancestor::article)]")
    body = root.find("body")
    whole = root if body is None else body
    if sum(_text_chars(element) for element in named) * 2 > _text_chars(whole):
        return [element for element in named if not any(parent in named for parent in element.iterancestors())]
    return [whole]


def is_furniture(element: Element, page_chars: int) -> bool:
    """Whether an element is navigation, advertisement or machinery rather than content."""
    tag = element.tag
    if tag in _NEVER_CONTENT or element.get("role") in _FURNITURE_ROLES:
        return True
    if tag in ("html", "body", "main", "article", "p", "summary") or re.fullmatch("h[1-6]", tag):
        return False
    if tag == "header" and next(element.iterancestors("main", "article"), None) is None:
        return True
    if tag == "form":
        return not element.xpath(".//h1 | .//h2 | .//h3")
    if _FURNITURE_NAMES.search(f"{element.get('id', '')} {element.get('class', '')}"):
        return _text_chars(element) <= _MOST_FURNITURE * page_chars
    return tag in ("ul", "ol", "div") and _is_menu(element)


def text_chars(elements: list[Element]) -> int:
    """How much text is in elements."""
    return sum(_text_chars(element) for element in elements)


def _is_menu(element: Element) -> bool:
    """A list of hardly anything but links, outside of what the page calls its main part."""
    links = element.findall(".//a")
    if len(links) < _FEWEST_LINKS_OF_MENU or next(element.iterancestors("main", "article"), None) is not None:
        return False
    return text_chars(links) >= _MOST_LINKED * _text_chars(element)


def _text_chars(element: Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())
