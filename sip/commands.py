"""`voicefleet sip plan` and `voicefleet sip apply`: what they print and their exit codes.

Exit codes: 0 the server agrees with the plan (after `plan`: nothing would change), 1 something failed,
2 `plan` found differences.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.domain.errors import FleetError
from sip.apply import apply_changes, read_difference
from sip.diff import Action, Change
from sip.outbound import Secret
from sip.plan import Wanted, load_plan, wanted_objects
from sip.server import ServerAddress, connected

Print = Callable[[str], None]


def _no_secret(variable: str) -> str | None:
    return None


async def run_plan(
    plan_path: Path,
    address: ServerAddress,
    *,
    allow_addresses: tuple[str, ...] = (),
    secret: Secret = _no_secret,
    out: Print = print,
) -> int:
    """Show how the server differs from the plan; change nothing.

    Args:
        allow_addresses: networks added to the local carrier, CIDR.
        secret: values of the environment variables the plan names.
    Returns: 0 no difference, 1 the plan is wrong or the server cannot be read, 2 differences.
    """
    try:
        wanted = wanted_objects(load_plan(plan_path), extra_addresses=allow_addresses, secret=secret)
        async with connected(address) as server:
            changes = await read_difference(server, wanted)
    except FleetError as error:
        out(str(error))
        return 1
    out(change_table(changes, wanted))
    return 2 if changes else 0


async def run_apply(
    plan_path: Path,
    address: ServerAddress,
    *,
    allow_addresses: tuple[str, ...] = (),
    secret: Secret = _no_secret,
    out: Print = print,
) -> int:
    """Make the server agree with the plan.

    Must not run twice at once: the server has no request key, so two runs may both create.

    Returns: 0 when the server agrees now, 1 otherwise; every change that failed is named.
    """
    try:
        wanted = wanted_objects(load_plan(plan_path), extra_addresses=allow_addresses, secret=secret)
        async with connected(address) as server:
            changes = await read_difference(server, wanted)
            out(change_table(changes, wanted))
            applied = await apply_changes(server, changes)
    except FleetError as error:
        out(str(error))
        return 1
    for failure in applied.failed:
        out(f"failed: {failure.error}")
    if changes:
        out(f"applied {len(applied.done)} of {len(changes)} changes")
    return 1 if applied.failed else 0


def change_table(changes: tuple[Change, ...], wanted: Wanted) -> str:
    """The changes as a table: sign, kind, name, and the fields that differ."""
    if not changes:
        counts = f"{len(wanted.trunks)} trunks, {len(wanted.rules)} rules and {len(wanted.outbound)} outbound trunks"
        return f"no changes: {counts} are as planned"
    name_width = max(len(change.name) for change in changes)
    kind_width = max(5, *(len(change.kind) for change in changes))
    lines: list[str] = []
    for change in changes:
        head = f"{change.action.value} {change.kind:<{kind_width}}  {change.name:<{name_width}}"
        facts = [_field(change.action, field.key, field.before, field.after) for field in change.fields]
        pad = " " * len(head)
        lines.append(f"{head}  {facts[0]}" if facts else head.rstrip())
        lines += [f"{pad}  {fact}" for fact in facts[1:]]
    signs = [change.action for change in changes]
    counts = ", ".join(f"{signs.count(action)} to {action.name.lower()}" for action in Action)
    return "\n".join([*lines, counts])


def _field(action: Action, key: str, before: Any, after: Any) -> str:
    if action is Action.CREATE:
        return f"{key} = {_value(after)}"
    return f"{key}: {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    if value is None:
        return "unset"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
