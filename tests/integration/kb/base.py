"""A small base for the tests, and vectors of their own: three numbers that say what a text is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kb.passages import Passage, PassageKind, Source

MODEL = "three words"
#: A text is about each of these as often as it says it.
_ABOUT = ("park", "pay", "child")


class CountingEmbedder:
    """As the inference process's client; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> npt.NDArray[np.float32]:
        self.asked += texts
        counts = [[0.05 + text.lower().count(word) for word in _ABOUT] for text in texts]
        rows = np.array(counts, np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def passage(key: str, title: str, text: str, *questions: str, kind: PassageKind = PassageKind.FAQ) -> Passage:
    return Passage(key, kind, title, text, text, questions)


PARKING = passage("parking", "Where do I park?", "Behind the house, and it is free.")
PAYING = passage("paying", "How can I pay?", "By card or in cash.", "do you take pay by phone")
CHILDREN = passage("children", "May I bring my child?", "Yes, there is a corner with toys.")


def source(*passages: Passage, name: str = "visits.md", sha256: str = "1") -> Source:
    return Source(name, sha256, passages)
