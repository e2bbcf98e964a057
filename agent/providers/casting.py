"""Which of a call's voices speaks next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.domain.providers import Breakers, Provider, in_order
from agent.providers.voice import Voice

#: How long a voice that failed is left alone in this call, when the fleet still trusts it.
RESTS_S = 30.0
#: A clause asked for later than this after the end of what was said before it begins another reply.
_SAME_REPLY_S = 1.0
#: Of a budget, kept for the local voice, which has been made ready by then.
_LOCAL_S = 0.2
#: The local voice is the last resort as a rule: a late sound is better than none.
_LAST_S = 4.5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for hosted voices, in seconds.

    Attributes:
        first_s: for the first sound of the first that is asked.
        all_s: for the first sound of any of them.
        stall_s: for more, from when all that has come is spoken.
    """

    first_s: float = 1.0
    all_s: float = 2.2
    stall_s: float = 0.7

    def first_sounds_s(self, order: Sequence[Voice]) -> list[float]:
        """What each voice may take, so that one is heard within `all_s` whatever fails."""
        hosted = sum(voice.is_hosted for voice in order)
        left_s = self.all_s - (_LOCAL_S if hosted < len(order) else 0.0)
        first_s = self.first_s if len(order) > 1 else left_s
        later_s = (left_s - first_s) / max(1, hosted - 1)
        budgets = iter([first_s, *[later_s] * hosted])
        return [next(budgets) if voice.is_hosted else _LAST_S for voice in order]


#: What a caller may be asked to bear.
AS_A_CALLER = Patience()


class Casting:
    """Decides by configuration, by the breakers, and by what happened in this call.

    Args:
        voices: at least one, the first to be asked first; of different providers.
        clock: seconds, monotonic.

    Attributes:
        preferred: asked before the others; None is as configured.
        use_hosted: whether voices that cost money may be asked, as long as there is another.
    """

    def __init__(self, voices: Sequence[Voice], breakers: Breakers, clock: Callable[[], float]) -> None:
        self._voices = {voice.provider: voice for voice in voices}
        self._breakers = breakers
        self._clock = clock
        self._rested_at: dict[Provider, float] = {}
        self._speaking: Provider | None = None
        self._heard_until = float("-inf")
        self.preferred: Provider | None = None
        self.use_hosted = True

    def first(self) -> Voice:
        """The voice the caller is to hear, were all well."""
        return self._voices[self._wished()[0]]

    def order(self) -> list[Voice]:
        """The voices as they are to be asked: within a reply the one that speaks, those that failed last."""
        wished = self._wished()
        if self._is_same_reply() and self._speaking in wished:
            wished = (self._speaking, *(each for each in wished if each is not self._speaking))
        tried = sorted(in_order(wished, self._breakers), key=self._is_resting)
        voices = [self._voices[each] for each in tried]
        free = [voice for voice in voices if not voice.is_hosted]
        return voices if self.use_hosted else free or voices

    def is_doubtful(self, voice: Voice) -> bool:
        """Whether it failed lately, here or for the fleet."""
        return self._is_resting(voice.provider) or self._breakers.is_open(voice.provider)

    def keeps_to_spare(self) -> bool:
        """Whether a reply is being spoken by another voice than the first."""
        return self._is_same_reply() and self._speaking not in (None, self._wished()[0])

    def spoke(self, voice: Voice, seconds: float) -> None:
        """So much of a reply was handed over in this voice."""
        self._heard_until = max(self._clock(), self._heard_until) + seconds
        self._speaking = voice.provider

    def failed(self, voice: Voice) -> None:
        """It did not say what it was asked to say."""
        self._rested_at[voice.provider] = self._clock() + RESTS_S

    def _wished(self) -> tuple[Provider, ...]:
        return tuple(sorted(self._voices, key=lambda each: each != self.preferred))

    def _is_same_reply(self) -> bool:
        return self._clock() < self._heard_until + _SAME_REPLY_S

    def _is_resting(self, provider: Provider) -> bool:
        return self._clock() < self._rested_at.get(provider, float("-inf"))
