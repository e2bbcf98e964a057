"""Texts to vectors, and vectors as PostgreSQL takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
#: The name under which the local model's vectors are stored.
LOCAL_MODEL = "all-MiniLM-L6-v2"
#: A piece of a text that is embedded by itself; the local model reads about 64 tokens.
_PIECE_CHARS = 220
#: Pieces of one text that are searched; what comes after them is found by words.
_MOST_PIECES = 8
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Embedder(Protocol):
    """Sentences to vectors of length 1; the inference process's client is one."""

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray: ...


class Worded(Protocol):
    """What of a passage is embedded, as it was read or as it is stored."""

    @property
    def title(self) -> str: ...
    @property
    def questions(self) -> Sequence[str]: ...
    @property
    def text(self) -> str: ...


def embedded_texts(passage: Worded) -> tuple[str, ...]:
    """What of a passage is embedded: its title, its other questions, and its text in pieces that begin with the title.

    A caller's question is like the title; what the title does not name is in the text.
    """
    pieces = [f"{passage.title} {piece}" for piece in _pieces(passage.text)]
    return (passage.title, *passage.questions, *pieces[:_MOST_PIECES])


def written(vector: FloatArray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for sentence in _SENTENCE_END.split(text.strip()):
        if piece and len(piece) + len(sentence) >= _PIECE_CHARS:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        yield piece
