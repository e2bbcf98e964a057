"""Turns that are kept back from the record because they may hold the beginning of a private number.

"4111 1111" in one turn and "1111 1111" in the next are a card only together. The first is therefore written
once the caller's next turn shows what it was; should the process die before, the record is a turn shorter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.domain.redaction import MASK, mask_digits, may_go_on
from agent.storage.calls import Turn

#: A number that takes more turns than this, the agent's included, is written as it is.
_MOST_WAITING = 12


class UnfinishedNumbers:
    """Passes turns on in order, some of them one turn of the caller's later."""

    def __init__(self) -> None:
        self._waiting: list[Turn] = []

    def release(self, turn: Turn) -> list[Turn]:
        """The turns that may be written now that this one is known, which may be among them."""
        if turn.role == "agent":
            if not self._waiting:
                return [turn]
            self._waiting.append(turn)
            return []
        is_private = MASK in turn.text
        if not is_private and may_go_on(turn.text) and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(turn)
            return []
        return [*self._settled(is_private=is_private), turn]

    def release_all(self) -> list[Turn]:
        """The call is over: whatever still waits."""
        return self._settled(is_private=False)

    def _settled(self, *, is_private: bool) -> list[Turn]:
        waiting, self._waiting = self._waiting, []
        return [_without_digits(turn) for turn in waiting] if is_private else waiting


def _without_digits(turn: Turn) -> Turn:
    return replace(
        turn,
        text=mask_digits(turn.text),
        heard_text=None if turn.heard_text is None else mask_digits(turn.heard_text),
        events=[_masked(event) for event in turn.events],
    )


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_digits(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value
