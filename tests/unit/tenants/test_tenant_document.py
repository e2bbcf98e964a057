"""Tenant files: the demo ones are right, and every fault is named in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.bootstrap.tenant_document import document_json, load_document, load_tenant, parse_document, tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.tenant import Recording

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
        (("messages",), {"enabled": "perhaps"},
         "messages.enabled: expected true or false, got 'perhaps'"),
        (("sms",), {"booking_link": "javascript:alert(1)"},
         "sms.booking_link: expected an address that begins with https://, got 'javascript:alert(1)'"),
        (("sms",), {"enabled": True, "colour": "red"}, "sms.colour: there is no such setting"),
        (("overflow_number",), "555", "overflow_number: expected a number like \"+15550100100\", in quotes, got '555'"),
        (("services", 1, "id"), "cleaning", "services: id 'cleaning' is used twice"),
        (("services", 0, "buffer_before_min"), -5,
         "services[0].buffer_before_min: expected a whole number of minutes between 0 and 240, got -5"),
        (("services", 0, "aliases", 1), 7, "services[0].aliases[1]: expected a text of 1 to 300 characters, got 7"),
        (("services", 0, "aliases", 0), "Checkup",
         "services[1].name: 'checkup' already names the service 'cleaning'"),
        (("hours",), {"monday": ["08:00-08:30"]},
         "services[0].duration_min: 45 minutes fit into no day: the longest time is 30"),
        (("hours", "funday"), ["08:00-17:00"], "hours.funday: expected a weekday: a list of hours, got 'funday'"),
        (("hours", "monday"), "08:00-17:00", "hours.monday: expected a weekday: a list of hours, got '08:00-17:00'"),
        (("hours", "monday"), ["08:00-12:00", "11:00-17:00"], "hours.monday: intervals overlap"),
        (("staff", 0, "hours"), {"monday": ["9-5"]},
         "staff[0].hours.monday[0]: expected hours like \"08:00-17:00\", got '9-5'"),
        (("staff", 0, "hours"), {"monday": ["08:00-12:00", "11:00-17:00"]}, "staff[0].hours.monday: intervals overlap"),
        (("staff", 0, "hours"), {}, "staff[0].hours: expected hours by weekday, at least one day, got {}"),
        (("staff", 0, "capacity"), 0, "staff[0].capacity: expected a whole number between 1 and 50, got 0"),
        (("staff", 1, "slug"), "lee", "staff: slug 'lee' is used twice"),
        (("staff", 0, "time_off"), [{"date": "2026-12-24", "until": "2026-12-23"}],
         "staff[0].time_off[0]: expected `until` not before `date`, got {'date': '2026-12-24', 'until': '2026-12-23'}"),
        (("closures", 1, "date"), "2026-12-25", "closures[1]: closures[0] already says something of these days"),
        (("holiday_weekends",), "never",
         "holiday_weekends: expected \"same-day\" or \"weekday-off\", got 'never'"),
        (("state",), "Utah", "state: expected the two letters of a state, like \"NY\", got 'Utah'"),
        (("numbers",), ["+15550100100", "+15550100100"], "numbers[1]: +15550100100 is listed twice"),
        (("emergencies",), {"fire": ["smoke"]}, "emergencies.fire: there is no such setting"),
        (("max_days_ahead",), 0, "max_days_ahead: expected a whole number between 1 and 730, got 0"),
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


def test_a_fault_in_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    text = RIVERSIDE.read_text(encoding="utf-8")
    path = tmp_path / "x.yaml"
    wrong = text.replace("duration_min: 30", "duration_min: long").replace('["08:00-19:00"]', '["19-8"]')
    path.write_text(wrong + "colour: red\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_tenant(path)
    lines = wrong.splitlines()
    named = [fault.split(": ", 1)[0] for fault in str(caught.value).splitlines()]
    expected = [next(n for n, line in enumerate(lines, 1) if part in line) for part in ("long", "19-8")]
    assert named == [f"{path}:{n}" for n in (*expected, len(lines) + 1)]


def test_a_fault_between_fields_is_named_with_its_line_too(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(RIVERSIDE.read_text(encoding="utf-8").replace("id: whitening", "id: bleach"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_tenant(path)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{path}:")
    assert "services[3].id: no staff member performs 'bleach'" in first
    assert "staff[0].services[3]: expected one of cleaning, checkup, filling, bleach, got 'whitening'" in second


def test_a_setting_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(RIVERSIDE.read_text(encoding="utf-8") + "name: Another\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.yaml:\d+: name: stands in line \d+ again"):
        load_tenant(path)


def test_an_unknown_holiday_is_answered_with_those_there_are() -> None:
    (fault,) = faults_of(riverside() | {"holidays": ["us-federal", "xmas"]})
    assert fault.startswith("x.yaml: holidays[1]: expected one of us-federal, new-years-day, martin-luther-king-day,")
    assert fault.endswith("got 'xmas'")


def test_several_at_a_time_are_several_places_and_the_first_keeps_its_id() -> None:
    one = riverside()
    three = riverside()
    three["staff"][0]["capacity"] = 3
    before, after = tenant_from_json(one), tenant_from_json(three)
    assert [person.slug for person in after.staff] == ["lee", "lee/2", "lee/3", "ortiz"]
    assert after.staff[0] == before.staff[0]
    assert len({person.id for person in after.staff}) == 4
    assert {person.name for person in after.staff[:3]} == {"Dr. Lee"}
