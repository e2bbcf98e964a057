"""Words made speech while the call goes on, in a process of its own that keeps the voice loaded.

``python -m loadtest.voice_evaluation.mouth VOICE``: lines of JSON in, each a text; the same line comes back when the
cache has its clip.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys

from loadtest.caller.errors import CallerError
from loadtest.caller.ulaw import Pcm
from loadtest.caller.voices import known_clip, speaker

#: As the recogniser's: what a caller needs for himself is not to slow the agent.
_NICE = 10
_CLOSE_S = 2.0


class Mouth:
    """The parent's end. `clips` has what can be said at once."""

    def __init__(self, voice: str) -> None:
        self.clips: dict[str, Pcm] = {}
        self._voice = voice
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtest.voice_evaluation.mouth", voice],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout
        os.set_blocking(self._out.fileno(), False)
        self._read = b""

    def prepare(self, text: str) -> None:
        """Have a text spoken. Raises CallerError: the child died."""
        known = known_clip(self._voice, text)
        if known is not None:
            self.clips[text] = known
            return
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(text).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise CallerError(f"the voice {self._voice} has gone") from None

    def is_ready(self, text: str) -> bool:
        """Whether it can be said now. Raises CallerError: the child died."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._out.fileno(), 65536)
            if not data:
                raise CallerError(f"the voice {self._voice} has gone")
            self._read += data
        *lines, self._read = self._read.split(b"\n")
        for line in lines:
            spoken = json.loads(line)
            clip = known_clip(self._voice, spoken)
            if clip is not None:
                self.clips[spoken] = clip
        return text in self.clips

    def close(self) -> None:
        """End the child."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()


def main() -> int:
    """Child: load the voice, then speak until standard input closes."""
    os.nice(_NICE)
    try:
        keep = speaker(sys.argv[1])
        for line in sys.stdin:
            keep(json.loads(line))
            print(line, end="", flush=True)
    except CallerError as fault:
        print(f"mouth: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
