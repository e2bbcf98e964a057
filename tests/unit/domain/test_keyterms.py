from __future__ import annotations

from dataclasses import replace

from agent.domain.keyterms import MOST, keyterms_of
from agent.domain.knowledge import Knowledge
from agent.domain.tenant import Service
from tests.unit.domain.desk import TENANT


def test_names_streets_and_services_are_terms_each_once() -> None:
    staff = (replace(TENANT.staff[0], name="Dr. Ortiz", aliases=("Ortiz", "dr. ortiz")),)
    services = (Service("whitening", "whitening", ("teeth whitening", "Whitening"), 30),)
    knowledge = Knowledge(address="2140 Southeast Cedar Lane, next to the library on Elm Street")
    tenant = replace(TENANT, name="Riverside Dental", staff=staff, services=services, knowledge=knowledge)
    assert keyterms_of(tenant) == (
        "Riverside Dental", "Dr. Ortiz", "Ortiz", "Southeast Cedar Lane", "Elm Street", "whitening", "teeth whitening",
    )  # fmt: skip


def test_everyday_phrases_are_no_terms() -> None:
    services = (Service("oil", "oil change", ("change the oil", "rotate my tires", "a quote for a water heater"), 30),)
    terms = keyterms_of(replace(TENANT, services=services))
    assert "oil change" in terms
    assert not {"change the oil", "rotate my tires", "a quote for a water heater"} & set(terms)


def test_there_are_not_too_many_and_names_come_first() -> None:
    services = tuple(Service(f"s{number}", f"service {number}", (), 30) for number in range(2 * MOST))
    terms = keyterms_of(replace(TENANT, services=services))
    assert len(terms) == MOST
    assert {person.name for person in TENANT.staff} <= set(terms)
