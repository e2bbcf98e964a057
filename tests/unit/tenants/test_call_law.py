"""The table of state law and what a document and a caller's number make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from agent.bootstrap.tenant_document import load_tenant, parse_document, tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.tenant import Recording
from agent.tenants.callers_law import state_by_area_code, state_of_number, tenant_for_caller
from agent.tenants.us_states import PATH, law_of_state, us_states

RIVERSIDE = Path("infra/local/tenants/riverside-dental.yaml")
ALL_PARTIES = {"CA", "CT", "DE", "FL", "IL", "MD", "MA", "MI", "MT", "NV", "NH", "PA", "WA"}
#: One well-known code each.
KNOWN_CODES = {
    "212": "NY", "213": "CA", "312": "IL", "305": "FL", "702": "NV", "206": "WA", "617": "MA", "215": "PA",
    "713": "TX", "404": "GA", "202": "DC", "907": "AK", "808": "HI", "203": "CT", "302": "DE", "603": "NH",
    "406": "MT", "313": "MI", "301": "MD", "801": "UT", "207": "ME", "303": "CO", "718": "NY", "310": "CA",
}  # fmt: skip


#: The demo business without a word on recording and disclosure.
SILENT: dict[str, Any] = {
    name: value
    for name, value in yaml.safe_load(RIVERSIDE.read_text(encoding="utf-8")).items()
    if name not in ("recording", "recording_text", "ai_disclosure", "state")
}


def document(**changes: Any) -> dict[str, Any]:
    return SILENT | changes


def test_the_table_has_every_state_with_a_source_a_date_and_a_time_zone() -> None:
    assert len(us_states()) == 51
    assert re.search(r"Entered on \d{4}-\d\d-\d\d", PATH.read_text(encoding="utf-8"))
    for code, entry in us_states().items():
        assert re.fullmatch("[A-Z]{2}", code)
        assert "§" in entry.source or "Comp. Stat." in entry.source, code
        assert ZoneInfo(entry.zone)
        assert entry.is_certain or entry.note, f"{code}: what is not certain?"


def test_states_where_all_must_consent_are_those_and_no_others() -> None:
    assert {code for code, entry in us_states().items() if entry.recording == "all"} == ALL_PARTIES


@pytest.mark.parametrize("state", [*us_states(), ""])
def test_a_business_that_chose_nothing_is_recorded_only_where_one_party_is_enough(state: str) -> None:
    tenant = tenant_from_json(document(state=state))
    is_recorded = bool(state) and state not in ALL_PARTIES
    assert tenant.recording is (Recording.ANNOUNCE if is_recorded else Recording.OFF)
    assert bool(tenant.recording_text) is is_recorded
    assert tenant.ai_disclosure == "I'm an AI assistant."


@pytest.mark.parametrize("state", [*us_states(), ""])
def test_a_business_that_opted_in_announces_everywhere(state: str) -> None:
    tenant = tenant_from_json(document(state=state, recording="announce"))
    assert tenant.recording is Recording.ANNOUNCE
    assert tenant.recording_text


@pytest.mark.parametrize("state", [code for code in us_states() if law_of_state(code).demands_disclosure])
def test_where_disclosure_is_demanded_a_document_without_one_is_refused(state: str) -> None:
    with pytest.raises(ConfigError, match=rf"ai_disclosure: expected words like .*{us_states()[state].name} demands"):
        parse_document(document(state=state, ai_disclosure="I'm Lou."), "x.yaml")
    silent = document(
        state=state, ai_disclosure="", name="Bay Computer Repair", greeting="Thanks for calling Bay Computer Repair."
    )
    with pytest.raises(ConfigError, match="ai_disclosure: expected words like"):
        parse_document(silent, "x.yaml")
    assert tenant_from_json(document(state=state, ai_disclosure="I'm Lou, an AI.")).ai_disclosure == "I'm Lou, an AI."


def test_private_calls_are_never_recorded() -> None:
    assert tenant_from_json(document(state="NY", is_private=True)).recording is Recording.OFF
    with pytest.raises(ConfigError, match='recording: expected "off", as is_private is true'):
        parse_document(document(is_private=True, recording="announce"), "x.yaml")


def test_area_codes_lead_to_one_state_each_and_to_known_ones() -> None:
    text = yaml.safe_load(Path("agent/tenants/area_codes.yaml").read_text(encoding="utf-8"))["states"]
    assert set(text) == set(us_states())
    codes = [code for line in text.values() for code in line.split()]
    assert len(codes) == len(set(codes)) == len(state_by_area_code())
    assert all(re.fullmatch(r"[2-9]\d\d", code) for code in codes)
    assert {code: state_by_area_code()[code] for code in KNOWN_CODES} == KNOWN_CODES


@pytest.mark.parametrize("number", [None, "+15550123456", "+18005550100", "+14165550100", "+442071838750", "+1213555"])
def test_a_number_of_no_state_is_of_none(number: str | None) -> None:
    assert state_of_number(number) == ""


@pytest.mark.parametrize(
    ("caller", "recording"),
    [("+12125550100", Recording.ANNOUNCE), ("+12135550100", Recording.OFF), (None, Recording.OFF)],
)
def test_a_caller_from_a_stricter_state_is_not_recorded_by_default(caller: str | None, recording: Recording) -> None:
    assert tenant_for_caller(tenant_from_json(document(state="NY")), caller).recording is recording


def test_a_caller_from_utah_is_told_even_where_the_business_need_not() -> None:
    silent = tenant_from_json(document(state="NY", ai_disclosure=""))
    assert tenant_for_caller(silent, "+12125550100").ai_disclosure == ""
    assert tenant_for_caller(silent, "+18015550100").ai_disclosure == "I'm an AI assistant."


def test_the_demo_business_is_the_same_for_every_caller() -> None:
    tenant = load_tenant(RIVERSIDE)
    for caller in (None, "+12135550100", "+18015550100"):
        assert tenant_for_caller(tenant, caller) == replace(tenant)
