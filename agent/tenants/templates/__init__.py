"""Documents to begin a tenant with, one a vertical: YAML files beside this one, with blanks like $name.

A template is a whole document, so that what is filled in passes every check and can take calls at once.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from agent.domain.errors import ConfigError
from agent.tenants.us_states import us_states

FOLDER = Path(__file__).parent
#: Stands in until the business's own number is known; of an area code that is nobody's.
STAND_IN_NUMBER = "+15550100999"
STAND_IN_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Blanks:
    """What a template leaves open.

    Attributes:
        number: E.164; None puts `STAND_IN_NUMBER`.
        state: two letters, "" when unknown.
        timezone: IANA name; None is that of the state, or of New York.
        slug: None makes one of the name.
    """

    name: str
    number: str | None = None
    state: str = ""
    timezone: str | None = None
    slug: str | None = None


def template_names() -> tuple[str, ...]:
    """What `tenant new --template` takes."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def fill_in(template: str, blanks: Blanks) -> str:
    """The text of a document, comments included. Raises ConfigError for a template nobody wrote."""
    path = FOLDER / f"{template}.yaml"
    if template not in template_names():
        raise ConfigError(f"there is no template {template!r}; there are: {', '.join(template_names())}")
    text = path.read_text(encoding="utf-8")
    return Template(text).substitute({name: _quoted(value) for name, value in _values(blanks).items()})


def slug_of(name: str) -> str:
    """ "Joe's Plumbing & Heating" as "joes-plumbing-heating"; "business" where nothing is left of a name."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:40].strip("-") or "business"


def _values(blanks: Blanks) -> Mapping[str, str]:
    number = blanks.number or STAND_IN_NUMBER
    state = us_states().get(blanks.state)
    return {
        "name": " ".join(blanks.name.split()),
        "slug": blanks.slug or slug_of(blanks.name),
        "number": number,
        "area_code": number[2:5] if number.startswith("+1") else "",
        "state": blanks.state,
        "timezone": blanks.timezone or (state.zone if state else STAND_IN_ZONE),
    }


def _quoted(value: str) -> str:
    """As it stands between YAML's double quotes, which are JSON's; blanks occur in quotes and comments only."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
