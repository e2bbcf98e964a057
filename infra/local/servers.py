"""The pinned servers and where they are cached. Standard library only: `setup` runs before anything is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

#: Server → the Go module that has it, and the package to build.
SERVERS = {
    "livekit-server": ("github.com/livekit/livekit-server", "github.com/livekit/livekit-server/cmd/server"),
    "livekit-sip": ("github.com/livekit/sip", "github.com/livekit/sip/cmd/livekit-sip"),
}


def default_cache() -> Path:
    """Downloads and builds shared by every checkout of this user."""
    given = os.environ.get("VOICEFLEET_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicefleet"


def server_folder(name: str) -> Path:
    """Where a server's go.mod and go.sum are committed."""
    return CHECKOUT / "infra" / "local" / "servers" / name


def pinned_version(name: str) -> str:
    """The version that a server's go.mod requires.

    Raises:
        ValueError: it requires none.
    """
    module = re.escape(SERVERS[name][0])
    text = (server_folder(name) / "go.mod").read_text()
    found = re.search(rf"^\s*(?:require )?{module} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"{server_folder(name) / 'go.mod'} does not require {SERVERS[name][0]}")
    return found[1]


def server_binary(cache: Path, name: str) -> Path:
    """Where `make setup` puts a server."""
    return cache / "bin" / f"{name}-{pinned_version(name)}"
