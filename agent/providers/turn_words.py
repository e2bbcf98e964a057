"""The words of one utterance, joined from what a hosted recogniser tells of it, and whether they are all.

Recognisers tell words in two ways. One tells segments: interim words that change, then the same stretch for good, then
the next stretch. The other tells turns: every message repeats the turn from its beginning, and the last is for good.
An utterance of ours ends where we decide; a turn of theirs may go on then, and tells again what we have told.
"""

from __future__ import annotations

#: Sounds shorter than this between two pauses are no word: what was settled stays so.
_LEAST_WORD_S = 0.1
#: The end of a word is quiet, and recognisers place it by so much too early.
_EARLY_S = 0.25
#: Interim words of a turn are all of it when they were told of so much silence after it.
_LATER_S = 0.2


class TurnWords:
    """One stream's.

    Args:
        tells_turns: interim words are good as soon as they are told of a later moment (see above).
    """

    def __init__(self, *, tells_turns: bool) -> None:
        self._tells_turns = tells_turns
        self._parts: list[str] = []
        self._open = ""
        self._told = 0
        self._paused_at_s: float | None = None
        self._sound_s = 0.0
        self._is_settled = False
        self._is_sure = False

    @property
    def text(self) -> str:
        """All words of the utterance so far."""
        return " ".join(part for part in (*self._parts, self._open) if part)

    @property
    def is_settled(self) -> bool:
        """These are the words for all that was said up to the pause."""
        return self._is_settled and bool(self.text)

    @property
    def is_sure(self) -> bool:
        """The recogniser itself says that the turn has ended."""
        return self._is_sure and self.is_settled

    def interim(self, text: str, end_s: float) -> None:
        """Words that may change.

        Args:
            end_s: of the audio they were told of, seconds from the stream's beginning; 0 when it is not told.
        """
        words = self._untold(text)
        is_new = bool(words) and words != self._open
        self._open = words
        if self._tells_turns and self._paused_at_s is not None and end_s >= self._paused_at_s + _LATER_S:
            self._settle()
        elif is_new:
            self._is_settled = self._is_sure = False

    def eager(self, text: str, end_s: float) -> None:
        """Words of a turn that has probably ended; not of one that goes on."""
        self._open = self._untold(text)
        if self._covers(end_s):
            self._settle()

    def final(self, text: str, end_s: float) -> None:
        """Words that will not change."""
        words = self._untold(text)
        self._open = ""
        self._told = 0
        if not words:
            return
        self._parts.append(words)
        if self._tells_turns:
            self._settle()
            self._is_sure = True
        elif self._covers(end_s):
            self._settle()

    def sounded(self, seconds: float) -> None:
        """The caller goes on, or something clicks."""
        self._paused_at_s = None
        self._sound_s += seconds
        if self._sound_s >= _LEAST_WORD_S:
            self._is_settled = self._is_sure = False

    def paused(self, at_s: float) -> None:
        """The caller fell silent, `at_s` seconds from the stream's beginning."""
        self._paused_at_s = at_s

    def no_more_came(self) -> None:
        """What was asked for has not come for so long that there is nothing: what was told for good is all."""
        if self._parts and not self._open:
            self._settle()

    def told(self) -> None:
        """The utterance ends here; what comes is the next one's."""
        self._told += len(self._open.split())
        self._parts.clear()
        self._open = ""
        self._is_settled = self._is_sure = False

    def _settle(self) -> None:
        self._is_settled = True
        self._sound_s = 0.0

    def _covers(self, end_s: float) -> bool:
        return self._paused_at_s is not None and (end_s <= 0.0 or end_s >= self._paused_at_s - _EARLY_S)

    def _untold(self, text: str) -> str:
        """A turn without the words of it that ended an utterance; of the words alone nobody can tell which changed."""
        return " ".join(text.split()[self._told :])
