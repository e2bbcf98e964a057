"""The stack's record on disk: written by the runner, read by every command, also after the runner's death."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from infra.local.places import Places
from infra.local.proc import Identity


class Phase(StrEnum):
    """What the stack as a whole is doing."""

    STARTING = "starting"
    UP = "up"
    FAILED = "failed"
    STOPPING = "stopping"
    DOWN = "down"


class PartState(StrEnum):
    """What one process is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    RESTARTING = "restarting"
    CRASH_LOOP = "crash loop"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


#: Nothing is wrong with a process in one of these.
GOOD_STATES = frozenset({PartState.HEALTHY, PartState.DONE})


@dataclass(slots=True)
class PartRecord:
    """One process.

    Attributes:
        identity: the running process; None when there is none.
        since_at: when it took on this state's process, seconds since the epoch.
        restarts: how often it was started again.
        detail: why it is not healthy; of a step that is done, the last it said.
        took_s: from start to healthy.
    """

    name: str
    state: PartState = PartState.WAITING
    identity: Identity | None = None
    since_at: float | None = None
    restarts: int = 0
    detail: str = ""
    took_s: float | None = None


@dataclass(slots=True)
class FleetFigures:
    """Calls and seats, as the keeper counts them."""

    calls: int
    seats_total: int
    seats_free: int


@dataclass(slots=True)
class StackRecord:
    """The whole stack.

    Attributes:
        sentence: why it failed.
        isolated: whether it runs in a namespace of its own.
        address: where livekit-sip listens.
        env: what `run` gives to commands, beside their own environment.
        written_at: seconds since the epoch.
    """

    phase: Phase
    runner: Identity
    isolated: bool
    address: str
    sip_port: int
    sentence: str = ""
    env: dict[str, str] = field(default_factory=dict)
    parts: list[PartRecord] = field(default_factory=list)
    fleet: FleetFigures | None = None
    written_at: float = 0.0

    @property
    def shown_sip(self) -> str:
        """Where livekit-sip listens, as the end of a sentence; empty where there is none."""
        has_sip = any(part.name == "livekit-sip" for part in self.parts)
        return f"; SIP at {self.address}:{self.sip_port}" if has_sip else ""


def write_record(places: Places, record: StackRecord) -> None:
    """Replace the record at once; readers see the old or the new one. It holds the API secret: mode 0600."""
    fresh = places.record.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(record)))
    fresh.rename(places.record)


def read_record(places: Places) -> StackRecord | None:
    """The last record; None when there is none that can be read."""
    try:
        return _parse(json.loads(places.record.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _parse(document: dict[str, Any]) -> StackRecord:
    parts = [_parse_part(part) for part in document.pop("parts")]
    fleet = document.pop("fleet")
    runner = Identity(**document.pop("runner"))
    phase = Phase(document.pop("phase"))
    return StackRecord(
        phase=phase, runner=runner, parts=parts, fleet=FleetFigures(**fleet) if fleet else None, **document
    )


def _parse_part(document: dict[str, Any]) -> PartRecord:
    identity = document.pop("identity")
    state = PartState(document.pop("state"))
    return PartRecord(state=state, identity=Identity(**identity) if identity else None, **document)
