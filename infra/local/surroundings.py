"""What every part of a stack shares: addresses, keys, environment, rendered configurations."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template

from infra.local.places import ApiKey, Places
from infra.local.postgres import EmbeddedPostgres
from infra.local.proc import MARKER
from infra.local.settings import Settings

#: Servers of ours and LiveKit's API listen here in either mode; only SIP and media are exposed.
LOOPBACK = "127.0.0.1"
#: Of the user's own, what would lead elsewhere or be paid while providers are emulated; empty is as good as unset.
_UNSET = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "VOICEFLEET_EMBEDDING_KEY",
    "VOICEFLEET_EMBEDDING_MODEL", "VOICEFLEET_EMBEDDING_URL", "VOICEFLEET_LARGE_MODELS", "VOICEFLEET_MODELS",
    "VOICEFLEET_MODEL_KEY", "VOICEFLEET_MODEL_URL",
)  # fmt: skip
_TEMPLATES = Path(__file__).parent / "config"

#: Kept when it is given: a measurement wants a cache of its own.
SPEECH_CACHE = "VOICEFLEET_SPEECH_CACHE_DIR"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One stack as its parts see it.

    Attributes:
        address: its non-loopback address, in the namespace or of the machine.
        networks: networks that may dial the local carrier besides loopback, CIDR.
        database_url: the given one; None means the embedded server.
    """

    settings: Settings
    places: Places
    key: ApiKey
    isolated: bool
    address: str
    networks: tuple[str, ...]
    database_url: str | None

    @property
    def sip_address(self) -> str:
        """Where livekit-sip listens and says its media are."""
        return LOOPBACK if self.isolated else self.address

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The embedded server, whether used or not."""
        return EmbeddedPostgres(places=self.places, settings=self.settings.postgres)

    def exports(self) -> dict[str, str]:
        """Variables that lead to this stack."""
        settings, places = self.settings, self.places
        return {
            MARKER: str(places.state),
            "VOICEFLEET_STACK": places.name,
            "VOICEFLEET_STACK_SIP": f"{self.sip_address}:{settings.sip.port}",
            "DATABASE_URL": self.database_url or self.postgres.url,
            "LIVEKIT_URL": f"ws://{LOOPBACK}:{settings.livekit.port}",
            "LIVEKIT_API_KEY": self.key.key,
            "LIVEKIT_API_SECRET": self.key.secret,
            "VOICEFLEET_INFERENCE_SOCKET": str(places.inference_socket),
            SPEECH_CACHE: os.environ.get(SPEECH_CACHE) or str(places.cache / "speech"),
            "VOICEFLEET_RECORDINGS_DIR": str(places.recordings),
            "VOICEFLEET_OUTBOX_FILE": str(places.state / "outbox.jsonl"),
            "VOICEFLEET_KB_REPORTS_DIR": str(places.state / "kb-reports"),
            "VOICEFLEET_LOG_LEVEL": settings.log.level,
            "VOICEFLEET_CARRIER": "local",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONUNBUFFERED": "1",
            **self._providers(),
        }

    @property
    def emulators(self) -> str:
        """The emulated providers' origin, whether they are enabled or not."""
        return f"http://{LOOPBACK}:{self.settings.emulators.port}"

    def _providers(self) -> dict[str, str]:
        """Which providers are used, and where they are when they are emulated; no real key is left then."""
        chosen = {
            f"VOICEFLEET_{kind.upper()}": chain for kind, chain in self.settings.providers.model_dump().items() if chain
        }
        if not self.settings.emulators.enabled:
            return chosen
        vendors = {
            "VOICEFLEET_DEEPGRAM_URL": f"{self.emulators}/deepgram",
            "VOICEFLEET_OPENAI_URL": f"{self.emulators}/openai/v1",
            "VOICEFLEET_GROQ_URL": f"{self.emulators}/openai/v1",
            "VOICEFLEET_ELEVENLABS_URL": f"{self.emulators}/elevenlabs/v1",
        }
        keys = ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "GROQ_API_KEY", "ELEVEN_API_KEY")
        return {
            **dict.fromkeys(_UNSET, ""),
            **chosen,
            **vendors,
            **dict.fromkeys(keys, "emulated"),
            "VOICEFLEET_EMULATORS": self.emulators,
        }

    def environment(self, **more: str) -> dict[str, str]:
        """A part's whole environment: the user's, so that providers' keys reach it, and the stack's."""
        return {**os.environ, **self.exports(), **more}

    def render(self) -> None:
        """Write the servers' configurations; they hold the API secret."""
        for name, values in self._values().items():
            text = Template((_TEMPLATES / name).read_text()).substitute(values)
            target = self.places.config / name
            target.touch(mode=0o600)
            target.write_text(text)

    def _values(self) -> dict[str, dict[str, object]]:
        settings, places = self.settings, self.places
        keepers = range(settings.keepers.first_port, settings.keepers.first_port + settings.keepers.count)
        webhooks = [f"http://{LOOPBACK}:{port}/livekit/webhook" for port in keepers]
        shared: dict[str, object] = {
            "api_key": self.key.key,
            "api_secret": self.key.secret,
            "redis": places.redis_socket,
        }
        livekit = shared | {
            "bind": LOOPBACK,
            "port": settings.livekit.port,
            "tcp_port": settings.livekit.tcp_port,
            "udp_port": settings.livekit.udp_port,
            "metrics_port": settings.livekit.metrics_port,
            "node_ip": self.address,
            "webhook_urls": json.dumps(webhooks),
        }
        sip = shared | {
            "bind": LOOPBACK,
            "livekit_port": settings.livekit.port,
            "port": settings.sip.port,
            "listen_ip": self.sip_address,
            "rtp_ports": f"{settings.sip.rtp_first_port}-{settings.sip.rtp_last_port}",
            "health_port": settings.sip.health_port,
            "metrics_port": settings.sip.metrics_port,
        }
        redis: dict[str, object] = {"socket": places.redis_socket, "folder": places.state / "redis"}
        return {"livekit.yaml": livekit, "sip.yaml": sip, "redis.conf": redis}
