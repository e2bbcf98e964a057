"""The part of a document that is spoken as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.bootstrap.tenant_document import document_json, parse_document, tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.knowledge import Knowledge, LeadRules
from agent.domain.objections import Objection
from agent.tenants.conversion import to_tenant

DENTAL = Path("infra/local/tenants/riverside-dental.yaml")


def document(**changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DENTAL.read_text(encoding="utf-8"))
    return loaded | changes


def test_facts_and_replies_arrive_as_they_are_written() -> None:
    known = to_tenant(parse_document(document(), "f.yaml")).knowledge
    assert known.answer("parking") == "There is free parking right behind the building."
    assert known.reply_to(Objection.TRUST).startswith("Our dentists")
    assert known.reply_to(Objection.THINK) == ""
    assert known.leads is None


def test_a_stored_document_is_the_same_tenant() -> None:
    parsed = parse_document(document(leads={"least_budget_dollars": 200000, "services": ["cleaning"]}), "f.yaml")
    tenant = tenant_from_json(document_json(parsed))
    assert tenant == to_tenant(parsed)
    assert tenant.knowledge.leads is not None
    assert tenant.knowledge.leads == LeadRules(20_000_000, frozenset({"cleaning"}))


def test_a_document_without_this_part_knows_nothing() -> None:
    bare = {name: value for name, value in document().items() if name not in ("address", "facts", "objections")}
    assert to_tenant(parse_document(bare, "f.yaml")).knowledge == Knowledge()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"facts": [{"id": "parking", "questions": ["parking"], "answer": "x" * 201}]}, "facts[0].answer"),
        ({"facts": [{"id": "parking", "questions": [], "answer": "Yes."}]}, "facts[0].questions"),
        ({"facts": [{"id": "Parking!", "questions": ["parking"], "answer": "Yes."}]}, "facts[0].id"),
        ({"objections": {"robots": "No."}}, "objections.robots"),
        ({"leads": {"least_budget": 3}}, "leads.least_budget"),
        ({"leads": {"services": ["cleanings"]}}, "leads.services[0]: expected one of cleaning"),
        ({"address": 12}, "address"),
    ],
)
def test_a_fault_is_named_where_it_is(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_document(document(**change), "f.yaml")
    assert f"f.yaml: {fault}" in str(caught.value)


def test_an_id_used_twice_is_named() -> None:
    twice = [{"id": "parking", "questions": ["parking"], "answer": "Yes."}] * 2
    with pytest.raises(ConfigError, match=r"facts: id 'parking' is used twice"):
        parse_document(document(facts=twice), "f.yaml")
