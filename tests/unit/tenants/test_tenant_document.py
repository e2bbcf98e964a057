"""Tenant files: the demo ones are right, and every fault is named in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.bootstrap.tenant_document import document_json, load_document, load_tenant, parse_document, tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.tenant import Recording
from agent.domain.transfers import TransferKind, TransferRule

FILES = sorted(Path("infra/local/tenants").glob("*.yaml"))
RIVERSIDE = Path("infra/local/tenants/riverside-dental.yaml")


def riverside() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(RIVERSIDE.read_text(encoding="utf-8"))
    return document


def faults_of(document: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_document(document, "x.yaml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_tenant_loads_and_survives_storage(path: Path) -> None:
    tenant = load_tenant(path)
    assert tenant_from_json(document_json(load_document(path))) == tenant
    assert tenant.slug == path.stem


def test_shipped_tenants_share_no_number_and_no_id() -> None:
    tenants = [load_tenant(path) for path in FILES]
    assert len(tenants) >= 2
    numbers = [number for tenant in tenants for number in tenant.numbers]
    ids = [person.id for tenant in tenants for person in tenant.staff] + [tenant.id for tenant in tenants]
    assert len(set(numbers)) == len(numbers)
    assert len(set(ids)) == len(ids)


def test_the_demo_tenant_is_what_the_demo_says() -> None:
    tenant = load_tenant(RIVERSIDE)
    assert {service.id: service.duration_min for service in tenant.services} == {
        "cleaning": 45,
        "checkup": 30,
        "filling": 60,
        "whitening": 60,
    }
    assert tenant.numbers == ("+15550100100",)
    assert len(tenant.staff) == 2


def test_a_bare_off_turns_recording_off() -> None:
    document = yaml.safe_load(RIVERSIDE.read_text(encoding="utf-8").replace("recording: announce", "recording: off"))
    assert tenant_from_json(document).recording is Recording.OFF


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("services", 2, "duration_min"), "long",
         "services[2].duration_min: expected a whole number of minutes between 5 and 480, got 'long'"),
        (("services", 0, "duration_min"), 3,
         "services[0].duration_min: expected a whole number of minutes between 5 and 480, got 3"),
        (("services", 0, "duration_min"), 45.5,
         "services[0].duration_min: expected a whole number of minutes between 5 and 480, got 45.5"),
        (("timezone",), "New York",
         "timezone: expected an IANA time zone such as \"America/New_York\", got 'New York'"),
        (("numbers", 0), "555", "numbers[0]: expected a number like \"+15550100100\", in quotes, got '555'"),
        (("hours", "monday", 0), "17-8", "hours.monday[0]: expected hours like \"08:00-17:00\", got '17-8'"),
        (("hours", "monday", 0), "17:00-08:00",
         "hours.monday[0]: expected hours like \"08:00-17:00\", got '17:00-08:00'"),
        (("recording",), "yes", "recording: expected \"off\" or \"announce\", got 'yes'"),
        (("colour",), "red", "colour: there is no such setting"),
        (("area_code",), 555, "area_code: expected three digits in quotes, like \"555\", got 555"),
        (("closures", 0, "date"), "Christmas", "closures[0].date: expected a date like 2026-12-25, got 'Christmas'"),
        (("staff", 0, "services"), ["cleaning", "surgery"],
         "staff[0].services[1]: expected one of cleaning, checkup, filling, whitening, got 'surgery'"),
        (("services", 1, "id"), "cleaning", "services: id 'cleaning' is used twice"),
        (("recording_text",), "",
         "recording_text: missing; what is said before a recorded call, as recording is announce"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_field_and_what_was_expected(path: tuple[Any, ...], value: Any, fault: str) -> None:
    document = riverside()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert f"x.yaml: {fault}" in faults_of(document)


def test_all_faults_are_reported_at_once() -> None:
    document = riverside() | {"timezone": "Nowhere", "greeting": "", "numbers": []}
    del document["staff"]
    assert len(faults_of(document)) == 4


def test_whom_callers_are_put_through_to_is_optional_and_survives_storage() -> None:
    assert tenant_from_json(riverside()).transfer is None
    document = riverside() | {"transfer": {"number": "+15550109300", "kind": "warm", "hours": "always"}}
    expected = TransferRule("+15550109300", TransferKind.WARM, is_always=True, ring_timeout_s=20, has_briefing=True)
    stored = document_json(parse_document(document, "x.yaml"))
    assert tenant_from_json(stored).transfer == expected


def test_each_fault_of_a_transfer_is_named() -> None:
    document = riverside() | {"transfer": {"number": "555", "kind": "hot", "ring_timeout_s": 600}}
    assert faults_of(document) == [
        "x.yaml: transfer.number: expected a number like \"+15550100199\", in quotes, got '555'",
        'x.yaml: transfer.kind: expected "cold" or "warm", got \'hot\'',
        "x.yaml: transfer.ring_timeout_s: expected a whole number of seconds between 5 and 60, got 600",
    ]


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_a_file_that_is_no_mapping_is_refused(document: Any) -> None:
    assert "expected a mapping of settings" in faults_of(document)[0]


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("slug: a\nname: [unclosed\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.yaml:3: not valid YAML"):
        load_tenant(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_tenant(tmp_path / "absent.yaml")
