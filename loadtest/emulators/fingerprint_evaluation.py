"""`python -m loadtest.emulators.fingerprint_evaluation`: how often recordings are missed, and others mistaken for them.

The texts are turns of real users (loadtest/evaluation/data), said by the voice `hibari`; many begin with the same words
and some differ in one. Half are registered and said over lines of several kinds, as streams of 50 ms; the others are
said without being registered, which is harder than any stranger: the voice is the same and so are most of the words.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from loadtest.caller.ulaw import Pcm, decode, encode
from loadtest.caller.voices import RATE_HZ, clips, resample
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.transcript import Transcriber
from loadtest.emulators.word_errors import WordErrors

_DATA = Path(__file__).parents[1] / "evaluation" / "data"
_WORDS = re.compile(r"[a-z0-9']+")
_LEAST_WORDS = 2
_BEFORE_S, _AFTER_S = 0.5, 1.3
Line = Callable[[Pcm, np.random.Generator], tuple[Pcm, int]]


def telephone(audio: Pcm, rate_hz: int, gain_db: float = 0.0) -> tuple[Pcm, int]:
    """PCMU at 8 kHz, then at another rate."""
    heard = decode(encode(_limited(audio * 10 ** (gain_db / 20)))).astype(np.float32)
    return (_limited(resample(heard, RATE_HZ, rate_hz)) if rate_hz != RATE_HZ else _limited(heard)), rate_hz


def noisy(audio: Pcm, rng: np.random.Generator, snr_db: float = 20.0) -> Pcm:
    """White noise, so far below what sounds."""
    sounding = audio[np.abs(audio.astype(np.int32)) > 0.05 * np.abs(audio.astype(np.int32)).max()].astype(np.float64)
    level = np.sqrt(np.mean(sounding**2)) * 10 ** (-snr_db / 20)
    return _limited(audio + rng.normal(0.0, level, len(audio)))


def hesitant(audio: Pcm, rng: np.random.Generator) -> Pcm:
    """Half a second of silence somewhere in what is said, also within a word."""
    sounding = np.flatnonzero(np.abs(audio.astype(np.int32)) > 200)
    at = int(rng.integers(sounding[0], sounding[-1]))
    return np.concatenate([audio[:at], np.zeros(RATE_HZ // 2, dtype=np.int16), audio[at:]])


def lossy(audio: Pcm, rng: np.random.Generator, share: float = 0.02) -> Pcm:
    """Silence in place of a share of the packets, and of three in a row somewhere in what is said."""
    sounding, size = np.flatnonzero(np.abs(audio.astype(np.int32)) > 200), RATE_HZ // 50
    lost = rng.random(len(audio) // size + 1) < share
    at = int(rng.integers(sounding[0], sounding[-1])) // size
    lost[at : at + 3] = True
    return np.where(np.repeat(lost, size)[: len(audio)], 0, audio).astype(np.int16)


LINES: dict[str, Line] = {
    "8 kHz PCMU": lambda audio, rng: telephone(audio, 8000),
    "16 kHz, -9 dB": lambda audio, rng: telephone(audio, 16_000, -9.0),
    "48 kHz, +6 dB": lambda audio, rng: telephone(audio, 48_000, 6.0),
    "noise 20 dB below": lambda audio, rng: telephone(noisy(audio, rng), 16_000),
    "a pause put in": lambda audio, rng: telephone(hesitant(audio, rng), 8000),
    "packets lost": lambda audio, rng: telephone(lossy(audio, rng), 8000),
}


def main() -> int:
    """Measure, and print a line for each kind of line."""
    options = _parser().parse_args()
    texts = _texts()
    random.Random(options.seed).shuffle(texts)
    texts = texts[: options.recordings + options.strangers]
    recordings = clips("hibari", texts)
    truth = GroundTruth()
    registered, strangers = texts[: options.recordings], texts[options.recordings :]
    for text in registered:
        truth.register(text, recordings[text], RATE_HZ)
    print(f"{len(registered)} recordings known; each said once, from a sample at random")
    for name, line in LINES.items():
        _report(name, truth, registered, recordings, line, options.seed)
    print(f"{len(strangers)} sentences of the same voice that are not known")
    for name, line in LINES.items():
        _report(name, truth, strangers, recordings, line, options.seed)
    return 0


def _report(name: str, truth: GroundTruth, texts: list[str], recordings: dict[str, Pcm], line: Line, seed: int) -> None:
    rng = np.random.default_rng(seed)
    exact = missed = false = said = 0
    for text in texts:
        before = np.zeros(round(_BEFORE_S * RATE_HZ) + int(rng.integers(0, 400)), dtype=np.int16)
        after = np.zeros(round(_AFTER_S * RATE_HZ), dtype=np.int16)
        heard = hear(truth, *line(np.concatenate([before, recordings[text], after]), rng))
        words = _plain(text)
        right = sum(block.size for block in SequenceMatcher(None, words, heard, autojunk=False).get_matching_blocks())
        exact, said = exact + (words == heard), said + len(words)
        missed, false = missed + len(words) - right, false + len(heard) - right
    print(
        f"  {name:18} {exact:3d} of {len(texts)} exact; of {said} words {missed} not heard "
        f"({100 * missed / said:.1f} %), {false} heard that were not said ({100 * false / said:.1f} %)"
    )


def hear(truth: GroundTruth, audio: Pcm, rate_hz: int) -> list[str]:
    """The words of a stream."""
    transcriber = Transcriber(truth, rate_hz, WordErrors())
    for at in range(0, len(audio), rate_hz // 20):
        for _ in transcriber.steps(audio[at : at + rate_hz // 20]):
            pass
    return _plain(" ".join(word.text for word in transcriber.settle()))


def _plain(text: str) -> list[str]:
    return _WORDS.findall(text.lower())


def _texts() -> list[str]:
    """Turns without anything to fill in."""
    found = set()
    for name in ("nlupp_turns.jsonl", "sgd_turns.jsonl"):
        for row in map(json.loads, (_DATA / name).read_text(encoding="utf-8").splitlines()):
            text = str(row["text"])
            is_ours = row["part"] == "development" and not row["slots"] and "{" not in text
            if is_ours and len(_plain(text)) >= _LEAST_WORDS:
                found.add(text)
    return sorted(found)


def _limited(audio: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Pcm:
    limited: Pcm = np.clip(np.rint(audio), -32768, 32767).astype(np.int16)
    return limited


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.emulators.fingerprint_evaluation")
    parser.add_argument("--recordings", type=int, default=120, help="that are known (default 120)")
    parser.add_argument("--strangers", type=int, default=60, help="that are not (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="draws them (default 1)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
