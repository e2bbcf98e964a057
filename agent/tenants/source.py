"""YAML text as a value, with the line of each field and every key that stands there twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from agent.domain.errors import ConfigError
from agent.tenants.faults import Fault, Place, path


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read.

    Attributes:
        lines: of each field and list entry, from 1.
        faults: keys given twice, of which YAML would take the last without a word.
    """

    value: Any
    lines: Mapping[Place, int]
    faults: tuple[Fault, ...]


def read_yaml(text: str, name: str) -> Source:
    """Raises ConfigError with the line where the text stops being YAML."""
    try:
        value = yaml.safe_load(text)
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{name}{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    lines: dict[Place, int] = {}
    faults: list[Fault] = []
    try:
        if top is not None:
            _walk(top, (), lines, faults)
    except RecursionError:
        raise ConfigError(f"{name}: not a tenant's document: an alias stands within its own anchor") from None
    return Source(value, lines, tuple(faults))


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], faults: list[Fault]) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, entry in enumerate(node.value):
            _walk(entry, (*place, index), lines, faults)
    elif isinstance(node, yaml.MappingNode):
        for key, entry in node.value:
            inner = (*place, str(key.value))
            if inner in lines:
                faults.append(Fault(inner, f"{path(inner)}: stands in line {key.start_mark.line + 1} again"))
            lines[inner] = key.start_mark.line + 1
            _walk(entry, inner, lines, faults)
