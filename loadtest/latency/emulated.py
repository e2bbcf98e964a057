"""The emulators a run is measured on: what they are to know, how slow they are to be, and what they counted."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from loadtest.caller.errors import CallerError
from loadtest.caller.ulaw import Pcm
from loadtest.caller.voices import RATE_HZ

_DEADLINE_S = 20.0


class Emulators:
    """The control of one process's emulators.

    Args:
        origin: "http://host:port".
    """

    def __init__(self, origin: str) -> None:
        self._control = f"{origin.rstrip('/')}/control"

    def know(self, recordings: Mapping[str, Pcm]) -> None:
        """Have recognisers know recordings, mono int16 at RATE_HZ, by the words they are to write."""
        for text, clip in recordings.items():
            pcm = base64.b64encode(clip.astype("<i2").tobytes()).decode()
            self._order("utterances", {"text": text, "rate_hz": RATE_HZ, "pcm": pcm})

    def become(self, suite: str) -> None:
        """Take a suite's latencies and count from nought."""
        self._order("reset", {})
        self._order("profiles", {"suite": suite})

    def speak_as(self, voice: str) -> None:
        """Have voices speak so from now on: "hibari" or "hum"."""
        self._order("voice", {"voice": voice})

    def counts(self) -> dict[str, Any]:
        """Of each kind of request, what was counted."""
        return self._order("counts", None)

    def _order(self, path: str, asked: Mapping[str, Any] | None) -> dict[str, Any]:
        """Raises CallerError: they do not answer, or do not take the order."""
        data = None if asked is None else json.dumps(asked).encode()
        request = urllib.request.Request(
            f"{self._control}/{path}", data=data, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_DEADLINE_S) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise CallerError(f"the emulators do not take {path}: {error.read(500).decode(errors='replace')}") from None
        except (OSError, ValueError) as error:
            raise CallerError(f"the emulators do not answer at {self._control}: {error}") from None
        return answer


def late(counts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which emulated voices were slower than their profile, in sentences: so much was measured too long."""
    return [
        f"emulated {kind}: {counted['late']} of {counted.get('requests', 0)} requests late by "
        f"{counted.get('late_ms', 0) / counted['late']:.0f} ms on average, because their speech had yet to be made"
        for kind, counted in counts.items()
        if counted.get("late")
    ]
