"""What a source that cannot be read is refused with."""

from __future__ import annotations

from agent.domain.errors import Blame, FleetError


class UnreadableSource(FleetError):
    """A file or page cannot be read into passages: broken, empty, too large, or of a kind that is not read.

    The message names the source, says what is wrong with it, and what to do about it.
    """

    default_blame = Blame.CLIENT

    def __init__(self, name: str, wrong: str, remedy: str) -> None:
        super().__init__(f"{name}: {wrong}; {remedy}")
