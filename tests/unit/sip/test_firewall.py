"""The packet filter as text: which networks it names and what it says of everybody else."""

from __future__ import annotations

from pathlib import Path

import pytest

import sip
from agent.cli import main
from agent.domain.errors import ConfigError
from sip.firewall import allowed_networks, nftables_ruleset
from sip.plan import Plan, load_plan, wanted_objects

COMMITTED = Path(sip.__file__).with_name("plan.yaml")


def _plan(*address_lists: list[str], local: bool = False, dialled: list[str] | None = None) -> Plan:
    carriers = [
        {
            "name": f"carrier-{index}",
            "local": local and index == 0,
            "allowed_addresses": addresses,
            "numbers": [f"+1555010030{index}"],
            "agent": "receptionist",
        }
        for index, addresses in enumerate(address_lists)
    ]
    outbound = {
        "name": "dialled", "address": "sip.acme.example", "signalling_addresses": dialled,
        "numbers": ["+15550100300"], "allowed": ["+1555"],
    }  # fmt: skip
    return Plan.model_validate({"carriers": carriers, "outbound": [outbound] if dialled else []})


def _networks(plan: Plan, *extra: str) -> tuple[list[str], list[str]]:
    ipv4, ipv6 = allowed_networks(plan, extra_addresses=extra)
    return [str(network) for network in ipv4], [str(network) for network in ipv6]


def test_every_carriers_networks_are_allowed_each_in_its_family() -> None:
    plan = _plan(["54.172.60.0/30", "2001:db8:7::/48"], ["198.51.100.9"])
    assert _networks(plan) == (["54.172.60.0/30", "198.51.100.9/32"], ["2001:db8:7::/48"])


def test_a_carrier_that_is_only_dialled_may_answer() -> None:
    plan = _plan(["54.172.60.0/30"], dialled=["203.0.113.0/25", "203.0.113.128/25", "2001:db8:9::/48"])
    assert _networks(plan) == (["54.172.60.0/30", "203.0.113.0/24"], ["2001:db8:9::/48"])
    trunks = wanted_objects(plan).trunks
    assert {address for trunk in trunks for address in trunk.allowed_addresses} == {"54.172.60.0/30"}, "it may not call"


def test_networks_are_merged_and_ordered_so_that_the_same_plan_gives_the_same_text() -> None:
    one = _plan(["10.1.0.0/17", "10.1.128.0/17"], ["10.1.4.0/24", "9.0.0.1"])
    other = _plan(["9.0.0.1"], ["10.1.0.0/16"])
    assert _networks(one) == (["9.0.0.1/32", "10.1.0.0/16"], [])
    assert nftables_ruleset(one, [5060]) == nftables_ruleset(other, [5060])


def test_an_extra_address_is_allowed_beside_the_local_carriers() -> None:
    plan = _plan(["127.0.0.0/8"], local=True)
    assert _networks(plan, "192.168.7.0/24", "fd00:7::/64") == (["127.0.0.0/8", "192.168.7.0/24"], ["fd00:7::/64"])


def test_an_extra_address_without_a_local_carrier_is_refused() -> None:
    with pytest.raises(ConfigError, match="needs a carrier marked local"):
        nftables_ruleset(_plan(["54.172.60.0/30"]), [5060], extra_addresses=("10.0.0.0/8",))


def test_the_whole_ruleset() -> None:
    ruleset = nftables_ruleset(_plan(["54.172.60.0/30", "2001:db8::1"]), [5061, 5060, 5060])
    assert ruleset.splitlines() == [
        "table inet voicefleet",
        "delete table inet voicefleet",
        "table inet voicefleet {",
        "    chain input {",
        "        type filter hook input priority filter; policy accept;",
        "        meta l4proto { tcp, udp } th dport { 5060, 5061 } goto sip",
        "    }",
        "    chain sip {",
        "        ip saddr { 54.172.60.0/30 } accept",
        "        ip6 saddr { 2001:db8::1/128 } accept",
        "        counter drop",
        "    }",
        "}",
    ]


@pytest.mark.parametrize(("address", "rule"), [("10.0.0.1", "ip saddr"), ("2001:db8::1", "ip6 saddr")])
def test_a_family_nobody_calls_from_has_no_rule_and_so_is_dropped(address: str, rule: str) -> None:
    lines = [line.strip() for line in nftables_ruleset(_plan([address]), [5060]).splitlines()]
    assert [line for line in lines if "accept" in line and "policy" not in line] == [
        f"{rule} {{ {address}/{32 if rule == 'ip saddr' else 128} }} accept"
    ]
    assert lines[lines.index("chain sip {") + 2] == "counter drop"


def test_a_network_with_a_zone_never_reaches_the_ruleset() -> None:
    with pytest.raises(ValueError, match="is not an address or network"):
        _plan(["fe80::%eth0/64"])


def test_the_command_prints_the_committed_plans_ruleset_and_needs_no_server(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["sip", "firewall", str(COMMITTED), "--port", "5060", "--allow-address", "10.9.0.0/16"]) == 0
    wanted = nftables_ruleset(load_plan(COMMITTED), [5060], extra_addresses=("10.9.0.0/16",))
    assert capsys.readouterr().out == f"{wanted}\n"


def test_a_wrong_plan_prints_no_ruleset_for_nft_to_load(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["sip", "firewall", str(tmp_path / "none.yaml"), "--port", "5060"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "none.yaml: cannot be read" in err


@pytest.mark.parametrize("ports", [[], ["--port", "0"], ["--port", "65536"], ["--port", "sip"]])
def test_a_port_must_be_given_and_be_one(capsys: pytest.CaptureFixture[str], ports: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["sip", "firewall", str(COMMITTED), *ports])
    assert caught.value.code == 2
    assert "--port" in capsys.readouterr().err
