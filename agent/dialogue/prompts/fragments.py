"""Parts of a sentence that are there or not: with whom, why an opening is offered, until which day.

The rules give a prompt an argument such as `first_why`; what is spoken in its place is data in
<language>.fragments.yaml. Without the argument nothing is spoken in its place.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.domain.errors import ConfigError
from agent.domain.ranking import OfferReason

_DIR = Path(__file__).parent
#: Placeholders a prompt may have although the rules do not always give them.
OPTIONAL = frozenset({"start_with", "first_with", "second_with", "first_why", "second_why", "until"})

_REASONS = (
    OfferReason.FIRST_AFTER,
    OfferReason.EARLIEST,
    OfferReason.NEAREST,
    OfferReason.BESIDE,
    OfferReason.SAME_TIME,
)
#: Each fragment with the placeholders it may have.
KEYS: Mapping[str, frozenset[str]] = {
    "with": frozenset({"staff"}),
    "until": frozenset({"list_until_on"}),
    **{reason.value: frozenset({"wished_at"}) for reason in _REASONS},
}


def filled(args: Mapping[str, Any], language: str) -> dict[str, str]:
    """What is spoken for each optional placeholder.

    Args:
        args: of the line, ready to be spoken.
    """
    return {name: _fragment(name, args, load_fragments(language)) for name in OPTIONAL}


@cache
def load_fragments(language: str) -> Mapping[str, str]:
    """Every fragment of a language. Raises ConfigError naming every fault."""
    path = _DIR / f"{language}.fragments.yaml"
    if not path.is_file():
        raise ConfigError(f"{path.name}: there is no file of fragments for language {language!r}")
    return parse_fragments(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)


def parse_fragments(document: Any, source: str) -> Mapping[str, str]:
    """Check a document of fragments whole. Raises ConfigError naming every fault."""
    if not isinstance(document, dict):
        raise ConfigError(f"{source}: expected a mapping of fragments to texts")
    faults = [f"{name}: unknown fragment" for name in document if name not in KEYS]
    for name, allowed in KEYS.items():
        text = document.get(name)
        if not isinstance(text, str) or not text.strip():
            faults.append(f"{name}: expected a text")
            continue
        used = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
        faults += [f"{name}: unknown placeholder {{{field}}}" for field in sorted(used - allowed)]
    if faults:
        raise ConfigError("; ".join(f"{source}: {fault}" for fault in faults))
    return {name: document[name] for name in KEYS}


def _fragment(name: str, args: Mapping[str, Any], fragments: Mapping[str, str]) -> str:
    value = args.get(name, "")
    if name == "until":
        return fragments["until"].format_map(dict(args)) if "list_until_on" in args else ""
    if not value:
        return ""
    if name.endswith("_with"):
        return fragments["with"].format(staff=value)
    return fragments[value].format_map(dict(args))
