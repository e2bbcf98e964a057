"""Where a caller's number is from, and the business as a caller from there meets it.

An area code tells where a number was given out, not where its phone is today: this makes calls stricter, never
laxer. Numbers that are withheld, from abroad or toll-free are treated as if from the strictest place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from agent.domain.consent import under_callers_law
from agent.domain.tenant import Tenant
from agent.tenants.default_texts import default_texts
from agent.tenants.us_states import law_of_state

PATH = Path(__file__).with_name("area_codes.yaml")
_NORTH_AMERICAN = re.compile(r"\+1([2-9]\d{2})\d{7}")


@cache
def state_by_area_code() -> Mapping[str, str]:
    """Postal abbreviation by area code."""
    table: Mapping[str, str] = yaml.safe_load(PATH.read_text(encoding="utf-8"))["states"]
    return {code: state for state, codes in table.items() for code in codes.split()}


def state_of_number(number: str | None) -> str:
    """The state an E.164 number was given out in; "" when it is withheld or of no state."""
    match = _NORTH_AMERICAN.fullmatch(number or "")
    return state_by_area_code().get(match[1], "") if match else ""


def tenant_for_caller(tenant: Tenant, number: str | None) -> Tenant:
    """The business as this caller meets it; `number` is E.164, None when withheld."""
    law = law_of_state(state_of_number(number))
    return under_callers_law(tenant, law, default_texts(tenant.language).ai_disclosure)
