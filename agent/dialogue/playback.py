"""How one reply was made and when it left; times by time.time(), 0 before it happened."""

from __future__ import annotations

from dataclasses import dataclass

from agent.dialogue.sound_edges import SoundEdges

#: Key in a frame's `userdata` under which the first frame of a reply carries its Making.
MAKING = "voicefleet.making"


@dataclass(slots=True)
class Making:
    """How a reply became sound.

    Attributes:
        text_at: its first words were there to be spoken.
        audio_at: its first audio came out of the voice.
        spoken_by: the voice of its first clause, as providers are named; empty when it does not say.
        is_cached: that clause was not synthesised anew; None when the voice does not say.
        failed: the voices that were to speak it and did not.
    """

    text_at: float = 0.0
    audio_at: float = 0.0
    spoken_by: str = ""
    is_cached: bool | None = None
    failed: tuple[str, ...] = ()


class Playback:
    """One reply as it left.

    Attributes:
        began_at: its first frame was captured by the audio source.
        making: None for audio that nobody followed.
        sound: when what was captured is due at the far end of the source's queue.
    """

    def __init__(self, rate_hz: int, began_at: float = 0.0, making: Making | None = None) -> None:
        self.began_at = began_at
        self.making = making
        self.sound = SoundEdges(rate_hz)
