"""What is said on the telephone of an answer that was written for the eye."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.wording.spoken_form import spoken_form
from kb.addresses import without_addresses
from kb.blocks import Block, Listing, Paragraph, Table, row_sentences
from kb.marks import readable, words_only
from kb.passages import LONGEST_SPOKEN_CHARS
from kb.sentences import cut_to, sentences

#: Items of more characters than this are sentences of their own rather than a list in one.
_LONGEST_ITEM_CHARS = 60
#: One rule's words may be another's business ("Sat" ends a sentence, "Sat." is a day); two passes settle nearly all.
_MOST_PASSES = 4
_ONE_OF_THEM = re.compile(r"\b(?:one|any|either|some) of\b|\bor\b", re.IGNORECASE)
_TAKES_BACK = re.compile(r"(?:But|However|Except|Unless|Otherwise|Only|Not)\b")
_ENDS = (".", "!", "?")


def spoken(*blocks: Block | str) -> str:
    """What is said of an answer.

    Args:
        blocks: the answer; a text stands for a paragraph.
    Returns: whole sentences of words, no digits, addresses, brackets or lists; the first ones that fit into
        LONGEST_SPOKEN_CHARS, at least one, which is cut at the end of a clause if it does not fit alone. Empty when
        nothing can be said. Applying it again changes nothing.
    """
    said = _first_sentences(_sentences([Paragraph(block) if isinstance(block, str) else block for block in blocks]))
    for _ in range(_MOST_PASSES):
        again = _first_sentences(_said(said))
        if again == said:
            break
        said = again
    return said


def _first_sentences(said: Iterable[str]) -> str:
    kept: list[str] = []
    for sentence in said:
        if not kept:
            kept.append(cut_to(sentence, LONGEST_SPOKEN_CHARS))
        elif sum(map(len, kept)) + len(kept) + len(sentence) <= LONGEST_SPOKEN_CHARS:
            kept.append(sentence)
        else:
            if len(kept) > 1 and _TAKES_BACK.match(sentence):
                kept.pop()  # without what follows it promises too much
            break
    return " ".join(kept)


def _sentences(blocks: Sequence[Block]) -> Iterable[str]:
    for position, block in enumerate(blocks):
        follower = blocks[position + 1] if position + 1 < len(blocks) else None
        match block:
            case Paragraph(text) if isinstance(follower, Listing) and text.rstrip().endswith(":"):
                yield from _said(_with_intro(text, follower.items))
            case Paragraph(text):
                yield from _said(text)
            case Listing(items):
                previous = blocks[position - 1] if position else None
                if not (isinstance(previous, Paragraph) and previous.text.rstrip().endswith(":")):
                    yield from _said(_listed(items, "and"))
            case Table():
                for row in row_sentences(block):
                    yield from _said(row)


def _with_intro(intro: str, items: Sequence[str]) -> str:
    if _are_sentences(items):
        return " ".join([intro.rstrip(), *map(_ended, items)])
    return f"{intro.rstrip()} {_listed(items, 'or' if _ONE_OF_THEM.search(intro) else 'and')}"


def _are_sentences(items: Sequence[str]) -> bool:
    return any(item.endswith(_ENDS) for item in items) or max(map(len, items)) > _LONGEST_ITEM_CHARS


def _listed(items: Sequence[str], conjunction: str) -> str:
    if _are_sentences(items):
        return " ".join(map(_ended, items))
    items = [item.rstrip(" ,;") for item in items]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])}{',' if len(items) > 2 else ''} {conjunction} {items[-1]}"


def _ended(text: str) -> str:
    return text if text.endswith(_ENDS) else text.rstrip(" ,;:") + "."


def _said(text: str) -> list[str]:
    """The sentences of one paragraph, in words."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    flowing = " ".join(line if line.endswith((*_ENDS, ",", ";", ":")) else f"{line}," for line in lines)
    words = words_only(spoken_form(readable(without_addresses(flowing.rstrip(",")))))
    return [_ended(sentence[:1].upper() + sentence[1:]) for sentence in sentences(words)]
