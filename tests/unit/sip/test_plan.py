from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import sip
from agent.domain.errors import ConfigError
from sip.plan import is_call_room, is_refused_room, load_plan, wanted_objects

COMMITTED = Path(sip.__file__).with_name("plan.yaml")


def _carrier(**changes: object) -> dict[str, object]:
    carrier = {
        "name": "acme",
        "allowed_addresses": ["54.172.60.0/30"],
        "numbers": ["+15550100300"],
        "agent": "receptionist",
    }
    return carrier | changes


def _written(tmp_path: Path, *carriers: dict[str, object], **keys: object) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump({"carriers": list(carriers), **keys}))
    return path


def test_the_committed_plan_answers_the_demo_numbers_on_loopback_alone() -> None:
    wanted = wanted_objects(load_plan(COMMITTED))
    numbered, unknown = wanted.trunks
    assert numbered.numbers == ("+15550100100", "+15550100200", "+15550100500")
    assert numbered.allowed_addresses == unknown.allowed_addresses == ("127.0.0.0/8",)
    assert (numbered.ringing_timeout_s, numbered.max_call_duration_s) == (15, 3600)


def test_every_rule_is_bound_to_the_trunk_it_is_named_after() -> None:
    wanted = wanted_objects(load_plan(COMMITTED))
    assert [rule.trunk for rule in wanted.rules] == [trunk.name for trunk in wanted.trunks]


def test_only_numbers_we_own_lead_to_an_agent() -> None:
    wanted = wanted_objects(load_plan(COMMITTED))
    numbers = {trunk.name: trunk.numbers for trunk in wanted.trunks}
    assert {rule.agent: bool(numbers[rule.trunk]) for rule in wanted.rules} == {
        "receptionist": True,
        "": False,
    }
    rooms = {f"{rule.room_prefix}_+15551230000_x": bool(rule.agent) for rule in wanted.rules}
    assert [name for name, has_agent in rooms.items() if has_agent] == [n for n in rooms if is_call_room(n)]
    assert [name for name, has_agent in rooms.items() if not has_agent] == [n for n in rooms if is_refused_room(n)]


def test_an_extra_address_widens_the_local_carrier_only(tmp_path: Path) -> None:
    here = {"name": "here", "local": True, "allowed_addresses": ["127.0.0.0/8"], "numbers": ["+15550100100"]}
    path = _written(tmp_path, _carrier(), _carrier(**here))
    wanted = wanted_objects(load_plan(path), extra_addresses=("192.168.7.0/24",))
    addresses = {trunk.name: trunk.allowed_addresses for trunk in wanted.trunks}
    assert addresses["voicefleet/acme"] == ("54.172.60.0/30",)
    assert addresses["voicefleet/here"] == ("127.0.0.0/8", "192.168.7.0/24")
    assert addresses["voicefleet/unknown.number"] == ("54.172.60.0/30", "127.0.0.0/8", "192.168.7.0/24")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"carriers": [_carrier(nubmers=[])]}, "unknown key carriers[0].nubmers"),
        ({"carriers": [_carrier(numbers=["0555"])]}, "carriers[0].numbers[0]: '0555' is not an E.164 number"),
        (
            {"carriers": [_carrier(allowed_addresses=["54.172.60.1/30"])]},
            "carriers[0].allowed_addresses[0]: '54.172.60.1/30' is not an address or network",
        ),
        ({"carriers": [_carrier(allowed_addresses=[])]}, "carriers[0].allowed_addresses: "),
        ({"carriers": []}, "carriers: "),
        ({"carriers": [_carrier()], "ringing_timeout_s": 1}, "ringing_timeout_s: "),
        ({"carriers": [_carrier(), _carrier()]}, "two carriers are named 'acme'"),
        ({"carriers": [_carrier(), _carrier(name="other")]}, "the number +15550100300 is listed twice"),
        (None, "input should be a valid dictionary"),
    ],
)
def test_a_wrong_plan_gets_one_sentence_naming_file_and_key(tmp_path: Path, document: object, sentence: str) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    assert str(caught.value).startswith(f"{path}: {sentence}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["carriers: [", None])
def test_an_unreadable_plan_gets_one_sentence(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "plan.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=r"plan\.yaml: (cannot be read|not YAML)") as caught:
        load_plan(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("carriers", "address", "sentence"),
    [
        ([_carrier()], "10.0.0.0/8", "needs a carrier marked local"),
        ([_carrier(local=True)], "10.0.0.1/8", "'10.0.0.1/8' is not an address or network"),
    ],
)
def test_a_wrong_extra_address_is_refused(
    tmp_path: Path, carriers: list[dict[str, object]], address: str, sentence: str
) -> None:
    plan = load_plan(_written(tmp_path, *carriers))
    with pytest.raises(ConfigError, match=sentence):
        wanted_objects(plan, extra_addresses=(address,))
