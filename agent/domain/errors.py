"""What can go wrong, and whose fault it is.

    FleetError
    ├── ConfigError          client: a file or setting we were given is wrong
    ├── DeadlineExceeded     the time allotted to a step ran out
    ├── Overloaded           server: a bounded queue is full
    └── DependencyUnavailable  a server we need does not answer

Expected refusals (an opening already taken, consent missing) are return values, not errors.
"""

from __future__ import annotations

from enum import Enum


class Blame(Enum):
    """Five-way blame of a call's technical outcome; also the `outcome` label of metrics."""

    SUCCESS = "success"
    CLIENT = "client"
    SERVER = "server"
    UPSTREAM = "upstream"
    INDETERMINATE = "indeterminate"


class FleetError(Exception):
    """An operation failed.

    Attributes:
        blame: whose fault it was, for metrics and for choosing the next step.
        retryable: whether the same request may succeed later, unchanged.
        status: of HTTP, where it was a server's refusal.
    """

    default_blame = Blame.INDETERMINATE
    default_retryable = False
    status: int | None = None

    def __init__(self, message: str = "", *, blame: Blame | None = None, retryable: bool | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])
        self.blame = self.default_blame if blame is None else blame
        self.retryable = self.default_retryable if retryable is None else retryable


class ConfigError(FleetError):
    """A configuration file or setting is wrong."""

    default_blame = Blame.CLIENT


class DeadlineExceeded(FleetError):
    """The time allotted to this step ran out."""

    default_blame = Blame.SERVER
    default_retryable = True


class Overloaded(FleetError):
    """A bounded queue is full."""

    default_blame = Blame.SERVER
    default_retryable = True


class DependencyUnavailable(FleetError):
    """A server we depend on does not answer."""

    default_blame = Blame.UPSTREAM
    default_retryable = True
