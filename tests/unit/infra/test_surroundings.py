"""Ports, addresses, rendered configurations and the order of the parts."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import yaml

from agent.providers import recorded
from infra.local.errors import StackError
from infra.local.fleet import PROBED_WITH, build_parts
from infra.local.places import find_places, make_places, stack_api_key
from infra.local.ports import check_ports
from infra.local.servers import CHECKOUT
from infra.local.settings import Settings, load_settings
from infra.local.surroundings import Surroundings


def _around(folder: Path, *, isolated: bool = True, **sections: object) -> Surroundings:
    (folder / "cache" / "bin").mkdir(parents=True)
    paths = {name: str(folder / name) for name in ("state", "run", "cache")}
    settings = Settings.model_validate({"paths": paths, **sections})
    places = find_places("local", settings)
    make_places(places)
    return Surroundings(
        settings=settings,
        places=places,
        key=stack_api_key(places),
        isolated=isolated,
        address="10.77.0.1",
        networks=(),
        database_url=None,
    )


_NO_SERVERS = ["livekit-server", "livekit-sip"]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use_is_named_with_its_holder_and_the_key_to_set(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            holder.listen(1)
        port = holder.getsockname()[1]
        with pytest.raises(StackError) as caught:
            check_ports({"livekit.port": port}, "infra/local/stack.toml")
    name = Path("/proc/self/comm").read_text().strip()
    assert str(caught.value) == (
        f"port {port} is in use by {name} (pid {os.getpid()}); set livekit.port in infra/local/stack.toml"
    )
    check_ports({"livekit.port": port}, "infra/local/stack.toml")


def test_livekit_tells_every_keeper_and_sip_hides_from_strangers(tmp_path: Path) -> None:
    around = _around(tmp_path)
    around.render()
    livekit = yaml.safe_load((around.places.config / "livekit.yaml").read_text())
    assert livekit["webhook"]["urls"] == [
        "http://127.0.0.1:8811/livekit/webhook",
        "http://127.0.0.1:8812/livekit/webhook",
    ]
    assert livekit["keys"] == {around.key.key: around.key.secret}
    sip = yaml.safe_load((around.places.config / "sip.yaml").read_text())
    assert sip["hide_inbound_port"] is True
    assert sip["listen_ip"] == sip["nat_1_to_1_ip"] == "127.0.0.1"
    for name in ("livekit.yaml", "sip.yaml"):
        assert (around.places.config / name).stat().st_mode & 0o077 == 0


def test_an_exposed_stack_listens_for_sip_on_the_machines_address(tmp_path: Path) -> None:
    around = _around(tmp_path, isolated=False)
    around.render()
    sip = yaml.safe_load((around.places.config / "sip.yaml").read_text())
    assert sip["listen_ip"] == sip["nat_1_to_1_ip"] == "10.77.0.1"
    assert yaml.safe_load((around.places.config / "livekit.yaml").read_text())["bind_addresses"] == ["127.0.0.1"]


def test_every_part_waits_only_for_parts_before_it(tmp_path: Path) -> None:
    parts = build_parts(_around(tmp_path, skip=_NO_SERVERS))
    known = set(_NO_SERVERS)
    for part in parts:
        assert set(part.after) <= known, part.name
        known.add(part.name)
    assert {"redis", "postgres", "migrate", "inference", "worker-1", "worker-2", "keeper-2"} <= known


def test_emulated_recognisers_know_what_the_fleet_probes_them_with(tmp_path: Path) -> None:
    parts = build_parts(_around(tmp_path, skip=_NO_SERVERS, emulators={"enabled": True}))
    (emulators,) = [part for part in parts if part.name == "emulators"]
    assert PROBED_WITH == (recorded.PATH, recorded.WORDS)
    assert emulators.argv[-2:] == ("--recording", f"{recorded.PATH}={recorded.WORDS}")


def test_the_database_file_starts_a_database_and_what_fills_it(tmp_path: Path) -> None:
    settings = load_settings(CHECKOUT / "infra" / "local" / "database.toml").model_dump(exclude={"paths"})
    parts = build_parts(_around(tmp_path, **settings))
    assert [part.name for part in parts] == ["postgres", "migrate", "tenant-apply", "knowledge-riverside-dental"]
    assert [part.deadline_s for part in parts[2:]] == [60.0, 300.0]


def test_a_server_that_is_not_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"livekit-server-v1\.13\.5 is missing; run `make setup`"):
        build_parts(_around(tmp_path))


def test_skipping_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no part is called 'worker-9'"):
        build_parts(_around(tmp_path, skip=[*_NO_SERVERS, "worker-9"]))


def test_the_secret_is_not_shown_when_a_part_is_printed(tmp_path: Path) -> None:
    around = _around(tmp_path, skip=_NO_SERVERS)
    assert around.key.secret not in repr(build_parts(around))
