"""What a language model is asked and what it answered, whoever serves it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: English has about four; counted as if it had fewer, for the punctuation of JSON.
_CHARACTERS_A_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A request for one answer.

    Attributes:
        schema: {"name", "schema"}: the JSON the answer has to be; sent as strict.
        max_tokens: of the answer.
    """

    messages: list[dict[str, str]]
    schema: Mapping[str, Any]
    max_tokens: int

    @property
    def most_tokens_in(self) -> int:
        """What it costs at the most before anything is answered."""
        return tokens_at_most(len(json.dumps(self.messages)) + len(json.dumps(self.schema)))


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer.

    Attributes:
        text: what it wrote; empty when it declined to. An answer that was cut off is no whole JSON.
        by: the provider's name.
        tokens: in and out, as charged; None when the endpoint does not say.
    """

    text: str
    by: str
    tokens: tuple[int, int] | None


def tokens_at_most(characters: int) -> int:
    """What so many characters cost where nobody counts."""
    return characters // _CHARACTERS_A_TOKEN + 1
