"""Outbound trunks: over which carrier a person is dialled, and which numbers may be dialled at all."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.domain.errors import ConfigError
from sip.addresses import NAME_PREFIX, Network, Number

Secret = Callable[[str], str | None]


class Auth(BaseModel):
    """Environment variables that hold the digest credentials; the plan itself holds none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    password_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class OutboundCarrier(BaseModel):
    """One carrier that takes our calls.

    Attributes:
        name: unique among outbound carriers; processes name the trunk by it.
        address: host or host:port of its SIP server, without a scheme.
        signalling_addresses: source addresses of its signalling, CIDR: whence its answers come, and its BYE.
        numbers: ours that may be shown as the caller, E.164.
        allowed: beginnings of the numbers that may be dialled; nothing else ever is.
        auth: how we answer its digest challenge; None where it knows us by address.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(:\d{1,5})?$")]
    signalling_addresses: Annotated[tuple[Network, ...], Field(min_length=1)]
    transport: Literal["udp", "tcp", "tls"] = "udp"
    numbers: Annotated[tuple[Number, ...], Field(min_length=1)]
    allowed: Annotated[tuple[Annotated[str, Field(pattern=r"^\+\d{1,15}$")], ...], Field(min_length=1)]
    auth: Auth | None = None

    @model_validator(mode="after")
    def _answers(self) -> OutboundCarrier:
        """A carrier whose own address the packet filter drops could never answer; a host's name is not looked up."""
        host = self.address.partition(":")[0]
        try:
            at = ipaddress.ip_address(host)
        except ValueError:
            return self
        if not any(at in ipaddress.ip_network(network) for network in self.signalling_addresses):
            raise ValueError(f"signalling_addresses do not hold {host}, which is dialled")
        return self


@dataclass(frozen=True)
class OutboundTrunk:
    """An outbound trunk as we want it; credentials are empty where there are none."""

    name: str
    address: str
    transport: str
    numbers: tuple[str, ...]
    allowed: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)


def outbound_trunks(carriers: tuple[OutboundCarrier, ...], secret: Secret) -> tuple[OutboundTrunk, ...]:
    """The trunks of the plan with their credentials.

    Args:
        secret: the value of an environment variable, None when it is not set.
    Raises: ConfigError: a variable the plan names is not set.
    """
    return tuple(_trunk(carrier, secret) for carrier in carriers)


def _trunk(carrier: OutboundCarrier, secret: Secret) -> OutboundTrunk:
    user = _needed(carrier.auth.user_env, carrier, secret) if carrier.auth else ""
    password = _needed(carrier.auth.password_env, carrier, secret) if carrier.auth else ""
    name = f"{NAME_PREFIX}{carrier.name}"
    return OutboundTrunk(name, carrier.address, carrier.transport, carrier.numbers, carrier.allowed, user, password)


def _needed(variable: str, carrier: OutboundCarrier, secret: Secret) -> str:
    value = secret(variable)
    if not value:
        raise ConfigError(f"outbound carrier {carrier.name}: {variable} is not set")
    return value


def may_dial(number: str, allowed: tuple[str, ...]) -> bool:
    """Whether a trunk with these beginnings may dial this number."""
    return any(number.startswith(beginning) for beginning in allowed)
