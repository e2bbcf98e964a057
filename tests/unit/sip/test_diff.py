from __future__ import annotations

from dataclasses import replace

import pytest
from livekit import api

from sip.commands import change_table
from sip.diff import Action, difference
from sip.plan import Rule, Trunk, Wanted
from sip.wire import Stored, rule_message, stored_rule, stored_trunk, trunk_message

TRUNK = Trunk("voicefleet/acme", ("+15550100300",), ("54.172.60.0/30",), 15, 3600)
RULE = Rule("voicefleet/acme", "voicefleet/acme", "call", "receptionist")
WANTED = Wanted((TRUNK,), (RULE,))


def _stored_trunk(trunk: Trunk = TRUNK, *, sip_trunk_id: str = "ST_1") -> Stored:
    message = trunk_message(trunk)
    message.sip_trunk_id = sip_trunk_id
    return stored_trunk(message)


def _stored_rule(rule: Rule = RULE, *, trunk_id: str = "ST_1") -> Stored:
    message = rule_message(rule, trunk_id=trunk_id)
    message.sip_dispatch_rule_id = "SDR_1"
    return stored_rule(message, trunk_names={"ST_1": "voicefleet/acme"})


def _signs(wanted: Wanted, trunks: list[Stored], rules: list[Stored]) -> list[str]:
    return [f"{c.action.value} {c.kind} {c.name}" for c in difference(wanted, trunks, rules)]


def test_a_server_that_agrees_needs_no_change() -> None:
    assert difference(WANTED, [_stored_trunk()], [_stored_rule()]) == ()


def test_an_empty_server_gets_trunks_before_the_rules_that_need_them() -> None:
    assert _signs(WANTED, [], []) == ["+ trunk voicefleet/acme", "+ rule voicefleet/acme"]


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        (replace(TRUNK, numbers=("+15550100301",)), "numbers"),
        (replace(TRUNK, allowed_addresses=("0.0.0.0/0",)), "allowed_addresses"),
        (replace(TRUNK, ringing_timeout_s=30), "ringing_timeout"),
        (replace(TRUNK, max_call_duration_s=60), "max_call_duration"),
    ],
)
def test_a_changed_trunk_is_replaced_and_the_changed_key_named(changed: Trunk, key: str) -> None:
    (change,) = difference(WANTED, [_stored_trunk(changed)], [_stored_rule()])
    assert (change.action, change.stored_id) == (Action.REPLACE, "ST_1")
    assert [field.key for field in change.fields] == [key]


def test_a_setting_made_by_hand_is_undone() -> None:
    message = trunk_message(TRUNK)
    message.sip_trunk_id = "ST_1"
    message.auth_username = "somebody"
    (change,) = difference(WANTED, [stored_trunk(message)], [_stored_rule()])
    assert [(f.key, f.before, f.after) for f in change.fields] == [("auth_username", "somebody", None)]


def test_a_rule_without_its_trunk_is_replaced_because_it_would_answer_anybody() -> None:
    message = rule_message(RULE, trunk_id="ST_1")
    message.sip_dispatch_rule_id = "SDR_1"
    del message.trunk_ids[:]
    (change,) = difference(WANTED, [_stored_trunk()], [stored_rule(message, trunk_names={})])
    assert (change.action, change.kind) == (Action.REPLACE, "rule")
    assert "trunk_ids" in [field.key for field in change.fields]


def test_a_rule_that_leads_to_a_trunk_deleted_by_hand_is_replaced() -> None:
    signs = _signs(WANTED, [_stored_trunk()], [_stored_rule(trunk_id="ST_gone")])
    assert signs == ["~ rule voicefleet/acme"]


def test_what_is_no_longer_planned_goes_before_what_is_new() -> None:
    renamed = Wanted((replace(TRUNK, name="voicefleet/b"),), (replace(RULE, name="voicefleet/b"),))
    assert _signs(renamed, [_stored_trunk()], [_stored_rule()]) == [
        "- rule voicefleet/acme",
        "- trunk voicefleet/acme",
        "+ trunk voicefleet/b",
        "+ rule voicefleet/b",
    ]


def test_of_two_objects_with_one_name_one_stays() -> None:
    trunks = [_stored_trunk(sip_trunk_id="ST_2"), _stored_trunk()]
    (change,) = difference(WANTED, trunks, [_stored_rule()])
    assert (change.action, change.stored_id) == (Action.DELETE, "ST_2")


def test_foreign_objects_are_not_touched() -> None:
    foreign = replace(TRUNK, name="somebody else's")
    trunks = [_stored_trunk(), _stored_trunk(foreign, sip_trunk_id="ST_9")]
    assert difference(WANTED, trunks, [_stored_rule(), _stored_rule(replace(RULE, name="theirs"))]) == ()


def test_a_rule_is_never_made_without_a_trunk() -> None:
    with pytest.raises(ValueError, match="every trunk"):
        rule_message(RULE, trunk_id="")


def test_the_table_shows_what_is_created_replaced_and_deleted() -> None:
    gone = _stored_trunk(replace(TRUNK, name="voicefleet/gone"), sip_trunk_id="ST_9")
    changes = difference(WANTED, [_stored_trunk(replace(TRUNK, ringing_timeout_s=30)), gone], [])
    table = change_table(changes, WANTED)
    assert "- trunk  voicefleet/gone" in table
    assert "ringing_timeout: 30s → 15s" in table
    assert '+ rule   voicefleet/acme  room_config = {"agents": [{"agent_name": "receptionist"}]}' in table
    assert table.endswith("1 to create, 1 to replace, 1 to delete")


def test_the_agent_of_a_rule_is_named_in_the_room_s_configuration() -> None:
    message = rule_message(RULE, trunk_id="ST_1")
    assert [agent.agent_name for agent in message.room_config.agents] == ["receptionist"]
    assert not message.hide_phone_number  # LiveKit crashes on it when a caller withholds the number
    assert isinstance(message, api.SIPDispatchRuleInfo)
