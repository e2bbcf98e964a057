"""Orders to the emulated providers: what to know, how slow to be, what is to go wrong."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loadtest.caller.ulaw import Pcm
from loadtest.caller.voices import RATE_HZ
from loadtest.emulators.suites import has_streams

#: Hundreds of recordings are told one after the other, while calls run.
_DEADLINE_S = 20.0
#: More than one call can ask for: the fault lasts until it is taken back.
_ALL_REQUESTS = 1000


class OrderRefused(Exception):
    """The emulators do not follow an order, or cannot be reached."""


@dataclass(frozen=True, slots=True)
class Emulators:
    """The process under `origin`, "http://host:port". Every order raises OrderRefused."""

    origin: str

    def know(self, recordings: Mapping[str, Pcm]) -> None:
        """Have recognisers understand these recordings, by their text."""
        for text, samples in recordings.items():
            pcm = base64.b64encode(samples.astype("<i2").tobytes()).decode()
            self._ask("POST", "utterances", text=text, rate_hz=RATE_HZ, pcm=pcm)

    def become(self, suite: str) -> None:
        """Take a suite's latencies and count from nought."""
        self._ask("POST", "reset")
        self._ask("POST", "profiles", suite=suite)

    def speak_as(self, voice: str) -> None:
        """Speak with this voice from now on: "hibari" or "hum"."""
        self._ask("POST", "voice", voice=voice)

    def strike(self, kind: str, fault: str) -> int:
        """Fail so until mended, streams that run included; returns how many ran.

        What is to begin is told first: a stream that is broken may come back before the second order does.
        """
        self._ask("POST", "faults", kind=kind, fault=fault, requests=_ALL_REQUESTS)
        if not has_streams(kind):
            return 0
        return int(self._ask("POST", "faults", kind=kind, fault=fault, now=True)["struck"])

    def mend(self) -> None:
        """Nothing that begins from now on fails."""
        self._ask("DELETE", "faults")

    def counts(self) -> dict[str, Any]:
        """Of each kind, what it was asked for since the emulators started or became what they are."""
        return self._ask("GET", "counts")

    def faults_had(self, kind: str, fault: str) -> int:
        """How many requests and streams of a kind have failed so."""
        return int(self.counts()[kind]["faults"].get(fault, 0))

    def _ask(self, method: str, path: str, **asked: Any) -> dict[str, Any]:
        body = json.dumps(asked).encode() if asked else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.origin}/control/{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_DEADLINE_S) as response:
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            raise OrderRefused(f"{path}: {error.read().decode(errors='replace')}") from None
        except (OSError, ValueError) as error:
            raise OrderRefused(f"{path}: the emulators at {self.origin} do not answer: {error}") from None
        return answer
