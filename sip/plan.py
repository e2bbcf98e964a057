"""The committed plan: which carriers may call, on which numbers, and the objects it asks LiveKit for.

Names are the identity of those objects, because the server makes their ids; every name starts with
`NAME_PREFIX` and only such objects are ever replaced or deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.domain.errors import ConfigError
from sip.addresses import NAME_PREFIX, Network, Number, network_of
from sip.outbound import OutboundCarrier, OutboundTrunk, Secret, outbound_trunks

#: No carrier can have this name: theirs hold no dot.
UNKNOWN_NUMBER = f"{NAME_PREFIX}unknown.number"
#: LiveKit appends `_<caller>_<random>`, so a room's name holds a phone number: mask it in logs.
CALL_ROOM_PREFIX = "call"
REFUSED_ROOM_PREFIX = "refused"


class Carrier(BaseModel):
    """One carrier: where its calls come from and where they go.

    Attributes:
        name: unique in the plan; part of the trunks' names on the server.
        local: calls from this machine; the only carrier that extra addresses may be added to.
        allowed_addresses: source addresses of its signalling, CIDR.
        numbers: the numbers we answer on it, E.164.
        agent: name under which our workers register with LiveKit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    local: bool = False
    allowed_addresses: Annotated[tuple[Network, ...], Field(min_length=1)]
    numbers: Annotated[tuple[Number, ...], Field(min_length=1)]
    agent: Annotated[str, Field(min_length=1)]


class Plan(BaseModel):
    """The whole plan file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ringing_timeout_s: Annotated[int, Field(ge=5, le=60)] = 15
    max_call_duration_s: Annotated[int, Field(ge=60, le=86_400)] = 3600
    carriers: Annotated[tuple[Carrier, ...], Field(min_length=1)]
    outbound: tuple[OutboundCarrier, ...] = ()

    @model_validator(mode="after")
    def _unambiguous(self) -> Plan:
        """A number may be on one trunk only, whatever the addresses: the server accepts no second one."""
        for names in ([carrier.name for carrier in self.carriers], [carrier.name for carrier in self.outbound]):
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"two carriers are named {name!r}")
        numbers = [number for carrier in self.carriers for number in carrier.numbers]
        for number in numbers:
            if numbers.count(number) > 1:
                raise ValueError(f"the number {number} is listed twice")
        return self


@dataclass(frozen=True)
class Trunk:
    """An inbound trunk as we want it; without numbers it takes every call of its addresses."""

    name: str
    numbers: tuple[str, ...]
    allowed_addresses: tuple[str, ...]
    ringing_timeout_s: int
    max_call_duration_s: int


@dataclass(frozen=True)
class Rule:
    """An individual dispatch rule as we want it; an empty `agent` dispatches nobody."""

    name: str
    trunk: str
    room_prefix: str
    agent: str


@dataclass(frozen=True)
class Wanted:
    """Every object the plan asks for, in the order in which they can be created."""

    trunks: tuple[Trunk, ...]
    rules: tuple[Rule, ...]
    outbound: tuple[OutboundTrunk, ...] = ()


def load_plan(path: Path) -> Plan:
    """Read and check a plan file.

    Raises: ConfigError: one sentence naming the file and the first key at fault.
    """
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())})") from None
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_fault(error)}") from None


def wanted_objects(plan: Plan, *, extra_addresses: tuple[str, ...] = (), secret: Secret | None = None) -> Wanted:
    """What the server should hold.

    Args:
        extra_addresses: networks added to the local carrier, CIDR.
        secret: where the credentials of outbound trunks are; without it these are left out.
    Raises: ConfigError: an extra address is malformed, there is no local carrier, or a secret is not set.
    """
    extra = _checked_extra(plan, extra_addresses)
    trunks: list[Trunk] = []
    rules: list[Rule] = []
    limits = {"ringing_timeout_s": plan.ringing_timeout_s, "max_call_duration_s": plan.max_call_duration_s}
    for carrier in plan.carriers:
        name = f"{NAME_PREFIX}{carrier.name}"
        addresses = carrier.allowed_addresses + (extra if carrier.local else ())
        trunks.append(Trunk(name, carrier.numbers, addresses, **limits))
        rules.append(Rule(name, name, CALL_ROOM_PREFIX, carrier.agent))
    # One for all carriers: the server accepts no second trunk without numbers, not even for other addresses.
    everywhere = tuple(dict.fromkeys(address for trunk in trunks for address in trunk.allowed_addresses))
    trunks.append(Trunk(UNKNOWN_NUMBER, (), everywhere, **limits))
    rules.append(Rule(UNKNOWN_NUMBER, UNKNOWN_NUMBER, REFUSED_ROOM_PREFIX, ""))
    outbound = outbound_trunks(plan.outbound, secret) if secret else ()
    return Wanted(tuple(trunks), tuple(rules), outbound)


def is_call_room(name: str) -> bool:
    """Whether a room was opened for a call to one of our numbers."""
    return name.startswith(f"{CALL_ROOM_PREFIX}_")


def is_refused_room(name: str) -> bool:
    """Whether a room was opened for a known carrier's call to a number nobody owns."""
    return name.startswith(f"{REFUSED_ROOM_PREFIX}_")


def _checked_extra(plan: Plan, addresses: tuple[str, ...]) -> tuple[str, ...]:
    if not addresses:
        return ()
    if not any(carrier.local for carrier in plan.carriers):
        raise ConfigError("--allow-address needs a carrier marked local: true in the plan")
    try:
        return tuple(dict.fromkeys(network_of(address) for address in addresses))
    except ValueError as error:
        raise ConfigError(f"--allow-address: {error}") from None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    if fault["type"] == "extra_forbidden":
        return f"unknown key {key}"
    message = fault["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{key}: {message}" if key else message
