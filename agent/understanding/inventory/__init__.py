"""What an intent component is loaded with: names, sentences that mean them, and rules; documents beside this file.

A document:

    intents:
      cancel:
        examples: ["I have to cancel", …]
        rules: ["call (?:it|that) off"]      # optional: words that leave no doubt, as regular expressions
    several:                                 # sentences with more than one intent
      - {text: "cancel it and book me for Monday", intents: [cancel, book]}
    others: ["my name is Dana", …]           # sentences with none
    others_of: [wishes]                      # inventories whose sentences have none of these
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent.domain.errors import ConfigError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and everything it means; nothing that the inventory knows, if empty."""

    text: str
    intents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Names in a fixed order, their examples, and patterns that leave no doubt."""

    names: tuple[str, ...]
    examples: tuple[Example, ...]
    rules: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The examples' sentences, in order."""
        return [example.text for example in self.examples]


def load_inventory(name: str) -> Inventory:
    """The inventory of this name beside this file, "wishes" say.

    Raises: ConfigError: the document is not of the form described above.
    """
    path = _FOLDER / f"{name}.yaml"
    try:
        return parse_inventory(yaml.safe_load(path.read_text()))
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise ConfigError(f"{path}: {error!r}") from None


def parse_inventory(document: Mapping[str, Any]) -> Inventory:
    """An inventory from a parsed document; sentences that occur twice count once.

    Raises: KeyError, TypeError, AttributeError, ValueError, re.error: it is not of the form described above.
    """
    intents = document["intents"]
    meant: dict[str, set[str]] = {}
    rules: dict[str, re.Pattern[str]] = {}
    for name, entry in intents.items():
        for text in entry["examples"]:
            meant.setdefault(text, set()).add(name)
        if entry.get("rules"):
            rules[name] = re.compile("|".join(entry["rules"]), re.IGNORECASE)
    for entry in document.get("several", ()):
        meant.setdefault(entry["text"], set()).update(entry["intents"])
    others = list(document.get("others", ()))
    for name in document.get("others_of", ()):
        others += load_inventory(name).texts
    for text in others:
        meant.setdefault(text, set())
    if wrong := [text for text in meant if not isinstance(text, str)]:
        raise ValueError(f"no sentences, quote them: {wrong}")
    if unknown := set().union(*meant.values()) - set(intents):
        raise ValueError(f"examples of unknown intents: {', '.join(sorted(unknown))}")
    return Inventory(tuple(intents), tuple(Example(text, frozenset(names)) for text, names in meant.items()), rules)
