"""How long a provider takes, and how it fails, by name.

Latencies are log-normal: the median and the spread of what was published for the model, time to its first token; of a
recogniser, from the end of speech to the final words; of a voice, from the text to the first audio. None were found for
embeddings and for gpt-4o-mini-tts: `far` and that voice's are made up.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import Enum

#: Published maxima exceed the fits: one answer in a hundred takes four times as long.
_TAIL_SHARE, _TAIL_FACTOR = 0.01, 4.0


class Fault(Enum):
    """What becomes of a good request."""

    NONE = "none"
    #: No answer, ever.
    HANGING = "hanging"
    #: 500.
    FAILING = "failing"
    #: 429, whatever the rate.
    LIMITED = "limited"
    #: Half a JSON document; of a stream, bytes that mean nothing.
    MALFORMED = "malformed"
    #: It opens, and nothing comes.
    MUTE = "mute"
    #: Half of it, then nothing.
    STALLING = "stalling"
    #: Half of it, then the connection is closed.
    DROPPING = "dropping"
    #: A body that does not end.
    FLOODING = "flooding"
    #: Everything is sent, a piece a second.
    DRIPPING = "dripping"
    #: Audio of another sample rate than was agreed on.
    WRONG_RATE = "wrong-rate"
    #: The answer is cut off, with finish_reason "length".
    TRUNCATED = "truncated"
    #: The model declines: `refusal` instead of content.
    DECLINING = "declining"
    #: No `usage`, as some compatible servers answer.
    UNCOUNTED = "uncounted"
    #: A vector less than there are texts.
    SHORT = "short"
    #: The first vector is longer than the others.
    UNEQUAL = "unequal"
    #: A vector with NaN in it, as Python writes it.
    NOT_A_NUMBER = "nan"
    #: A vector of zeros.
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider's manner.

    Attributes:
        median_ms, sigma: of the time to the first token or to the vectors; sigma 0 is that time always.
        source: where the figures are from.
        has_tail: one in a hundred takes four times as long.
        tokens_per_s: of a model, after its first.
        times_real: how much faster than it is heard speech is sent, after its first piece.
    """

    median_ms: float = 0.0
    sigma: float = 0.0
    fault: Fault = Fault.NONE
    source: str = "made up"
    has_tail: bool = True
    tokens_per_s: float = math.inf
    times_real: float = math.inf

    def latency_s(self, dice: random.Random) -> float:
        """One answer's, drawn."""
        if not self.median_ms:
            return 0.0
        drawn = math.exp(math.log(self.median_ms) + self.sigma * dice.gauss(0.0, 1.0)) / 1000
        is_tail = self.has_tail and self.sigma > 0 and dice.random() < _TAIL_SHARE
        return drawn * _TAIL_FACTOR if is_tail else drawn


#: Of a kind that no profile was chosen for.
AT_ONCE = Profile()


def _failing(*faults: Fault) -> dict[str, Profile]:
    return {fault.value: Profile(fault=fault) for fault in faults}


#: Of every kind but a recogniser's, which answers nothing that has a half.
_OF_ANSWERS = (
    Fault.HANGING, Fault.FAILING, Fault.LIMITED, Fault.MALFORMED, Fault.MUTE, Fault.STALLING, Fault.DROPPING,
)  # fmt: skip
#: Of models: to the first token, with how fast the rest comes, which is assumed.
PROFILES: dict[str, Profile] = {
    "fast": AT_ONCE,
    "slow": Profile(1200.0),
    "gpt-4.1": Profile(683.0, 0.263, source="kwindla/aiewf-eval, 300 turns", tokens_per_s=100.0),
    "gpt-4o-mini": Profile(760.0, 0.337, source="kwindla/aiewf-eval, 300 turns", tokens_per_s=100.0),
    "gpt-oss-120b-groq": Profile(98.0, 0.508, source="kwindla/aiewf-eval, 300 turns", tokens_per_s=500.0),
    **_failing(*_OF_ANSWERS, Fault.DRIPPING, Fault.FLOODING, Fault.TRUNCATED, Fault.DECLINING, Fault.UNCOUNTED),
}
EMBEDDING_PROFILES: dict[str, Profile] = {
    "fast": AT_ONCE,
    "slow": Profile(1200.0),
    "far": Profile(150.0, 0.4),
    **_failing(
        *_OF_ANSWERS, Fault.FLOODING, Fault.UNCOUNTED, Fault.SHORT, Fault.UNEQUAL, Fault.NOT_A_NUMBER, Fault.ZERO
    ),
}
_COVAL = "Coval, May 2026, as Gradium, a competitor, quotes it; the spread follows from its quartiles"
#: Of voices: from the text to the first audio, with how fast the rest comes, which is assumed.
SPEECH_PROFILES: dict[str, Profile] = {
    "fast": AT_ONCE,
    "slow": Profile(1200.0),
    "aura-2": Profile(313.0, 0.161, source=_COVAL, has_tail=False, times_real=4.0),
    "flash-v2.5": Profile(288.0, 0.072, source=_COVAL, has_tail=False, times_real=4.0),
    "turbo-v2.5": Profile(264.0, 0.079, source=_COVAL, has_tail=False, times_real=4.0),
    "tts-1-hd": Profile(2295.0, source=_COVAL, has_tail=False, times_real=4.0),
    "gpt-4o-mini-tts": Profile(700.0, 0.2, has_tail=False, times_real=4.0),
    **_failing(*_OF_ANSWERS, Fault.DRIPPING, Fault.WRONG_RATE, Fault.UNCOUNTED),
}
_OF_LISTENING = (
    Fault.HANGING, Fault.FAILING, Fault.LIMITED, Fault.MALFORMED, Fault.MUTE, Fault.STALLING, Fault.DROPPING,
    Fault.DRIPPING, Fault.WRONG_RATE,
)  # fmt: skip
#: Of recognisers: from the end of speech to the final words, with all the silence they wait for.
LISTEN_PROFILES: dict[str, Profile] = {
    "fast": AT_ONCE,
    "nova-3": Profile(
        247.0, 0.114, source="pipecat stt-benchmark, n = 1000; 0.2 s of it is its voice detector's stop", has_tail=False
    ),
    "flux": Profile(
        260.0, 0.114, source="Deepgram, Flux quickstart: about 260 ms; the spread is nova-3's", has_tail=False
    ),
    "gpt-4o-mini-transcribe": Profile(
        637.0, 0.252, source="pipecat stt-benchmark, n = 1000; 0.2 s of it is its voice detector's stop", has_tail=False
    ),
    **{fault.value: Profile(fault=fault) for fault in _OF_LISTENING},
}
