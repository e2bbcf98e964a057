"""Names, numbers and networks as the plan spells them."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

#: Every object of ours on the server bears it; nothing else is ever replaced or deleted. An inbound and an outbound
#: trunk may share a name: the server keeps the two in lists of their own, and so do we.
NAME_PREFIX = "voicefleet/"
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def _e164(number: str) -> str:
    if not _E164.fullmatch(number):
        raise ValueError(f"{number!r} is not an E.164 number such as +15550100100")
    return number


def network_of(address: str) -> str:
    """An address or network, CIDR. Raises ValueError with a sentence."""
    try:
        network = ipaddress.ip_network(address)
        if getattr(network.network_address, "scope_id", None) is not None:
            raise ValueError("a zone has no meaning on another machine")
        return str(network)
    except ValueError:
        raise ValueError(f"{address!r} is not an address or network such as 54.172.60.0/30") from None


Number = Annotated[str, AfterValidator(_e164)]
Network = Annotated[str, AfterValidator(network_of)]
