"""A line on which one word in ten is heard wrong: other words in its place, words lost, words that nobody said.

Of 100 words 6 are replaced (by one that sounds alike where we know one, else by any word of the callers' language; in
a figure, one digit by another), 2 are lost and 2 are added. A turn keeps at least one word.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

from loadtest.evaluation.corpus import all_turns

REPLACED = 0.06
LOST = 0.02
ADDED = 0.02

#: Words taken for each other over a telephone, both ways.
_ALIKE = (
    ("two", "to"), ("four", "for"), ("eight", "ate"), ("nine", "five"), ("one", "won"), ("ten", "then"),
    ("three", "free"), ("six", "sick"), ("seven", "heaven"), ("eleven", "leaven"), ("twelve", "tell"), ("no", "know"),
    ("right", "write"), ("book", "look"), ("thirteen", "thirty"), ("fifteen", "fifty"), ("am", "pm"), ("at", "that"),
    ("in", "and"), ("on", "an"), ("is", "as"), ("yes", "guess"), ("yeah", "here"), ("morning", "mourning"),
    ("past", "passed"), ("quarter", "water"), ("half", "have"), ("noon", "new"), ("tuesday", "thursday"),
    ("monday", "sunday"), ("friday", "fried"), ("week", "weak"), ("next", "text"),
    ("cancel", "council"), ("move", "moved"), ("change", "chain"), ("cleaning", "clearing"), ("filling", "feeling"),
    ("whitening", "widening"), ("checkup", "ketchup"), ("name", "main"), ("number", "lumber"), ("please", "peace"),
    ("thank", "tank"), ("thanks", "tanks"), ("bye", "buy"), 
    ("would", "wood"), ("i", "eye"), ("it", "its"), ("the", "a"), ("correct", "collect"), ("make", "made"),
    ("time", "dime"), ("day", "they"), ("how", "cow"), ("can", "can't"), ("want", "won't"),
)  # fmt: skip


@dataclass
class Tally:
    """Words that went over the line, and errors made."""

    words: int = 0
    errors: int = 0


def garbled(text: str, rng: random.Random, tally: Tally) -> str:
    """What is heard of these words on a bad line; counts into `tally`."""
    heard: list[str] = []
    words = text.split()
    for word in words:
        draw = rng.random()
        is_wrong = draw < REPLACED + LOST + ADDED
        if draw < REPLACED:
            heard.append(_other(word, rng))
        elif not REPLACED <= draw < REPLACED + LOST:
            heard.append(word)
        if is_wrong and draw >= REPLACED + LOST:
            heard.append(rng.choice(_vocabulary()))
        tally.words += 1
        tally.errors += is_wrong
    return " ".join(heard or words[:1])


def _other(word: str, rng: random.Random) -> str:
    bare = word.strip(".,?!").lower()
    if any(character.isdigit() for character in bare):
        place = rng.choice([index for index, character in enumerate(word) if character.isdigit()])
        return word[:place] + rng.choice("0123456789".replace(word[place], "")) + word[place + 1 :]
    alike = _alike().get(bare)
    return rng.choice(alike) if alike and rng.random() < 0.7 else rng.choice(_vocabulary())


@cache
def _alike() -> dict[str, tuple[str, ...]]:
    both = [*_ALIKE, *((other, word) for word, other in _ALIKE)]
    return {word: tuple(other for one, other in both if one == word) for word, _ in both}


@cache
def _vocabulary() -> tuple[str, ...]:
    """Every word of the data's turns, as often as it is said."""
    return tuple(word for turn in all_turns() for word in re.findall(r"[a-z']+", turn.text.lower()))
