"""Of a chain those that can be used: a key that is missing takes one provider from a call, not the call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from agent.domain.errors import ConfigError
from agent.domain.providers import Provider
from agent.runtime.logs import get_logger

_log = get_logger("agent.providers.configured")
T = TypeVar("T")


def opened(chain: Sequence[Provider], open_one: Callable[[Provider], T]) -> list[T]:
    """What `open_one` makes of each that can be used, in order.

    Raises:
        ConfigError: none of them can be.
    """
    found, missing = usable(chain, open_one)
    if not found:
        raise ConfigError("; ".join(missing) or "no provider is named")
    return list(found.values())


def usable(providers: Iterable[Provider], open_one: Callable[[Provider], T]) -> tuple[dict[Provider, T], list[str]]:
    """What `open_one` makes of each that can be used, and what is wrong with the others, which the log names."""
    found, missing = {}, []
    for provider in providers:
        try:
            found[provider] = open_one(provider)
        except ConfigError as error:
            missing.append(str(error))
            _log.warning("provider.not_configured", provider=provider.name, kind=provider.kind.value, error=str(error))
    return found, missing
