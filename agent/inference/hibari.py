"""The hibari voice. It holds the GIL while it speaks, so it has a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hibari import Hibari

from agent.inference.frames import MAX_PAYLOAD_BYTES
from agent.inference.messages import HIBARI, BadRequest

#: About two minutes of speech, within a frame's bounds; callers are spoken to in sentences.
LONGEST_TEXT_CHARS = 2_000
#: A fixed seed makes the same text the same audio, which is what lets speech be cached.
_SEED = 0
#: What the voice was made for; beyond it words fall apart.
SLOWEST, FASTEST = 0.5, 2.0


class HibariEngine:
    """Loads the voice once; one request at a time."""

    def __init__(self) -> None:
        self._tts = Hibari(threads=1)

    def warm_up(self) -> None:
        """Speak once, so that the first caller does not pay for lazy initialisation."""
        self._tts("One moment, please.", seed=_SEED)

    def handle(self, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        """Answer one request frame with mono int16 audio.

        Raises:
            BadRequest: another voice, no text or too much of it, or a rate out of bounds.
        """
        text = header.get("text")
        if header.get("voice") != HIBARI:
            raise BadRequest(f"no such voice: {header.get('voice')!r} (known: {HIBARI})")
        if not isinstance(text, str) or not text.strip():
            raise BadRequest("text: expected something to say")
        if len(text) > LONGEST_TEXT_CHARS:
            raise BadRequest(f"text: {len(text)} characters, at most {LONGEST_TEXT_CHARS}")
        rate = header.get("rate", 1.0)
        if not isinstance(rate, int | float) or not SLOWEST <= rate <= FASTEST:
            raise BadRequest(f"rate: expected {SLOWEST:g} to {FASTEST:g}, got {rate!r}")
        audio = self._tts(text, speed=float(rate), seed=_SEED)
        pcm = (np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        if len(pcm) > MAX_PAYLOAD_BYTES:
            raise BadRequest("text: takes too long to say")
        return {"sample_rate_hz": self._tts.sample_rate}, pcm
