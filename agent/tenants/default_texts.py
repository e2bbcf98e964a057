"""What is said about machine and recording where a tenant's document does not say it in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_PATH = Path(__file__).with_name("default_texts.yaml")


@dataclass(frozen=True, slots=True)
class DefaultTexts:
    """Of one language."""

    ai_disclosure: str
    recording_text: str


@cache
def default_texts(language: str) -> DefaultTexts:
    """Raises KeyError for a language nobody has written them in."""
    return DefaultTexts(**yaml.safe_load(_PATH.read_text(encoding="utf-8"))[language])
