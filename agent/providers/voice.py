"""A voice as a chain of them uses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from agent.domain.errors import Blame, FleetError
from agent.domain.providers import Provider


class Unspoken(FleetError):
    """A voice did not say a clause, or not all of it.

    Attributes:
        is_nonsense: what came of it was not its words.
    """

    default_blame = Blame.UPSTREAM
    default_retryable = True

    def __init__(
        self, message: str = "", *, blame: Blame | None = None, retryable: bool | None = None, is_nonsense: bool = False
    ) -> None:
        super().__init__(message, blame=blame, retryable=retryable)
        self.is_nonsense = is_nonsense


class Voice(Protocol):
    """Speaks one clause a request."""

    @property
    def provider(self) -> Provider: ...

    @property
    def is_hosted(self) -> bool:
        """Whether it is somebody else's: paid for by the request, and not to be believed blindly."""
        ...

    def nearest_rate(self, rate: float) -> float:
        """The rate it speaks at when it is asked for this one; 1.0 is its own pace."""
        ...

    def cached_as(self, rate: float) -> str:
        """What its audio at that rate is cached under."""
        ...

    def request(self, spoken: str, rate: float) -> AsyncGenerator[bytes, None]:
        """Speak.

        Args:
            spoken: a clause in its spoken form.
        Returns: mono int16 at SAMPLE_RATE_HZ, in pieces that may break anywhere. It may never end.
        Raises: Unspoken.
        """
        ...

    async def prewarm(self) -> None:
        """Open the connection that the first request will use; never raises."""
        ...

    async def aclose(self) -> None:
        """Close what it opened."""
        ...
