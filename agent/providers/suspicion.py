"""When is a recogniser that says nothing suspected of being mute? Told by what is heard, without a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass

#: Speech of this length without a word is no cough: who stays silent on it is mute, whether or not somebody hears more.
_SURELY_WORDS_S = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a recogniser is given.

    Attributes:
        first_words_s: from a pause until all words before it are told.
        interim_s: of speech that goes on without a new word; None where none is told before a pause.
    """

    first_words_s: float
    interim_s: float | None


class Suspicion:
    """One recogniser's; times are seconds of any one clock.

    Args:
        patience: None for one that is never suspected.
    """

    def __init__(self, patience: Patience | None) -> None:
        self._patience = patience
        self._began_s: float | None = None
        self._silent_since_s: float | None = None
        self._told_s: float | None = None
        self._is_settled = False

    @property
    def due_s(self) -> float | None:
        """When it is to be suspected unless something comes; None while nothing is owed."""
        patience = self._patience
        if patience is None or self._began_s is None or self._is_settled:
            return None
        if self._silent_since_s is not None:
            return self._silent_since_s + patience.first_words_s
        if patience.interim_s is None:
            return None
        return max(self._began_s, self._told_s or 0.0) + patience.interim_s

    @property
    def is_paused(self) -> bool:
        """The caller is silent for now."""
        return self._silent_since_s is not None

    @property
    def is_of_words(self) -> bool:
        """What was heard is too long for a noise."""
        if self._began_s is None:
            return False
        until_s = self._silent_since_s
        return until_s is None or until_s - self._began_s >= _SURELY_WORDS_S

    def began(self, at_s: float) -> None:
        """Speech, or more of it."""
        if self._began_s is None:
            self._began_s = at_s
        if self._silent_since_s is not None:
            self._told_s = at_s
        self._silent_since_s = None
        self._is_settled = False

    def paused(self, at_s: float) -> None:
        """It has fallen silent for now."""
        self._silent_since_s = at_s

    def told(self, at_s: float, *, is_settled: bool) -> None:
        """Words came.

        Args:
            is_settled: they are all that were spoken so far.
        """
        self._told_s = at_s
        self._is_settled = is_settled and self._silent_since_s is not None

    def over(self) -> None:
        """The utterance has ended, or there was none."""
        self._began_s = self._silent_since_s = self._told_s = None
        self._is_settled = False
