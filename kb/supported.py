"""Whether an answer says only what passages say: it is made of their own sentences, whole.

A sentence is the same however its numbers, times and abbreviations are written ("2:30 p.m." is "two thirty PM").
Beyond that no word may be added, left out or taken from elsewhere: so no number meets another noun, no name another
deed, and no "not" comes or goes. What is worded anew is refused even where it is true, for the passage itself can
always be said. What a sentence leans on comes with it: the one its "they" goes back to, the exception that follows it,
the line that introduces its list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from agent.wording.spoken_form import spoken_form
from kb.addresses import without_addresses
from kb.marks import readable, words_only
from kb.passages import LONGEST_SPOKEN_CHARS
from kb.sentences import sentences

#: Neither markup nor a question.
_PLAIN = re.compile(r"""(?:[^\W_]|[ .,;:!'"’“”$%&()/–—-])+""")
_WORD = re.compile(r"[^\W_]+")
#: "It's" goes back as "it" does; "one of these places:" goes on to the list.
_NO_WORDS = re.compile(r"['’]\w+|\bth(?:is|ese)\b[^,.;:]{0,30}:")
#: What goes back to a sentence before: anywhere, and at the beginning.
_GOES_BACK = frozenset({"it", "they", "them", "he", "she", "him", "this", "these", "those"})
_GOES_ON = frozenset({"that", "but", "however", "then", "otherwise", "so", "instead", "or", "nor", "both", "neither"})
#: What takes back a part of the sentence before: at the beginning, and anywhere.
_TAKES_BACK = frozenset({"but", "however", "otherwise", "not", "that", "this", "these", "those"})
_LIMITS = frozenset({"only", "except", "excluding", "unless", "however", "although", "though"})
#: Fewer words than this ("No.") are explained by the next sentence.
_FEWEST_WORDS = 3
_ENDS = (".", "!", "?")
_SAME = (
    (re.compile(r"\b([ap])\.? ?m\b\.?"), r"\1m"),
    (re.compile(r"\b(hundred|thousand) and\b"), r"\1"),
    (re.compile(r"\bdollar\b"), "dollars"),
    (re.compile(r"[’']"), ""),
)

Words = tuple[str, ...]
#: Of a question in a passage: no answer has such words.
_ASKED: Words = ("?",)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One of a passage's.

    Attributes:
        words: as it is said, the same for the same meaning.
        leans_on: the index of the one it may not be said without, before it; None when it needs none.
        needs_next: it may not be said without the one after it.
    """

    words: Words
    leans_on: int | None
    needs_next: bool


def is_supported(answer: str, passages: Sequence[str]) -> bool:
    """Whether every sentence of an answer is one of these passages', and every passage has a part in it.

    Args:
        passages: whole texts, blocks parted by an empty line, an item of a list or row of a table a line.
    Returns: False too for what cannot be said: nothing, more than LONGEST_SPOKEN_CHARS, questions, markup, addresses.
    """
    if not _PLAIN.fullmatch(answer) or without_addresses(answer) != answer:
        return False
    said = [_said(sentence) for sentence in sentences(answer)]
    if not 0 < len(" ".join(said)) <= LONGEST_SPOKEN_CHARS:
        return False
    shelf = [_read(text) for text in passages]
    found = [_places(_words(sentence), shelf) for sentence in said]
    standing = [{place for place in found[n] if _stands(place, n, found, shelf)} for n in range(len(found))]
    return all(standing) and {passage for places in standing for passage, _ in places} == set(range(len(passages)))


def _places(words: Words, shelf: Sequence[Sequence[_Sentence]]) -> set[tuple[int, int]]:
    """Where a sentence stands: the passage's index, and its own in there."""
    return {
        (passage, index)
        for passage, told in enumerate(shelf)
        for index, sentence in enumerate(told)
        if sentence.words == words
    }


def _stands(
    place: tuple[int, int], n: int, found: Sequence[set[tuple[int, int]]], shelf: Sequence[Sequence[_Sentence]]
) -> bool:
    """Whether what this sentence of the passage leans on stands beside it in the answer too, as its `n`-th."""
    passage, index = place
    sentence = shelf[passage][index]
    if sentence.leans_on is not None and (n == 0 or (passage, sentence.leans_on) not in found[n - 1]):
        return False
    return not sentence.needs_next or (n + 1 < len(found) and (passage, index + 1) in found[n + 1])


def _read(text: str) -> list[_Sentence]:
    written = _written(text)
    plain = [_WORD.findall(_NO_WORDS.sub("", each.lower())) for each, _ in written]
    asks = [each.rstrip("\"')").endswith("?") for each, _ in written]
    told = []
    for index, (each, before) in enumerate(written):
        leans = before >= 0 and (asks[before] or _has(plain[index], _GOES_BACK, _GOES_ON))
        is_short = len(plain[index]) < _FEWEST_WORDS
        needs_next = index + 1 < len(written) and (is_short or _has(plain[index + 1], _LIMITS, _TAKES_BACK))
        words = _ASKED if asks[index] else _words(_said(each))
        told.append(_Sentence(words, before if leans else None, needs_next))
    return told


def _has(words: Sequence[str], anywhere: Set[str], at_first: Set[str]) -> bool:
    return not anywhere.isdisjoint(words) or (bool(words) and words[0] in at_first)


def _written(text: str) -> list[tuple[str, int]]:
    """Its sentences as they were written, each with the index of the one before; -1 for the first.

    Each item of a list is one with the line that introduces the list, and the one before is that before the list.
    """
    told: list[tuple[str, int]] = []
    intro, before = "", -1
    for block in text.split("\n\n"):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        is_listed = bool(intro) or any(line.endswith(":") for line in lines)
        if not is_listed and not all(line.endswith(_ENDS) for line in lines):
            lines = [", ".join(lines)]  # a list without a word about it, or an address: all of it or nothing
        listed, intro = intro, ""
        for line in lines:
            if listed:
                intro = ""
                told.append((f"{listed} {line}", before))
                continue
            for sentence in sentences(line):
                if sentence.endswith(":"):
                    listed, intro, before = sentence, sentence, len(told) - 1
                else:
                    told.append((sentence, len(told) - 1))
    return told


def _said(sentence: str) -> str:
    return words_only(spoken_form(readable(sentence)))


def _words(said: str) -> Words:
    text = said.lower()
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    return tuple(_WORD.findall(text))
