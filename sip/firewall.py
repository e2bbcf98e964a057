"""The packet filter that belongs to the plan: only addresses of its carriers reach the SIP port at all.

livekit-sip rings before it knows whether any trunk wants a call, and answers OPTIONS to everybody: that a
stranger gets nothing can only be had in front of it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from sip.plan import Plan, wanted_objects

#: Loading the ruleset replaces this table and touches no other.
TABLE = "voicefleet"


def allowed_networks(
    plan: Plan, *, extra_addresses: tuple[str, ...] = ()
) -> tuple[tuple[IPv4Network, ...], tuple[IPv6Network, ...]]:
    """Networks whose packets may reach the SIP port: those of every carrier, merged and in order.

    A carrier that only takes our calls answers to that port too, and says there when the person has hung up.

    Args:
        extra_addresses: networks added to the local carrier, CIDR.
    Returns: IPv4 and IPv6; either may be empty.
    Raises: ConfigError: an extra address is malformed, or there is no local carrier.
    """
    trunks = wanted_objects(plan, extra_addresses=extra_addresses).trunks
    calling = [address for trunk in trunks for address in trunk.allowed_addresses]
    answering = [address for carrier in plan.outbound for address in carrier.signalling_addresses]
    networks = [ipaddress.ip_network(address) for address in (*calling, *answering)]
    ipv4 = [network for network in networks if isinstance(network, IPv4Network)]
    ipv6 = [network for network in networks if isinstance(network, IPv6Network)]
    return tuple(ipaddress.collapse_addresses(ipv4)), tuple(ipaddress.collapse_addresses(ipv6))


def nftables_ruleset(plan: Plan, ports: Iterable[int], *, extra_addresses: tuple[str, ...] = ()) -> str:
    """The filter as text for `nft --file -`, which loads all of it or none and may do so again and again.

    Packets count by their source address alone, whatever interface brings them. A packet that is let through
    still meets the machine's other tables. RTP is not filtered: carriers send it from addresses of its own.

    Args:
        ports: what livekit-sip listens on for signalling, UDP and TCP; at least one.
        extra_addresses: networks added to the local carrier, CIDR.
    Raises: ConfigError: as `allowed_networks`.
    """
    ipv4, ipv6 = allowed_networks(plan, extra_addresses=extra_addresses)
    allowed = [f"ip saddr {_set(ipv4)} accept"] if ipv4 else []
    allowed += [f"ip6 saddr {_set(ipv6)} accept"] if ipv6 else []
    lines = [
        # A table must exist to be deleted; the first line sees to that.
        f"table inet {TABLE}",
        f"delete table inet {TABLE}",
        f"table inet {TABLE} {{",
        "    chain input {",
        "        type filter hook input priority filter; policy accept;",
        f"        meta l4proto {{ tcp, udp }} th dport {_set(sorted(set(ports)))} goto sip",
        "    }",
        "    chain sip {",
        *(f"        {rule}" for rule in allowed),
        "        counter drop",
        "    }",
        "}",
    ]
    return "\n".join(lines)


def _set(elements: Iterable[object]) -> str:
    return f"{{ {', '.join(map(str, elements))} }}"
