"""`voicefleet sip plan` and `apply` against a real livekit-server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from livekit import api

from sip.commands import run_apply, run_plan
from sip.server import ServerAddress, connected
from tests.integration.sip.plans import OWNED, carrier, clear, names_on, write_plan
from tests.integration.sip.stack import running_stack

OURS = [
    "rule voicefleet/loopback",
    "rule voicefleet/unknown.number",
    "trunk voicefleet/loopback",
    "trunk voicefleet/unknown.number",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerAddress]:
    with running_stack(tmp_path_factory.mktemp("server"), sip=False) as stack:
        yield stack.address


@pytest.fixture
async def address(server: ServerAddress) -> AsyncIterator[ServerAddress]:
    yield server
    await clear(server)


async def _run(command: object, plan: Path, address: ServerAddress, **options: object) -> tuple[int, str]:
    lines: list[str] = []
    code = await command(plan, address, out=lines.append, **options)  # type: ignore[operator]
    return code, "\n".join(lines)


async def test_apply_makes_the_server_agree_and_twice_changes_nothing(address: ServerAddress, tmp_path: Path) -> None:
    plan = write_plan(tmp_path, carrier())
    code, table = await _run(run_plan, plan, address)
    assert (code, table.splitlines()[-1]) == (2, "4 to create, 0 to replace, 0 to delete")
    assert await names_on(address) == {}
    assert (await _run(run_apply, plan, address))[0] == 0
    first = await names_on(address)
    assert sorted(first) == OURS
    assert await _run(run_apply, plan, address) == (
        0,
        "no changes: 2 trunks, 2 rules and 0 outbound trunks are as planned",
    )
    assert (await _run(run_plan, plan, address))[0] == 0
    assert await names_on(address) == first


async def test_a_changed_plan_replaces_what_differs_under_the_same_id(address: ServerAddress, tmp_path: Path) -> None:
    await _run(run_apply, write_plan(tmp_path, carrier()), address)
    before = await names_on(address)
    plan = write_plan(tmp_path, carrier(numbers=["+15550100111"], agent="other"))
    code, table = await _run(run_apply, plan, address)
    assert code == 0
    assert 'numbers: ["+15550100100"] → ["+15550100111"]' in table
    assert await names_on(address) == before
    assert (await _run(run_plan, plan, address))[0] == 0


async def test_a_carrier_no_longer_planned_is_deleted_and_foreign_objects_stay(
    address: ServerAddress, tmp_path: Path
) -> None:
    async with connected(address) as lk:
        foreign = api.SIPInboundTrunkInfo(name="somebody else", numbers=["+15550100555"])
        await lk.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=foreign))
    await _run(run_apply, write_plan(tmp_path, carrier(name="old")), address)
    assert (await _run(run_apply, write_plan(tmp_path, carrier()), address))[0] == 0
    assert sorted(await names_on(address)) == sorted([*OURS, "trunk somebody else"])


async def test_two_carriers_live_side_by_side(address: ServerAddress, tmp_path: Path) -> None:
    other = carrier(name="acme", local=False, allowed_addresses=["54.172.60.0/30"], numbers=["+15550100300"])
    plan = write_plan(tmp_path, carrier(), other)
    assert (await _run(run_apply, plan, address))[0] == 0
    assert len(await names_on(address)) == 6


async def test_a_number_moves_from_one_carrier_to_another(address: ServerAddress, tmp_path: Path) -> None:
    here = carrier(numbers=[OWNED, "+15550100300"])
    there = carrier(name="acme", local=False, allowed_addresses=["54.172.60.0/30"], numbers=["+15550100301"])
    await _run(run_apply, write_plan(tmp_path, there, here), address)
    moved = write_plan(tmp_path, there | {"numbers": ["+15550100300"]}, here | {"numbers": [OWNED]})
    assert (await _run(run_apply, moved, address))[0] == 0
    assert (await _run(run_plan, moved, address))[0] == 0


async def test_an_extra_address_is_allowed_only_while_it_is_asked_for(address: ServerAddress, tmp_path: Path) -> None:
    plan = write_plan(tmp_path, carrier())
    extra = {"allow_addresses": ("192.168.7.0/24",)}
    assert (await _run(run_apply, plan, address, **extra))[0] == 0
    assert (await _run(run_plan, plan, address, **extra))[0] == 0
    code, table = await _run(run_plan, plan, address)
    assert code == 2
    assert '["127.0.0.1/32", "192.168.7.0/24"] → ["127.0.0.1/32"]' in table


async def test_what_the_server_refuses_is_named_and_the_rest_is_done(address: ServerAddress, tmp_path: Path) -> None:
    async with connected(address) as lk:
        foreign = api.SIPInboundTrunkInfo(name="somebody else", numbers=[OWNED], allowed_addresses=["127.0.0.1/32"])
        await lk.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=foreign))
    code, text = await _run(run_apply, write_plan(tmp_path, carrier()), address)
    assert code == 1
    assert "failed: create trunk voicefleet/loopback: LiveKit says" in text
    assert text.splitlines()[-1] == "applied 2 of 4 changes"
    assert "rule voicefleet/unknown.number" in await names_on(address)


async def test_a_wrong_secret_and_an_absent_server_get_one_sentence(address: ServerAddress, tmp_path: Path) -> None:
    plan = write_plan(tmp_path, carrier())
    wrong = replace(address, api_secret="another-secret-of-thirty-two-characters")
    code, text = await _run(run_plan, plan, wrong)
    assert (code, text.count("\n")) == (1, 0)
    assert "check LIVEKIT_API_KEY and LIVEKIT_API_SECRET" in text
    code, text = await _run(run_apply, plan, replace(address, url="ws://127.0.0.1:1"))
    assert (code, text.count("\n")) == (1, 0)
    assert "LiveKit does not answer" in text
