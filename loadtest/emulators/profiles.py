"""How long a provider takes, and how it fails, by name.

Latencies are log-normal: the median and the spread of what was published for the model, time to its first token; of a
recogniser, from the end of speech to the final words. None were found for embeddings: `far` is made up.
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
    #: 200, and half a JSON document.
    MALFORMED = "malformed"
    #: Headers and half of the body, then nothing.
    STALLING = "stalling"
    #: Half of the body, then the connection is closed.
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
    """

    median_ms: float = 0.0
    sigma: float = 0.0
    fault: Fault = Fault.NONE
    source: str = "made up"
    has_tail: bool = True

    def latency_s(self, dice: random.Random) -> float:
        """One answer's, drawn."""
        if not self.median_ms:
            return 0.0
        drawn = math.exp(math.log(self.median_ms) + self.sigma * dice.gauss(0.0, 1.0)) / 1000
        is_tail = self.has_tail and self.sigma > 0 and dice.random() < _TAIL_SHARE
        return drawn * _TAIL_FACTOR if is_tail else drawn


#: Faults of a stream of audio; chat and embeddings have none.
_OF_AUDIO = frozenset({Fault.DRIPPING, Fault.WRONG_RATE})
_OF_CHAT = frozenset({Fault.TRUNCATED, Fault.DECLINING})
_OF_EMBEDDINGS = frozenset({Fault.SHORT, Fault.UNEQUAL, Fault.NOT_A_NUMBER, Fault.ZERO})
PROFILES: dict[str, Profile] = {
    "fast": Profile(),
    "slow": Profile(1200.0),
    "gpt-4.1": Profile(683.0, 0.263, source="kwindla/aiewf-eval, 300 turns"),
    "gpt-4o-mini": Profile(760.0, 0.337, source="kwindla/aiewf-eval, 300 turns"),
    "gpt-oss-120b-groq": Profile(98.0, 0.508, source="kwindla/aiewf-eval, 300 turns"),
    **{fault.value: Profile(fault=fault) for fault in Fault if fault not in {Fault.NONE, *_OF_AUDIO, *_OF_EMBEDDINGS}},
}
EMBEDDING_PROFILES: dict[str, Profile] = {
    "fast": Profile(),
    "slow": Profile(1200.0),
    "far": Profile(150.0, 0.4),
    **{fault.value: Profile(fault=fault) for fault in Fault if fault not in {Fault.NONE, *_OF_AUDIO, *_OF_CHAT}},
}
_OF_LISTENING = (
    Fault.HANGING, Fault.FAILING, Fault.LIMITED, Fault.MALFORMED, Fault.STALLING, Fault.DROPPING, Fault.DRIPPING,
    Fault.WRONG_RATE,
)  # fmt: skip
#: Of recognisers: from the end of speech to the final words, with all the silence they wait for.
LISTEN_PROFILES: dict[str, Profile] = {
    "fast": Profile(),
    "nova-3": Profile(
        247.0, 0.114, source="pipecat stt-benchmark, n = 1000; 0.2 s of it is its voice detector's stop", has_tail=False
    ),
    "flux": Profile(
        260.0, 0.114, source="Deepgram, Flux quickstart: about 260 ms; the spread is nova-3's", has_tail=False
    ),
    **{fault.value: Profile(fault=fault) for fault in _OF_LISTENING},
}
