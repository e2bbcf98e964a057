"""When the fleet leaves a provider alone, and when it is tried again: a breaker, as a rule over given times.

Closed, a provider is used. It opens when more than half of at least `LEAST_ATTEMPTS` attempts within five minutes
failed, on a burst of failures in a row, or at once when it refuses a probe: our key is wrong. A call may be refused for
what one business asks, such as a voice that does not exist, and that is a failure like others. Open, it is left alone
until a probe is due. Half-open, one probe is under way; it alone decides, never a caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from agent.domain.errors import Blame
from agent.domain.providers import Kind, Provider

WINDOW_S = 300
BUCKET_S = 10
LEAST_ATTEMPTS = 10
FAILING_SHARE = 0.5
#: So many failures in a row, of whichever calls, within BURST_S seconds.
BURST = 3
BURST_S = 20.0
FIRST_OPEN_S = 15.0
LONGEST_OPEN_S = 300.0
#: Longer than any probe may take; then whoever runs it has died, and the probe is anybody's.
PROBE_LEASE_S = 15.0
_REASON_CHARACTERS = 200

#: Asked in a chain. What has no spare cannot be left alone.
KINDS = frozenset({Kind.STT, Kind.MODEL, Kind.TTS})

#: What has a breaker: a vendor's model in one of its uses. The voice makes no difference.
Key: TypeAlias = tuple[Kind, str]


class Standing(Enum):
    """Whether a provider is used."""

    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


class Cause(Enum):
    """Why a breaker is open. REFUSED needs an operator: a key or an account is wrong; it is probed all the same."""

    RATE = "rate"
    BURST = "burst"
    PROBE = "probe"
    REFUSED = "refused"


class Happening(Enum):
    """What a breaker is told."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    PROBE_CLAIMED = "probe_claimed"
    PROBE_SUCCEEDED = "probe_succeeded"
    PROBE_FAILED = "probe_failed"
    PROBE_REFUSED = "probe_refused"
    RESET = "reset"


#: What became of a caller's attempt, and of a probe.
OF_CALLERS: Mapping[Blame, Happening] = {
    Blame.SUCCESS: Happening.SUCCEEDED,
    Blame.CLIENT: Happening.REFUSED,
    Blame.SERVER: Happening.FAILED,
    Blame.UPSTREAM: Happening.FAILED,
    Blame.INDETERMINATE: Happening.FAILED,
}
OF_PROBES: Mapping[Blame, Happening] = {
    Blame.SUCCESS: Happening.PROBE_SUCCEEDED,
    Blame.CLIENT: Happening.PROBE_REFUSED,
    Blame.SERVER: Happening.PROBE_FAILED,
    Blame.UPSTREAM: Happening.PROBE_FAILED,
    Blame.INDETERMINATE: Happening.PROBE_FAILED,
}
_GOOD = {Happening.SUCCEEDED, Happening.PROBE_SUCCEEDED}
_BAD = {Happening.FAILED, Happening.REFUSED, Happening.PROBE_FAILED, Happening.PROBE_REFUSED}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Attempts of ten seconds; `number` counts them from the epoch."""

    number: int
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True)
class Breaker:
    """One provider's.

    Attributes:
        since_at: when it closed, or first opened; a failed probe does not change it.
        cause: of its last opening or failed probe.
        reason: what the provider said at its last failure.
        open_s: how long it was last to be left alone; kept when it closes, so that one that opens again soon stays
            open longer.
        due_at: not probed before; while a probe is under way, the end of its lease.
        told_at: the last attempt or probe.
        in_a_row: the latest failures that no success followed, at most `BURST`.
        buckets: of the last five minutes, oldest first.
    """

    standing: Standing = Standing.CLOSED
    since_at: datetime | None = None
    cause: Cause | None = None
    reason: str = ""
    open_s: float = 0.0
    due_at: datetime | None = None
    told_at: datetime | None = None
    in_a_row: tuple[datetime, ...] = ()
    buckets: tuple[Bucket, ...] = ()

    @property
    def is_left_alone(self) -> bool:
        """Half-open is as good as open to a caller."""
        return self.standing is not Standing.CLOSED


def key_of(provider: Provider) -> Key:
    """Which breaker a provider has."""
    return provider.kind, provider.name


def after(breaker: Breaker, happening: Happening, at: datetime, reason: str = "") -> Breaker:
    """The breaker once it has been told. What arrives late, with a time gone by, is counted where it belongs.

    Args:
        at: aware UTC; when it happened.
        reason: what the provider said, if it failed.
    """
    told = _counted(breaker, happening, at)
    if happening in _BAD:
        told = replace(told, reason=reason[:_REASON_CHARACTERS])
    return TABLE[breaker.standing, happening](told, at)


def is_due(breaker: Breaker, at: datetime, *, idle_s: float | None = None) -> bool:
    """Whether a probe may begin.

    Args:
        idle_s: a closed one is probed too when nothing has been heard of it for so long; None probes no closed one.
    """
    if breaker.due_at is not None and at < breaker.due_at:
        return False
    if breaker.is_left_alone:
        return True
    return idle_s is not None and (breaker.told_at is None or at - breaker.told_at >= timedelta(seconds=idle_s))


def recent(breaker: Breaker, at: datetime) -> tuple[int, int]:
    """Attempts and, among them, failures of the five minutes before `at`."""
    oldest = _number(at) - WINDOW_S // BUCKET_S
    counted = [bucket for bucket in breaker.buckets if bucket.number > oldest]
    return sum(bucket.attempts for bucket in counted), sum(bucket.failures for bucket in counted)


def _counted(breaker: Breaker, happening: Happening, at: datetime) -> Breaker:
    if happening not in _GOOD | _BAD:
        return breaker
    is_failure = happening in _BAD
    if is_failure:
        in_a_row = tuple(sorted((*breaker.in_a_row, at))[-BURST:])
    else:
        in_a_row = tuple(each for each in breaker.in_a_row if each > at)
    counts = {bucket.number: bucket for bucket in breaker.buckets}
    number = _number(at)
    here = counts.get(number, Bucket(number, 0, 0))
    counts[number] = Bucket(number, here.attempts + 1, here.failures + is_failure)
    oldest = max(counts) - WINDOW_S // BUCKET_S
    buckets = tuple(counts[each] for each in sorted(counts) if each > oldest)
    told_at = at if breaker.told_at is None else max(at, breaker.told_at)
    return replace(breaker, in_a_row=in_a_row, buckets=buckets, told_at=told_at)


def _number(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // BUCKET_S


def _stay(breaker: Breaker, _: datetime) -> Breaker:
    return breaker


def _open_if_failing(breaker: Breaker, at: datetime) -> Breaker:
    row = breaker.in_a_row
    if len(row) == BURST and row[-1] - row[0] <= timedelta(seconds=BURST_S):
        return _open(breaker, at, Cause.BURST)
    attempts, failures = recent(breaker, at)
    if attempts >= LEAST_ATTEMPTS and failures > FAILING_SHARE * attempts:
        return _open(breaker, at, Cause.RATE)
    return breaker


def _open_refused(breaker: Breaker, at: datetime) -> Breaker:
    return _open(breaker, at, Cause.REFUSED)


def _open_again(breaker: Breaker, at: datetime) -> Breaker:
    return _open(breaker, at, Cause.PROBE)


def _open(breaker: Breaker, at: datetime, cause: Cause) -> Breaker:
    is_first = not breaker.is_left_alone
    is_soon = breaker.since_at is not None and at - breaker.since_at < timedelta(seconds=WINDOW_S)
    is_longer = breaker.open_s > 0 and (is_soon or not is_first)
    open_s = min(2 * breaker.open_s, LONGEST_OPEN_S) if is_longer else FIRST_OPEN_S
    return replace(
        breaker,
        standing=Standing.OPEN,
        since_at=at if is_first else breaker.since_at,
        cause=cause,
        open_s=open_s,
        due_at=at + timedelta(seconds=open_s),
    )


def _lease(breaker: Breaker, at: datetime) -> Breaker:
    return replace(breaker, due_at=at + timedelta(seconds=PROBE_LEASE_S))


def _probe(breaker: Breaker, at: datetime) -> Breaker:
    return replace(_lease(breaker, at), standing=Standing.HALF_OPEN)


def _close(breaker: Breaker, at: datetime) -> Breaker:
    # the failures that opened it would open it again at the next one
    return Breaker(since_at=at, open_s=breaker.open_s, told_at=breaker.told_at)


def _reset(breaker: Breaker, at: datetime) -> Breaker:
    return Breaker(since_at=at, told_at=breaker.told_at)


#: What a breaker does at each happening; it has been counted already.
TABLE: Mapping[tuple[Standing, Happening], Callable[[Breaker, datetime], Breaker]] = {
    (Standing.CLOSED, Happening.SUCCEEDED): _stay,
    (Standing.CLOSED, Happening.FAILED): _open_if_failing,
    (Standing.CLOSED, Happening.REFUSED): _open_if_failing,
    (Standing.CLOSED, Happening.PROBE_CLAIMED): _lease,
    (Standing.CLOSED, Happening.PROBE_SUCCEEDED): _stay,
    (Standing.CLOSED, Happening.PROBE_FAILED): _open_if_failing,
    (Standing.CLOSED, Happening.PROBE_REFUSED): _open_refused,
    (Standing.CLOSED, Happening.RESET): _reset,
    (Standing.HALF_OPEN, Happening.SUCCEEDED): _stay,
    (Standing.HALF_OPEN, Happening.FAILED): _stay,
    (Standing.HALF_OPEN, Happening.REFUSED): _stay,
    (Standing.HALF_OPEN, Happening.PROBE_CLAIMED): _probe,
    (Standing.HALF_OPEN, Happening.PROBE_SUCCEEDED): _close,
    (Standing.HALF_OPEN, Happening.PROBE_FAILED): _open_again,
    (Standing.HALF_OPEN, Happening.PROBE_REFUSED): _open_refused,
    (Standing.HALF_OPEN, Happening.RESET): _reset,
    (Standing.OPEN, Happening.SUCCEEDED): _stay,
    (Standing.OPEN, Happening.FAILED): _stay,
    (Standing.OPEN, Happening.REFUSED): _stay,
    (Standing.OPEN, Happening.PROBE_CLAIMED): _probe,
    (Standing.OPEN, Happening.PROBE_SUCCEEDED): _close,
    # a probe whose lease had run out: the one that took its place has decided
    (Standing.OPEN, Happening.PROBE_FAILED): _stay,
    (Standing.OPEN, Happening.PROBE_REFUSED): _stay,
    (Standing.OPEN, Happening.RESET): _reset,
}
