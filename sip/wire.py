"""Our trunks and rules as LiveKit's messages, and what is stored on the server as plain facts.

Facts take in every field of a message, ours or not, so that a change made by hand shows as a difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from livekit import api

from sip.outbound import OutboundTrunk
from sip.plan import Rule, Trunk

#: Fields the server fills in; `media` is its newer spelling of fields that also appear in the old one.
_SERVER_OWNED = ("sip_trunk_id", "sip_dispatch_rule_id", "created_at", "updated_at", "media")

Facts = Mapping[str, Any]

_TRANSPORTS = {
    "udp": api.SIPTransport.SIP_TRANSPORT_UDP,
    "tcp": api.SIPTransport.SIP_TRANSPORT_TCP,
    "tls": api.SIPTransport.SIP_TRANSPORT_TLS,
}


@dataclass(frozen=True)
class Stored:
    """A trunk or rule on the server; in its facts trunks are named, not given by id."""

    id: str
    name: str
    facts: Facts


def trunk_message(trunk: Trunk) -> api.SIPInboundTrunkInfo:
    """A trunk as LiveKit takes it."""
    return api.SIPInboundTrunkInfo(
        name=trunk.name,
        numbers=trunk.numbers,
        allowed_addresses=trunk.allowed_addresses,
        krisp_enabled=False,
        ringing_timeout=Duration(seconds=trunk.ringing_timeout_s),
        max_call_duration=Duration(seconds=trunk.max_call_duration_s),
    )


def outbound_message(trunk: OutboundTrunk) -> api.SIPOutboundTrunkInfo:
    """An outbound trunk as LiveKit takes it; what may be dialled is ours to check and lies in its metadata."""
    return api.SIPOutboundTrunkInfo(
        name=trunk.name,
        metadata=json.dumps({"allowed": list(trunk.allowed)}),
        address=trunk.address,
        transport=_TRANSPORTS[trunk.transport],
        numbers=trunk.numbers,
        auth_username=trunk.user,
        auth_password=trunk.password,
    )


def allowed_by(message: api.SIPOutboundTrunkInfo) -> tuple[str, ...]:
    """Beginnings of the numbers a stored trunk may dial; none when it was not made by us."""
    try:
        found = json.loads(message.metadata).get("allowed", [])
    except (ValueError, AttributeError):
        return ()
    return tuple(str(beginning) for beginning in found)


def rule_message(rule: Rule, *, trunk_id: str) -> api.SIPDispatchRuleInfo:
    """A rule as LiveKit takes it.

    Args:
        trunk_id: must not be empty: a rule without a trunk answers anybody's calls.
    """
    if not trunk_id:
        raise ValueError(f"rule {rule.name} would answer calls of every trunk and of none")
    agents = [api.RoomAgentDispatch(agent_name=rule.agent)] if rule.agent else []
    return api.SIPDispatchRuleInfo(
        name=rule.name,
        trunk_ids=[trunk_id],
        rule=api.SIPDispatchRule(dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix=rule.room_prefix)),
        room_config=api.RoomConfiguration(agents=agents),
    )


def wanted_trunk_facts(trunk: Trunk) -> Facts:
    """The facts the server should hold of a trunk."""
    return _facts(trunk_message(trunk))


def wanted_outbound_facts(trunk: OutboundTrunk) -> Facts:
    """The facts the server should hold of an outbound trunk."""
    return _facts(outbound_message(trunk))


def wanted_rule_facts(rule: Rule) -> Facts:
    """The facts the server should hold of a rule, its trunk by name."""
    return _facts(rule_message(rule, trunk_id=rule.trunk))


def stored_trunk(message: api.SIPInboundTrunkInfo) -> Stored:
    """A trunk read from the server."""
    return Stored(message.sip_trunk_id, message.name, _facts(message))


def stored_outbound(message: api.SIPOutboundTrunkInfo) -> Stored:
    """An outbound trunk read from the server."""
    return Stored(message.sip_trunk_id, message.name, _facts(message))


def stored_rule(message: api.SIPDispatchRuleInfo, *, trunk_names: Mapping[str, str]) -> Stored:
    """A rule read from the server.

    Args:
        trunk_names: trunk id → name; an id not in it stays as it is.
    """
    facts = dict(_facts(message))
    if "trunk_ids" in facts:
        facts["trunk_ids"] = [trunk_names.get(trunk_id, trunk_id) for trunk_id in facts["trunk_ids"]]
    return Stored(message.sip_dispatch_rule_id, message.name, facts)


def _facts(message: Message) -> Facts:
    facts = MessageToDict(message, preserving_proto_field_name=True)
    kept = {key: value for key, value in facts.items() if key not in _SERVER_OWNED and value not in ({}, [])}
    if "auth_password" in kept:  # facts are printed
        kept["auth_password"] = f"sha256:{hashlib.sha256(kept['auth_password'].encode()).hexdigest()[:8]}"
    return kept
