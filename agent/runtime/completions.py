"""What a language model answered, whoever serves it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer.

    Attributes:
        text: what it wrote; empty when it declined to.
        is_whole: False when it was cut off by the limit on tokens.
        tokens_in, tokens_out: as charged; None when the endpoint does not say.
    """

    text: str
    is_whole: bool
    tokens_in: int | None
    tokens_out: int | None
