"""Questions and answers that a page states for search engines: schema.org's FAQPage as JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from kb.blocks import Block
from kb.reading.html_page import Element, parse
from kb.reading.outline import Pair, one_line

_MOST_PAIRS = 1_000
_DEEPEST = 8


def faq_of(name: str, root: Element, read: Callable[[Element], tuple[Block, ...]]) -> list[Pair]:
    """The pairs of every FAQPage of a page. Data that is broken is no fault of the page's text, and is passed over.

    Args:
        read: gives what is in an element; an answer is written in HTML.
    """
    pairs: list[Pair] = []
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for question, answer in _questions(data, 0):
            element = parse(name, f"<div>{answer}</div>")
            if len(pairs) < _MOST_PAIRS and element is not None and (blocks := read(element)):
                pairs.append(Pair(question, blocks))
    return pairs


def _questions(data: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            yield from _questions(item, depth + 1)
    elif isinstance(data, dict):
        if _is_a(data, "Question"):
            answer = data.get("acceptedAnswer")
            answer = answer[0] if isinstance(answer, list) and answer else answer
            asked, text = data.get("name"), answer.get("text") if isinstance(answer, dict) else None
            if isinstance(asked, str) and isinstance(text, str) and asked.strip() and text.strip():
                yield one_line(asked), text
        elif _is_a(data, "FAQPage"):
            yield from _questions(data.get("mainEntity"), depth + 1)
        else:
            yield from _questions(data.get("@graph"), depth + 1)


def _is_a(data: dict[str, Any], kind: str) -> bool:
    stated = data.get("@type")
    return kind in stated if isinstance(stated, list) else stated == kind
