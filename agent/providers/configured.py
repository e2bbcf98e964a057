"""Of a chain those that can be used: a key that is missing takes one provider from a call, not the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from agent.domain.errors import ConfigError
from agent.domain.providers import Provider
from agent.runtime.logs import get_logger

_log = get_logger("agent.providers.configured")
T = TypeVar("T")


def opened(chain: Sequence[Provider], open_one: Callable[[Provider], T]) -> list[T]:
    """What `open_one` makes of each that can be used, in order; the others are named in the log.

    Raises:
        ConfigError: none of them can be.
    """
    found, missing = [], []
    for provider in chain:
        try:
            found.append(open_one(provider))
        except ConfigError as error:
            missing.append(str(error))
            _log.warning("provider.not_configured", provider=provider.name, kind=provider.kind.value, error=str(error))
    if not found:
        raise ConfigError("; ".join(missing) or "no provider is named")
    return found
