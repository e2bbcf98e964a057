"""What recognisers are told to expect."""

from __future__ import annotations

from dataclasses import replace

from agent.bootstrap.tenant_document import parse_document
from agent.domain.keyterms import MOST_KEYTERMS, keyterms_of
from agent.domain.knowledge import Knowledge
from agent.domain.providers import TenantProviders
from agent.tenants.conversion import to_tenant
from tests.unit.tenants.test_tenant_knowledge import document

DENTAL = to_tenant(parse_document(document(), "f.yaml"))


def test_services_staff_and_the_street_are_expected_once_each() -> None:
    tenant = replace(DENTAL, knowledge=Knowledge(address="12 Elm Street, next to the public library"))
    terms = keyterms_of(tenant)
    assert {service.name for service in tenant.services} <= set(terms)
    assert {person.name for person in tenant.staff} <= set(terms)
    assert "Elm Street" in terms
    assert "next" not in " ".join(terms)
    assert len({term.casefold() for term in terms}) == len(terms)


def test_what_the_business_names_itself_comes_first_and_survives_the_limit() -> None:
    own = tuple(f"Term{number}" for number in range(MOST_KEYTERMS))
    assert keyterms_of(replace(DENTAL, providers=TenantProviders(keyterms=own))) == own
