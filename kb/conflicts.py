"""Passages that say the same twice, and passages that say different things of the same.

Few and sure rather than all: a business reads every finding, and stops reading after the second false one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from kb.claims import Claim, claims_of, stems, subject_of
from kb.passages import Passage

FloatArray = npt.NDArray[np.float32]

#: Of two passages that may be one: paraphrases of an answer under the same question are above it.
_SAME_MEANING = 0.80
#: Of two passages that may speak of the same.
_SAME_SUBJECT = 0.60
_SAME_WORDS = 0.6
#: The likest others that a passage is held against.
_MOST_NEIGHBOURS = 10
_ROWS_AT_ONCE = 512
#: A sentence of fewer words does not say what it is about.
_FEWEST_WORDS = 2


class Kind(Enum):
    """What is the matter with two passages."""

    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two passages of which one is too many, or wrong.

    Attributes:
        first, second: their places in what was looked at, in order.
        quotes: what they say, from each the sentence that shows it.
    """

    kind: Kind
    first: int
    second: int
    quotes: tuple[str, str]


def compared_text(passage: Passage) -> str:
    """What of a passage is embedded to look for others like it."""
    return f"{passage.title} {passage.text}"


def conflicts(passages: Sequence[Passage], vectors: FloatArray) -> list[Conflict]:
    """Near-duplicates and contradictions, in the order of the passages; at most one for two passages.

    Args:
        vectors: of `compared_text`, shape (len(passages), EMBEDDING_DIM), each of length 1.
    """
    read = [_Read.of(passage) for passage in passages]
    found = []
    for first, second, likeness in _alike(vectors):
        one, other = read[first], read[second]
        if said := _contradiction(one, other):
            found.append(Conflict(Kind.CONTRADICTION, first, second, said))
        elif likeness >= _SAME_MEANING and _says_the_same(one, other):
            quotes = passages[first].text, passages[second].text
            found.append(Conflict(Kind.DUPLICATE, first, second, quotes))
    return found


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage taken apart once, for it is held against several."""

    subject: frozenset[str]
    words: frozenset[str]
    claims: tuple[Claim, ...]

    @classmethod
    def of(cls, passage: Passage) -> _Read:
        return cls(subject_of(passage.title), frozenset(stems(passage.text)), tuple(claims_of(passage)))

    @property
    def values(self) -> list[tuple[str, float]]:
        return sorted(value for claim in self.claims for value in claim.values)


def _alike(vectors: FloatArray) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows that are alike, each once, in order; of each row's the likest few."""
    pairs: dict[tuple[int, int], float] = {}
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        likeness = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
        for at, row in enumerate(likeness):
            row[start + at] = -1.0
            nearest = np.argpartition(row, -_MOST_NEIGHBOURS)[-_MOST_NEIGHBOURS:] if len(row) > _MOST_NEIGHBOURS else ()
            for other in nearest if len(row) > _MOST_NEIGHBOURS else range(len(row)):
                if row[other] >= _SAME_SUBJECT:
                    pairs[min(start + at, int(other)), max(start + at, int(other))] = float(row[other])
    for (first, second), score in sorted(pairs.items()):
        yield first, second, score


def _contradiction(one: _Read, other: _Read) -> tuple[str, str] | None:
    """The two sentences that cannot both be so."""
    for claim in one.claims:
        for against in other.claims:
            if _speak_of_the_same(one, claim, other, against) and _disagree(claim, against):
                return claim.sentence, against.sentence
    return None


def _speak_of_the_same(one: _Read, claim: Claim, other: _Read, against: Claim) -> bool:
    """Whether two sentences are about one thing: their words, and the titles they stand under, name nothing else."""
    here, there = claim.words | one.subject, against.words | other.subject
    if not (claim.words <= there and against.words <= here):
        return False
    of_hours = claim.of_hours and against.of_hours
    if one.subject <= there and other.subject <= here:
        return of_hours or bool(claim.words & against.words) or one.subject == other.subject != frozenset()
    if claim.words != against.words or not (claim.stands_alone and against.stands_alone):
        return False
    # under titles that name other things ("Parts counter", "Workshop") a sentence must name its own
    if of_hours:
        return claim.days != frozenset() and not (one.subject and other.subject)
    return claim.is_denied != against.is_denied and len(claim.words) >= _FEWEST_WORDS


def _disagree(claim: Claim, against: Claim) -> bool:
    if claim.is_denied != against.is_denied:
        return claim.values == against.values and claim.days == against.days
    if [kind for kind, _ in claim.values] != [kind for kind, _ in against.values]:
        return False  # one says more than the other
    if differing := {pair[0][0] for pair in zip(claim.values, against.values, strict=True) if pair[0] != pair[1]}:
        # "250 points are $15 off" and "1,000 points are $75 off": where two kinds differ one names the case
        return claim.days == against.days and len(differing) == 1
    # "Monday to Friday" and "Monday to Saturday"; two single days may both be so
    return claim.days != against.days and min(len(claim.days), len(against.days)) > 2


def _says_the_same(one: _Read, other: _Read) -> bool:
    """Whether two passages have the same words and values, under titles of which neither names a thing of its own."""
    if one.values != other.values or not one.words or not other.words:
        return False
    if one.subject - other.subject - other.words and other.subject - one.subject - one.words:
        return False
    if sum(claim.is_denied for claim in one.claims) != sum(claim.is_denied for claim in other.claims):
        return False
    return len(one.words & other.words) >= _SAME_WORDS * len(one.words | other.words)
