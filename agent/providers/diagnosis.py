"""What a provider's error means, in one line that says what to do, with nothing in it of what was sent or answered."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from agent.domain.errors import Blame, DeadlineExceeded, DependencyUnavailable, FleetError
from agent.domain.providers import LOCAL, Kind, Provider
from agent.providers.catalogue import address, key_variable
from agent.runtime.accounts import Accounts

#: By status. {key}, {model}, {voice} and {host} are filled in.
_REFUSALS = {
    400: (Blame.CLIENT, "request refused (400): {model}{voice} does not take what we ask"),
    401: (Blame.CLIENT, "key refused (401): check {key}"),
    402: (Blame.CLIENT, "not paid (402): the account of {key} has no credit"),
    403: (Blame.CLIENT, "key refused (403): {key} gives no leave to use {model}"),
    404: (Blame.CLIENT, "unknown (404): no model {model}{voice} at {host}"),
    422: (Blame.CLIENT, "request refused (422): {model}{voice} does not take what we ask"),
    429: (Blame.UPSTREAM, "too many requests (429): the limit of {key} is reached"),
}
_NO_ANSWER = "no answer in time from {host}"
_UNREACHED = "cannot be reached: {host}"
#: In what plugins say when they do not say what kept them from connecting.
_NOT_CONNECTED = ("failed to connect", "could not connect", "timed out connecting")
_NONSENSE = "answered nonsense: {host} sent what cannot be read"
_CLOSED = "closed the connection: {host}"


class Nonsense(FleetError):
    """What came back is no answer to what was asked."""

    default_blame = Blame.UPSTREAM
    default_retryable = True


def is_late(error: BaseException) -> bool:
    """Its client gave up waiting."""
    return any(isinstance(each, TimeoutError) or _is_called(each, "Timeout") for each in _causes(error))


def diagnose(error: BaseException, provider: Provider, accounts: Accounts) -> tuple[Blame, str]:
    """Whose fault an error is, and what to do about it."""
    causes = list(_causes(error))
    status = next((found for each in causes if (found := _status(each)) is not None), None)
    if status is not None:
        blame, text = _REFUSALS.get(status, (Blame.UPSTREAM, f"fails ({status}): {{host}}"))
        return blame, _filled(text, provider, accounts)
    ours = next((each for each in causes if isinstance(each, FleetError)), None)
    if ours is not None and (provider.vendor == LOCAL or not _hides_more(ours, causes)):
        return ours.blame, str(ours)
    return Blame.UPSTREAM, _filled(_without_status(causes), provider, accounts)


def _hides_more(error: FleetError, causes: list[BaseException]) -> bool:
    """A client of ours says that the provider was not to be had, and another of its exceptions why."""
    is_away = isinstance(error, (DependencyUnavailable, DeadlineExceeded))
    return is_away and any(not isinstance(each, FleetError) for each in causes)


def host_of(provider: Provider, accounts: Accounts) -> str:
    """Where it is asked, as an operator would look for it."""
    return urlsplit(address(provider, accounts)).netloc or provider.vendor


def _without_status(causes: list[BaseException]) -> str:
    if is_late(causes[0]):
        return _NO_ANSWER
    if any(isinstance(each, OSError) or str(each).lower().startswith(_NOT_CONNECTED) for each in causes):
        return _UNREACHED
    if any(isinstance(each, ValueError) for each in causes):
        return _NONSENSE
    return _CLOSED if any(_is_called(each, "ConnectionError", "Disconnected") for each in causes) else _NONSENSE


def _is_called(error: BaseException, *parts: str) -> bool:
    """By the names of its classes: each client has exceptions of its own, and importing them all takes a second."""
    return any(part in kind.__name__ for kind in type(error).__mro__ for part in parts)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from; plugins wrap what they catch, sometimes without saying so."""
    seen: set[int] = set()
    waiting = [error]
    while waiting and len(seen) < 20:
        each = waiting.pop(0)
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [cause for cause in (each.__cause__, each.__context__) if cause is not None]


def _status(error: BaseException) -> int | None:
    """Of HTTP, as aiohttp, openai and LiveKit name it; LiveKit has -1 where there is none."""
    for name in ("status_code", "status"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _filled(text: str, provider: Provider, accounts: Accounts) -> str:
    has_voice = provider.kind is Kind.TTS and provider.voice
    return text.format(
        key=key_variable(provider) or "the server's own settings",
        model=provider.name,
        voice=f" or voice {provider.voice}" if has_voice else "",
        host=host_of(provider, accounts),
    )
