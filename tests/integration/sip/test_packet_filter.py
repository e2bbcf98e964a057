"""The packet filter before a real livekit-sip: a stranger gets nothing, a known carrier rings."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sip.commands import run_apply
from sip.rooms import Rooms
from sip.server import connected
from tests.integration.sip.plans import CARRIER_ADDRESS, OWNED, write_plan
from tests.integration.sip.plans import carrier as carrier_document
from tests.integration.sip.sender import SipCall
from tests.integration.sip.stack import Stack, running_stack

CARRIER_IPV6 = "::1"
STRANGER_IPV6 = "fd00:111::1"
STRANGERS_NUMBER = "+15557770000"
OTHER_PORT = 5099
NFT = shutil.which("nft", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    addresses = [f"{CARRIER_ADDRESS}/32", f"{CARRIER_IPV6}/128"]
    return write_plan(tmp_path_factory.mktemp("plan"), carrier_document(allowed_addresses=addresses))


@pytest.fixture(scope="module")
def stack(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if NFT is None:
        pytest.skip("nft is missing: apt-get install nftables")
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        if not running.has_own_network:
            pytest.skip("the machine's own network is not ours to filter: needs the right to make a namespace")
        ipv6 = f"-6 address add {STRANGER_IPV6}/64 dev outside nodad"
        subprocess.run(["ip", *ipv6.split()], check=True)
        assert asyncio.run(run_apply(plan, running.address)) == 0
        yield running


@pytest.fixture(autouse=True)
def table_gone_afterwards(stack: Stack) -> Iterator[None]:
    yield
    if _has_table():
        _nft("delete", "table", "inet", "voicefleet")


def _step(stack: Stack, plan: Path, *flags: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """The stack's own step, in this network."""
    ports = ["--port", str(stack.sip_port), "--port", str(OTHER_PORT)]
    ruleset = [sys.executable, "-m", "agent.cli", "sip", "firewall", str(plan), *ports]
    step = [*prefix, sys.executable, "-m", "infra.local.sip_filter", *flags, "--", *ruleset]
    return subprocess.run(step, capture_output=True, text=True, timeout=60)


async def test_without_the_filter_livekit_sip_lets_a_stranger_ring(stack: Stack) -> None:
    """What makes the filter necessary; when this fails, livekit-sip keeps strangers out by itself."""
    async with _dial(stack, stack.outside_address, STRANGERS_NUMBER) as stranger:
        await stranger.wait_status(180, timeout_s=5)


async def test_a_stranger_gets_nothing_at_all_while_a_known_carrier_rings(stack: Stack, plan: Path) -> None:
    assert _step(stack, plan, "--isolated").returncode == 0
    async with (
        connected(stack.address) as server,
        _dial(stack, stack.outside_address, STRANGERS_NUMBER) as stranger,
        _dial(stack, CARRIER_ADDRESS) as carrier,
    ):
        _await_drop()
        await carrier.wait_status(180, timeout_s=5)
        rooms = Rooms(server)
        async with asyncio.timeout(5):
            while not (names := [room.name for room in await rooms.list_rooms()]):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        assert len(names) == 1
        assert STRANGERS_NUMBER not in names[0]
        assert stranger.answers == []


async def test_a_strangers_options_gets_nothing_while_a_known_carriers_is_answered(stack: Stack, plan: Path) -> None:
    assert _step(stack, plan, "--isolated").returncode == 0
    port = stack.sip_port
    with _udp(stack.outside_address) as stranger, _udp(CARRIER_ADDRESS) as carrier:
        stranger.sendto(_options(stranger, port), ("127.0.0.1", port))
        _await_drop()
        carrier.sendto(_options(carrier, port), ("127.0.0.1", port))
        assert carrier.recv(4096).startswith(b"SIP/2.0 200")
        _assert_silent(stranger)


async def test_a_stranger_cannot_even_connect_over_tcp(stack: Stack, plan: Path) -> None:
    assert _step(stack, plan, "--isolated").returncode == 0
    with closing(socket.create_connection(("127.0.0.1", stack.sip_port), 5, (CARRIER_ADDRESS, 0))):
        pass
    with pytest.raises(TimeoutError):  # not refused: nothing at all comes back
        socket.create_connection(("127.0.0.1", stack.sip_port), 0.3, (stack.outside_address, 0))
    _await_drop()


@pytest.mark.parametrize("known", [CARRIER_ADDRESS, CARRIER_IPV6])
async def test_either_family_lets_known_addresses_in_and_drops_the_others(stack: Stack, plan: Path, known: str) -> None:
    assert _step(stack, plan, "--isolated").returncode == 0
    other = STRANGER_IPV6 if ":" in known else stack.outside_address
    with _udp(known) as carrier, _udp(other) as stranger, _udp(known, OTHER_PORT) as listener:
        stranger.sendto(b"stranger", (known, OTHER_PORT))
        _await_drop()
        carrier.sendto(b"carrier", (known, OTHER_PORT))
        assert listener.recv(4096) == b"carrier"
        _assert_silent(listener)


async def test_other_ports_stay_open_to_everybody(stack: Stack, plan: Path) -> None:
    assert _step(stack, plan, "--isolated").returncode == 0
    with _udp(stack.outside_address) as stranger, _udp(CARRIER_ADDRESS) as listener:
        stranger.sendto(b"media", listener.getsockname())
        assert listener.recv(4096) == b"media"


async def test_loading_it_again_replaces_the_table_and_touches_no_other(
    stack: Stack, plan: Path, tmp_path: Path
) -> None:
    _nft("add", "table", "inet", "somebody_else")
    try:
        assert _step(stack, plan, "--isolated").returncode == 0
        once = _nft("list", "ruleset")
        assert _step(stack, plan, "--isolated").returncode == 0
        assert _nft("list", "ruleset") == once
        stranger = write_plan(tmp_path, carrier_document(allowed_addresses=[f"{stack.outside_address}/32"]))
        assert _step(stack, stranger, "--isolated").returncode == 0
        assert CARRIER_ADDRESS not in _nft("list", "ruleset")
        assert "somebody_else" in _nft("list", "ruleset")
    finally:
        _nft("delete", "table", "inet", "somebody_else")


@pytest.mark.parametrize(
    ("flags", "prefix"),
    [((), ()), (("--isolated",), ("setpriv", "--bounding-set=-net_admin", "--"))],
    ids=["exposed", "no permission"],
)
async def test_where_no_filter_may_be_loaded_one_sentence_says_so_and_the_stack_goes_on(
    stack: Stack, plan: Path, flags: tuple[str, ...], prefix: tuple[str, ...]
) -> None:
    done = _step(stack, plan, *flags, prefix=prefix)
    assert done.returncode == 0
    assert "livekit-sip's own check is all there is" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert not _has_table()


async def test_a_plan_that_cannot_be_read_stops_the_stack_with_its_sentence(stack: Stack, tmp_path: Path) -> None:
    done = _step(stack, tmp_path / "none.yaml", "--isolated")
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'none.yaml'}: cannot be read (No such file or directory)\n"
    assert not _has_table()


def _dial(stack: Stack, source: str, caller: str = "+15551230000") -> SipCall:
    return SipCall(source, ("127.0.0.1", stack.sip_port), OWNED, caller)


def _udp(address: str, port: int = 0) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(5)
    made.bind((address, port))
    return made


def _assert_silent(sock: socket.socket) -> None:
    """Nothing has arrived; what was dropped here never will."""
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(4096)


def _options(sock: socket.socket, port: int) -> bytes:
    mine = "{}:{}".format(*sock.getsockname())
    return (
        f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {mine};branch=z9hG4bK{mine}\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:who@{mine}>;tag=1\r\nTo: <sip:127.0.0.1:{port}>\r\n"
        f"Call-ID: {mine}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _await_drop() -> None:
    """Return once the filter has dropped a packet."""
    deadline = time.monotonic() + 5
    while _dropped() == 0:
        assert time.monotonic() < deadline, "the filter dropped nothing"


def _dropped() -> int:
    chain = json.loads(_nft("--json", "list", "chain", "inet", "voicefleet", "sip"))["nftables"]
    statements = [statement for entry in chain for statement in entry.get("rule", {}).get("expr", [])]
    return int(next(statement["counter"]["packets"] for statement in statements if "counter" in statement))


def _has_table() -> bool:
    return "table inet voicefleet\n" in f"{_nft('list', 'tables')}\n"


def _nft(*words: str) -> str:
    assert NFT is not None
    return subprocess.run([NFT, *words], capture_output=True, text=True, check=True, timeout=10).stdout
