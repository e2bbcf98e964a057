"""The law of a call by state, from the dated table beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agent.domain.consent import STRICTEST, CallLaw, Consent

PATH = Path(__file__).with_name("us_states.yaml")


class StateEntry(BaseModel):
    """One state of the table.

    Attributes:
        zone: IANA time zone of most of its people.
        recording: whose consent recording a call needs; `source` is the statute.
        is_certain: False where courts or statutes disagree, or the citation was not checked; the stricter reading
            is taken.
        disclosure: the statute by which a machine must say unasked that it is one; "" where none is known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    zone: str
    recording: Literal["one", "all"]
    source: str = Field(min_length=1)
    is_certain: bool = True
    note: str = ""
    disclosure: str = ""


@cache
def us_states() -> Mapping[str, StateEntry]:
    """By postal abbreviation, in alphabetical order."""
    table = yaml.safe_load(PATH.read_text(encoding="utf-8"))["states"]
    return {code: StateEntry.model_validate(entry) for code, entry in table.items()}


def law_of_state(code: str) -> CallLaw:
    """The law of a state; the strictest for a place the table does not know."""
    entry = us_states().get(code)
    if entry is None:
        return STRICTEST
    return CallLaw(Consent(entry.recording), demands_disclosure=bool(entry.disclosure))
