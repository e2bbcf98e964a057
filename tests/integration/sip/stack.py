"""Redis, livekit-server and livekit-sip as a test needs them: real, private and short-lived.

With the right to do so the servers get a network namespace of their own, entered by this thread only, which
the kernel removes with its last process. Otherwise they share the machine's network, on free ports.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from infra.local.servers import default_cache, server_binary
from sip.server import ServerAddress

LIVEKIT_SERVER = server_binary(default_cache(), "livekit-server")
LIVEKIT_SIP = server_binary(default_cache(), "livekit-sip")
START_DEADLINE_S = 20.0
API_KEY = "testkey"
API_SECRET = "a-secret-for-tests-of-thirty-two-or-more"

_CLONE_NEWNET = 0x40000000
_VETH_ADDRESS = "10.111.0.1"


@dataclass
class Stack:
    """The running servers.

    Attributes:
        webhook_ports: free ports of 127.0.0.1 that livekit-server posts its webhooks to.
        outside_address: the non-loopback address of this network.
        has_own_network: whether the network is a namespace of these servers alone.
    """

    address: ServerAddress
    sip_port: int
    webhook_ports: tuple[int, int]
    outside_address: str
    has_own_network: bool
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def log_of(self, name: str) -> str:
        """Everything a server has written so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_stack(folder: Path, *, sip: bool = True, own_network: bool = True) -> Iterator[Stack]:
    """Start the servers and enter their network; stop them and leave it afterwards.

    Args:
        sip: also livekit-sip.
        own_network: False for tests that need something on the machine's loopback besides.
    """
    if not LIVEKIT_SERVER.exists() or not LIVEKIT_SIP.exists():
        pytest.skip(f"livekit-server and livekit-sip have not been built into {LIVEKIT_SERVER.parent}")
    with ExitStack() as cleanup:
        outside = cleanup.enter_context(_own_network()) if own_network else _machine_address()
        redis, http, rtc_tcp, rtc_udp, sip_port, health, *webhooks = _free_ports(8)
        address = ServerAddress(f"ws://127.0.0.1:{http}", API_KEY, API_SECRET)
        alone = outside == _VETH_ADDRESS
        stack = Stack(address, sip_port, (webhooks[0], webhooks[1]), outside, alone, folder)
        cleanup.callback(_stop, stack.processes)
        _start_redis(stack, redis)
        _start_server(stack, redis=redis, http=http, rtc_tcp=rtc_tcp, rtc_udp=rtc_udp)
        if sip:
            _start_sip(stack, redis=redis, health=health)
        yield stack


@contextmanager
def _own_network() -> Iterator[str]:
    """Enter a new network namespace; yields a non-loopback address."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    entered = libc.unshare(_CLONE_NEWNET) == 0
    try:
        if entered:
            for command in (
                "link set lo up",
                "link add outside type veth peer name inside",
                f"address add {_VETH_ADDRESS}/24 dev outside",
                "link set outside up",
                "link set inside up",
            ):
                subprocess.run(["ip", *command.split()], check=True)
            yield _VETH_ADDRESS
        else:
            yield _machine_address()
    finally:
        if entered and libc.setns(before, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "cannot return to the machine's network")
        os.close(before)


def _machine_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks the kernel for a route
        except OSError:
            pytest.skip("livekit-sip needs a non-loopback address, or the right to make a network namespace")
        return str(probe.getsockname()[0])


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            sock = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            sock.bind(("127.0.0.1", 0))
            ports.append(sock.getsockname()[1])
        return ports


def _start_redis(stack: Stack, port: int) -> None:
    arguments = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    _spawn(stack, "redis", arguments)
    _await_healthy(stack, "redis", lambda: _accepts(port))


def _start_server(stack: Stack, *, redis: int, http: int, rtc_tcp: int, rtc_udp: int) -> None:
    config = {
        "port": http,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {
            "tcp_port": rtc_tcp,
            "udp_port": rtc_udp,
            "node_ip": stack.outside_address,
            "use_external_ip": False,
            "allow_tcp_fallback": False,
        },
        "keys": {API_KEY: API_SECRET},
        "redis": {"address": f"127.0.0.1:{redis}"},
        "webhook": {"api_key": API_KEY, "urls": [_webhook_url(port) for port in stack.webhook_ports]},
        "room": {"auto_create": True, "empty_timeout": 60, "departure_timeout": 5},
        "agents": {"target_load": 0.95},
        "logging": {"level": "info", "json": True},
    }
    path = _config(stack, "livekit-server", config)
    _spawn(stack, "livekit-server", [str(LIVEKIT_SERVER), "--config", str(path)])
    _await_healthy(stack, "livekit-server", lambda: _status(http) == 200)


def _start_sip(stack: Stack, *, redis: int, health: int) -> None:
    config = {
        "api_key": API_KEY,
        "api_secret": API_SECRET,
        "ws_url": stack.address.url,
        "redis": {"address": f"127.0.0.1:{redis}"},
        "sip_port": stack.sip_port,
        "nat_1_to_1_ip": "127.0.0.1",
        "rtp_port": "21000-21199",
        "health_port": health,
        "hide_inbound_port": True,
        "logging": {"level": "info", "json": True},
    }
    path = _config(stack, "livekit-sip", config)
    _spawn(stack, "livekit-sip", [str(LIVEKIT_SIP), "--config", str(path)])
    # 429 only says that the machine's processors are busy: it takes calls all the same.
    _await_healthy(stack, "livekit-sip", lambda: _status(health) in (200, 429))


def _webhook_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/livekit/webhook"


def _config(stack: Stack, name: str, config: dict[str, object]) -> Path:
    path = stack.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def _spawn(stack: Stack, name: str, arguments: list[str]) -> None:
    with (stack.folder / f"{name}.log").open("wb") as log:
        stack.processes[name] = subprocess.Popen(
            arguments, stdout=log, stderr=subprocess.STDOUT, cwd=stack.folder, start_new_session=True
        )


def _await_healthy(stack: Stack, name: str, is_healthy: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while not is_healthy():
        if stack.processes[name].poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"{name} is not healthy:\n{stack.log_of(name)[-2000:]}")
        time.sleep(0.05)  # the servers offer nothing to wait on


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _status(port: int) -> int | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def _stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in reversed(processes.values()):
        process.kill()
        process.wait(timeout=10)
