"""Sentences' embeddings kept in a file, so that what never changes is not computed at every start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.domain.errors import ConfigError

FloatArray = npt.NDArray[np.float32]
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """Embeddings by sentence, in half precision: cosines differ from the model's own by less than 0.001."""

    path: Path
    rows: Mapping[bytes, FloatArray]

    @classmethod
    def load(cls, path: Path) -> StoredVectors:
        """Raises: ConfigError: the file is not there."""
        try:
            with np.load(path) as stored:
                digests, vectors = stored["digests"], stored["vectors"].astype(np.float32)
        except FileNotFoundError:
            raise ConfigError(f"{path}: no such file; it is part of the program") from None
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls(path, {digest.tobytes(): vector for digest, vector in zip(digests, vectors, strict=True)})

    def of(self, texts: Sequence[str]) -> FloatArray:
        """The texts' vectors, in their order.

        Raises: ConfigError: a text is not in the file.
        """
        try:
            return np.stack([self.rows[_digest(text)] for text in texts])
        except KeyError:
            missing = next(text for text in texts if _digest(text) not in self.rows)
            command = "python -m tests.unit.understanding.vectors"
            raise ConfigError(f"{self.path}: no vector of {missing!r}; after a change run: {command}") from None


def store(path: Path, texts: Sequence[str], vectors: FloatArray) -> None:
    """Write a file that `StoredVectors.load` reads; the same sentences give the same bytes."""
    digests = np.frombuffer(b"".join(_digest(text) for text in texts), np.uint8).reshape(-1, _DIGEST_BYTES)
    np.savez(path, digests=digests, vectors=vectors.astype(np.float16))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:_DIGEST_BYTES]
