"""The silence a voice begins and ends with is cut off, also while its audio still arrives."""

from __future__ import annotations

import numpy as np

SAMPLE_RATE_HZ = 24_000
#: Bytes of a second of mono int16.
BYTES_A_SECOND = SAMPLE_RATE_HZ * 2
#: Root mean square of a 5 ms window, -45 dBov: what is below it a caller does not hear on a phone line.
_AUDIBLE = 184.0
_WINDOW_BYTES = BYTES_A_SECOND // 200
_LEAD_BYTES = BYTES_A_SECOND // 100
#: The pause between two sentences of one reply, 0.18 s.
_TAIL_BYTES = BYTES_A_SECOND * 18 // 100


class Edges:
    """Cuts one clause's audio: 10 ms are left before its first sound, and 0.18 s after its last.

    Callers would hear the first silence as a slow answer. A pause within is let through as far as it could be the
    last one; the rest of it follows with the sound that ends it.
    """

    def __init__(self) -> None:
        self._window = b""
        self._lead = b""
        self._held = b""
        self._tail_bytes = 0
        #: Whether there was a sound.
        self.has_begun = False

    def push(self, pcm: bytes) -> bytes:
        """Take audio, mono int16 at SAMPLE_RATE_HZ, broken anywhere; returns what may be heard now."""
        pcm = self._window + pcm
        cut = len(pcm) - len(pcm) % _WINDOW_BYTES
        pcm, self._window = pcm[:cut], pcm[cut:]
        windows = np.frombuffer(pcm, dtype=np.int16).reshape(-1, _WINDOW_BYTES // 2).astype(np.float32)
        loud = np.flatnonzero(np.sqrt(np.mean(windows * windows, axis=1)) > _AUDIBLE)
        if loud.size == 0:
            return self._silence(pcm)
        begin, end = int(loud[0]) * _WINDOW_BYTES, (int(loud[-1]) + 1) * _WINDOW_BYTES
        if self.has_begun:
            begin, before = 0, self._held
        else:
            before = (self._lead + pcm[:begin])[-_LEAD_BYTES:]
        self.has_begun, self._held, self._tail_bytes = True, b"", _TAIL_BYTES
        return before + pcm[begin:end] + self._silence(pcm[end:])

    def end(self) -> bytes:
        """There is no more: returns what is left of it."""
        last, self._window = self._window[: len(self._window) // 2 * 2], b""
        return self._silence(last)

    def _silence(self, pcm: bytes) -> bytes:
        if not self.has_begun:
            self._lead = (self._lead + pcm)[-_LEAD_BYTES:]
            return b""
        heard = pcm[: self._tail_bytes]
        self._tail_bytes -= len(heard)
        self._held += pcm[len(heard) :]
        return heard


def without_edges(pcm: bytes) -> bytes:
    """A whole clause's audio, cut; what has no sound at all is left as it is."""
    edges = Edges()
    cut = edges.push(pcm) + edges.end()
    return cut if edges.has_begun else pcm
