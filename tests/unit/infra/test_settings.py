"""The stack file: every fault is one sentence that names the file and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from infra.local.errors import StackError
from infra.local.places import find_places, make_places, stack_api_key
from infra.local.settings import STACK_FILE, Settings, load_settings


def _file(folder: Path, text: str) -> Path:
    path = folder / "stack.toml"
    path.write_text(text)
    return path


def test_an_unknown_key_is_named_with_the_file_and_the_known_ones(tmp_path: Path) -> None:
    path = _file(tmp_path, "[livekit]\nprot = 7880\n")
    with pytest.raises(StackError) as caught:
        load_settings(path)
    assert str(caught.value) == (f"{path}: unknown key 'livekit.prot' (known: port, tcp_port, udp_port, metrics_port)")


def test_an_unknown_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"unknown key 'foo' \(known: skip, paths, network"):
        load_settings(_file(tmp_path, "[foo]\n"))


def test_a_wrong_value_is_named_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"sip\.port = 70000: input should be less than or equal to 65535"):
        load_settings(_file(tmp_path, "[sip]\nport = 70000\n"))


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"workers\.seats = 0.*unknown key 'bar'"):
        load_settings(_file(tmp_path, "bar = 1\n[workers]\nseats = 0\n"))


def test_one_port_for_two_servers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"sip\.health_port and livekit\.port are both 7880"):
        load_settings(_file(tmp_path, "[sip]\nhealth_port = 7880\n"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"none\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "none.toml")


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"stack\.toml: not valid TOML: .*line 1"):
        load_settings(_file(tmp_path, "port 5\n"))


def test_the_committed_file_shows_every_key_with_its_default() -> None:
    written = tomllib.loads(STACK_FILE.read_text())
    assert written == _plain(Settings())


def test_a_stack_name_cannot_lead_elsewhere() -> None:
    with pytest.raises(StackError, match="is no stack's name"):
        find_places("../x", Settings())


def test_a_run_folder_too_long_for_sockets_is_refused() -> None:
    settings = Settings.model_validate({"paths": {"run": "/tmp/" + "x" * 90}})
    with pytest.raises(StackError, match=r"too long for sockets .* set paths\.run"):
        find_places("local", settings)


def test_two_stacks_share_no_folder_but_the_cache() -> None:
    one, other = (find_places(name, Settings()) for name in ("a", "b"))
    assert not {one.state, one.run} & {other.state, other.run}
    assert one.cache == other.cache


def test_the_api_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    settings = Settings.model_validate({"paths": {"state": str(tmp_path / "s"), "run": str(tmp_path / "r")}})
    places = find_places("local", settings)
    make_places(places)
    first = stack_api_key(places)
    assert stack_api_key(places) == first
    assert len(first.secret) >= 32
    assert (places.config / "api-key").stat().st_mode & 0o077 == 0


def _plain(settings: Settings) -> object:
    return settings.model_dump(mode="json")
