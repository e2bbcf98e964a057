"""Outbound trunks: from the plan to LiveKit's message and back, with what must not be printed or dialled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from livekit import api

import sip
from agent.domain.errors import ConfigError
from agent.domain.transfers import TransferRefusal
from sip.commands import change_table
from sip.diff import Action, difference
from sip.outbound import OutboundTrunk, may_dial
from sip.plan import Trunk, Wanted, load_plan, wanted_objects
from sip.rooms import BRIDGED, room_of
from sip.transfers import refusal_of
from sip.wire import Stored, allowed_by, outbound_message, stored_outbound

COMMITTED = Path(sip.__file__).with_name("plan.yaml")
TRUNK = OutboundTrunk("voicefleet/acme", "sip.acme.example:5061", "tls", ("+15550100100",), ("+1555",), "us", "s3cret")
WANTED = Wanted((), (), (TRUNK,))


def _stored(trunk: OutboundTrunk = TRUNK) -> Stored:
    message = outbound_message(trunk)
    message.sip_trunk_id = "ST_9"
    return stored_outbound(message)


def _plan(tmp_path: Path, **changes: object) -> Path:
    document = yaml.safe_load(COMMITTED.read_text())
    document["outbound"][0] |= changes
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_the_committed_plan_dials_over_loopback_and_only_fictional_numbers() -> None:
    (trunk,) = wanted_objects(load_plan(COMMITTED), secret=lambda _: None).outbound
    assert (trunk.address, trunk.user, trunk.password) == ("127.0.0.1:5070", "", "")
    assert may_dial("+15550109300", trunk.allowed)
    assert not may_dial("+19005550100", trunk.allowed)


def test_a_server_that_has_the_trunk_needs_no_change() -> None:
    assert difference(WANTED, [], [], [_stored()]) == ()


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        (replace(TRUNK, address="sip.other.example"), "address"),
        (replace(TRUNK, transport="udp"), "transport"),
        (replace(TRUNK, numbers=("+15550100200",)), "numbers"),
        (replace(TRUNK, allowed=("+1",)), "metadata"),
        (replace(TRUNK, password="another"), "auth_password"),
    ],
)
def test_a_changed_trunk_is_replaced_and_the_changed_key_named(changed: OutboundTrunk, key: str) -> None:
    (change,) = difference(WANTED, [], [], [_stored(changed)])
    assert (change.action, change.kind, change.stored_id) == (Action.REPLACE, "outbound", "ST_9")
    assert [field.key for field in change.fields] == [key]


def test_a_password_is_never_shown() -> None:
    changes = difference(WANTED, [], [], [_stored(replace(TRUNK, password="older"))])
    table = change_table(changes, WANTED) + change_table(difference(WANTED, [], []), WANTED) + repr(TRUNK)
    assert "sha256:" in table
    assert "s3cret" not in table
    assert "older" not in table


def test_a_trunk_that_is_no_longer_planned_is_deleted() -> None:
    (change,) = difference(Wanted((), ()), [], [], [_stored()])
    assert (change.action, change.kind) == (Action.DELETE, "outbound")


def test_credentials_come_from_the_environment_the_plan_names(tmp_path: Path) -> None:
    plan = load_plan(_plan(tmp_path, auth={"user_env": "OUT_USER", "password_env": "OUT_PASSWORD"}))
    (trunk,) = wanted_objects(plan, secret={"OUT_USER": "us", "OUT_PASSWORD": "s3cret"}.get).outbound
    assert (trunk.user, trunk.password) == ("us", "s3cret")
    with pytest.raises(ConfigError, match="OUT_PASSWORD is not set"):
        wanted_objects(plan, secret={"OUT_USER": "us"}.get)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"address": "sip:acme.example"}, "address"),
        ({"numbers": ["5550100"]}, "E.164"),
        ({"allowed": []}, "allowed"),
        ({"signalling_addresses": []}, "signalling_addresses"),
        ({"signalling_addresses": ["acme.example"]}, "'acme.example' is not an address or network"),
        ({"signalling_addresses": ["54.172.60.0/30"]}, "signalling_addresses do not hold 127.0.0.1, which is dialled"),
        ({"password": "s3cret"}, "unknown key outbound[0].password"),
    ],
)
def test_a_wrong_outbound_carrier_is_named(tmp_path: Path, changes: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_plan(_plan(tmp_path, **changes))
    assert fault in str(error.value)


def test_whence_a_carrier_we_dial_answers_must_be_said(tmp_path: Path) -> None:
    document = yaml.safe_load(COMMITTED.read_text())
    del document["outbound"][0]["signalling_addresses"]
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ConfigError, match="signalling_addresses"):
        load_plan(path)


def test_an_inbound_and_an_outbound_trunk_of_one_name_do_not_meet() -> None:
    inbound = Trunk(TRUNK.name, ("+15550100100",), ("127.0.0.0/8",), 15, 3600)
    (change,) = difference(Wanted((inbound,), (), (TRUNK,)), [], [], [_stored()])
    assert (change.action, change.kind) == (Action.CREATE, "trunk")


def test_what_may_be_dialled_is_read_from_our_own_trunks_only() -> None:
    assert allowed_by(outbound_message(TRUNK)) == ("+1555",)
    assert allowed_by(api.SIPOutboundTrunkInfo(metadata="made by hand")) == ()


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (486, "resource_exhausted", TransferRefusal.BUSY),
        (603, "permission_denied", TransferRefusal.REFUSED),
        (480, "unavailable", TransferRefusal.NO_ANSWER),
        (404, "not_found", TransferRefusal.UNAVAILABLE),
        (503, "unavailable", TransferRefusal.UNAVAILABLE),
        (None, "canceled", TransferRefusal.NO_ANSWER),
        (None, "deadline_exceeded", TransferRefusal.NO_ANSWER),
        (None, "internal", None),
    ],
)
def test_what_an_error_of_the_server_says_about_the_person(
    status: int | None, code: str, refusal: TransferRefusal | None
) -> None:
    metadata = {"sip_status_code": str(status)} if status else {}
    kind = api.SipCallError if status else api.ServerError
    assert refusal_of(kind(code, "words", status=500, metadata=metadata)) is refusal


def test_a_room_tells_whether_it_was_bridged() -> None:
    assert room_of(api.Room(name="call_1", sid="RM_1", metadata=BRIDGED)).is_bridged
    assert not room_of(api.Room(name="call_1", sid="RM_1")).is_bridged
