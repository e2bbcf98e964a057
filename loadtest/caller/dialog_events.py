"""What a dialog reports to its call; times are seconds on the dialog's clock."""

from __future__ import annotations

from dataclasses import dataclass

from loadtest.caller import sdp


@dataclass(frozen=True)
class Ringing:
    """The first 18x arrived."""

    at_s: float


@dataclass(frozen=True)
class Answered:
    """A 200 arrived; talk to ``media``."""

    at_s: float
    media: sdp.MediaAddress


@dataclass(frozen=True)
class MediaMoved:
    """A re-INVITE named another media address."""

    media: sdp.MediaAddress


@dataclass(frozen=True)
class Over:
    """The call is finished; ``by`` is "agent", "caller", "refused", "nobody" (no answer) or "carrier" (transferred)."""

    at_s: float
    by: str


@dataclass(frozen=True)
class Referred:
    """A REFER asked us to call ``to`` instead, a URI; what became of it is the script's."""

    at_s: float
    to: str


Event = Ringing | Answered | MediaMoved | Referred | Over
