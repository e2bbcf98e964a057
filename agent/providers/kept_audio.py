"""What the caller said since the last words that count: played again to the recogniser that takes over."""

from __future__ import annotations

from collections import deque

from livekit import rtc

#: A recogniser's window holds no more.
LONGEST_S = 25.0
#: Kept while nobody speaks: that somebody does is known a moment late, on a busy machine later.
LEAD_IN_S = 2.0


class KeptAudio:
    """The latest frames, bounded."""

    def __init__(self) -> None:
        self._frames: deque[rtc.AudioFrame] = deque()
        self._seconds = 0.0
        self._is_speech = False

    @property
    def frames(self) -> tuple[rtc.AudioFrame, ...]:
        """In the order they came."""
        return tuple(self._frames)

    def push(self, frame: rtc.AudioFrame) -> None:
        """The next audio."""
        self._frames.append(frame)
        self._seconds += frame.duration
        self._trim()

    def speech_began(self) -> None:
        """From here on all of it is wanted."""
        self._is_speech = True

    def settled(self) -> None:
        """Its words are known, or there were none: who heard it again would tell them again."""
        self._is_speech = False
        self._frames.clear()
        self._seconds = 0.0

    def _trim(self) -> None:
        longest_s = LONGEST_S if self._is_speech else LEAD_IN_S
        while self._frames and self._seconds - self._frames[0].duration >= longest_s:
            self._seconds -= self._frames.popleft().duration
