"""How much of an utterance nobody has read yet: decides when its words so far are asked for."""

from __future__ import annotations


class Unread:
    """Counts speech, not pauses: a caller who draws breath every second is read as often as one who does not.

    Args:
        every_s: seconds of unread speech that are worth a look.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._unread_s = 0.0
        self._asked_s: float | None = None

    def begin(self) -> None:
        """A new utterance."""
        self._unread_s = 0.0
        self._asked_s = None

    def speech(self, seconds: float) -> bool:
        """More of it was spoken. Whether its words are to be asked for now, which counts as asked."""
        self._unread_s += seconds
        if self._asked_s is not None or self._unread_s < self._every_s:
            return False
        self._asked_s = self._unread_s
        return True

    def answered(self) -> None:
        """What was asked for came, or never will; what was spoken meanwhile is still unread."""
        self._unread_s -= self._asked_s or 0.0
        self._asked_s = None

    def dropped(self) -> None:
        """Nobody waits for what was asked for any more: it is as unread as before."""
        self._asked_s = None

    def all_read(self) -> None:
        """The words up to here are known."""
        self.begin()
