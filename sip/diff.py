"""What has to change on the server for it to hold exactly what the plan asks for.

Pure: names are the identity, objects whose name is not ours are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sip.addresses import NAME_PREFIX
from sip.outbound import OutboundTrunk
from sip.plan import Rule, Trunk, Wanted
from sip.wire import Facts, Stored, wanted_outbound_facts, wanted_rule_facts, wanted_trunk_facts


class Action(Enum):
    """What to do to one object; the value is its sign in the table."""

    CREATE = "+"
    REPLACE = "~"
    DELETE = "-"


@dataclass(frozen=True)
class FieldChange:
    """One field of an object that will be replaced; None where it is absent."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One object to create, replace or delete.

    Attributes:
        stored_id: the server's id; empty when the object is to be created.
        wanted: the object as it should be; None when it is to be deleted.
    """

    action: Action
    kind: str
    name: str
    stored_id: str = ""
    wanted: Trunk | Rule | OutboundTrunk | None = None
    fields: tuple[FieldChange, ...] = ()


def difference(
    wanted: Wanted, trunks: Iterable[Stored], rules: Iterable[Stored], outbound: Iterable[Stored] = ()
) -> tuple[Change, ...]:
    """The changes in an order that can be carried out.

    What is no longer planned goes first: a number that moves to another trunk must leave the old one before
    the server accepts it on the new. Rules come after the trunks they refer to.
    """
    wanted_trunks = {trunk.name: (trunk, wanted_trunk_facts(trunk)) for trunk in wanted.trunks}
    wanted_rules = {rule.name: (rule, wanted_rule_facts(rule)) for rule in wanted.rules}
    trunk_changes = _changes("trunk", wanted_trunks, trunks)
    rule_changes = _changes("rule", wanted_rules, rules)
    wanted_outbound = {trunk.name: (trunk, wanted_outbound_facts(trunk)) for trunk in wanted.outbound}
    outbound_changes = _changes("outbound", wanted_outbound, outbound)
    deletions = [c for c in (*rule_changes, *trunk_changes, *outbound_changes) if c.action is Action.DELETE]
    upserts = [c for c in (*trunk_changes, *rule_changes, *outbound_changes) if c.action is not Action.DELETE]
    return (*deletions, *upserts)


def _changes(
    kind: str, wanted: Mapping[str, tuple[Trunk | Rule | OutboundTrunk, Facts]], stored: Iterable[Stored]
) -> list[Change]:
    changes: list[Change] = []
    kept: set[str] = set()
    for found in sorted(stored, key=lambda s: (s.name, s.id)):
        if not found.name.startswith(NAME_PREFIX):
            continue
        if found.name not in wanted or found.name in kept:
            changes.append(Change(Action.DELETE, kind, found.name, found.id))
            continue
        kept.add(found.name)
        target, facts = wanted[found.name]
        fields = _field_changes(found.facts, facts)
        if fields:
            changes.append(Change(Action.REPLACE, kind, found.name, found.id, target, fields))
    changes += [
        Change(Action.CREATE, kind, name, wanted=target, fields=_field_changes({}, facts))
        for name, (target, facts) in wanted.items()
        if name not in kept
    ]
    return changes


def _field_changes(before: Facts, after: Facts) -> tuple[FieldChange, ...]:
    keys = sorted((before.keys() | after.keys()) - {"name"})
    return tuple(FieldChange(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key))
