"""Settings of the one-machine stack: read from a TOML file, every fault named by file and key."""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, ValidationError, model_validator
from pydantic_core import ErrorDetails

from infra.local.errors import StackError
from infra.local.servers import CHECKOUT

STACK_FILE = CHECKOUT / "infra" / "local" / "stack.toml"

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paths(_Section):
    """Where things are kept; empty means the place `infra.local.places` chooses."""

    state: str = ""
    run: str = ""
    cache: str = ""


class Network(_Section):
    """A namespace of the stack's own, or the machine's address."""

    isolated: bool = True
    address: IPv4Address = IPv4Address("10.77.0.1")


class Postgres(_Section):
    """The embedded server."""

    port: Port = 5432
    max_connections: Annotated[int, Field(ge=10, le=1000)] = 60


class LiveKit(_Section):
    """livekit-server."""

    port: Port = 7880
    tcp_port: Port = 7881
    udp_port: Port = 7882
    metrics_port: Port = 6789


class Sip(_Section):
    """livekit-sip and the plan that is applied to it."""

    port: Port = 5060
    rtp_first_port: Port = 20000
    rtp_last_port: Port = 20999
    health_port: Port = 8080
    metrics_port: Port = 8081
    plan: str = "sip/plan.yaml"
    allow_addresses: tuple[IPvAnyNetwork, ...] = ()


class Inference(_Section):
    """The local speech process."""

    enabled: bool = True


class Emulators(_Section):
    """Hosted providers' stand-ins on loopback; while they are enabled no vendor is reached and no key is used."""

    enabled: bool = False
    port: Port = 8900
    suite: str = "flux+gpt-oss-groq+flash-v2.5"
    script: str = "loadtest/emulators/riverside.yaml"
    seed: int = 0


class Providers(_Section):
    """Chains of providers, as VOICEFLEET_STT, _TTS and _MODELS have them; empty means what the environment says."""

    stt: str = ""
    tts: str = ""
    models: str = ""


class Workers(_Section):
    """Processes that take calls."""

    count: Annotated[int, Field(ge=0, le=64)] = 2
    seats: Annotated[int, Field(ge=1, le=200)] = 3
    first_port: Port = 8801
    stop_grace_s: Seconds = 5.0


class Keepers(_Section):
    """One leader, the others stand by."""

    count: Annotated[int, Field(ge=0, le=8)] = 2
    first_port: Port = 8811


class Tenants(_Section):
    """Documents applied at every start, as patterns from the checkout."""

    files: tuple[str, ...] = ("infra/local/tenants/*.yaml",)


class Knowledge(_Section):
    """Folders read into knowledge bases at every start, each of the business whose slug it bears."""

    folders: tuple[str, ...] = ("infra/local/knowledge/riverside-dental",)


class Demo(_Section):
    """The number of the demo business."""

    number: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] = "+15550100100"


class Log(_Section):
    """What our own processes log."""

    level: str = "INFO"


class Restart(_Section):
    """How a process that died comes back."""

    first_delay_s: Seconds = 0.2
    max_delay_s: Seconds = 10.0
    steady_after_s: Seconds = 15.0
    loop_after: Annotated[int, Field(ge=2)] = 5


class Deadlines(_Section):
    """Seconds until a step must be healthy."""

    redis_s: Seconds = 10.0
    postgres_s: Seconds = 60.0
    livekit_s: Seconds = 20.0
    sip_s: Seconds = 20.0
    step_s: Seconds = 60.0
    knowledge_s: Seconds = 300.0
    inference_s: Seconds = 120.0
    worker_s: Seconds = 120.0
    keeper_s: Seconds = 60.0


class Settings(_Section):
    """The whole file."""

    skip: tuple[str, ...] = ()
    paths: Paths = Paths()
    network: Network = Network()
    postgres: Postgres = Postgres()
    livekit: LiveKit = LiveKit()
    sip: Sip = Sip()
    inference: Inference = Inference()
    emulators: Emulators = Emulators()
    providers: Providers = Providers()
    workers: Workers = Workers()
    keepers: Keepers = Keepers()
    tenants: Tenants = Tenants()
    knowledge: Knowledge = Knowledge()
    demo: Demo = Demo()
    log: Log = Log()
    restart: Restart = Restart()
    deadlines: Deadlines = Deadlines()

    @model_validator(mode="after")
    def _ports_are_distinct(self) -> Settings:
        seen: dict[int, str] = {}
        for key, port in self.ports().items():
            if port in seen:
                raise ValueError(f"{key} and {seen[port]} are both {port}")
            seen[port] = key
        if self.sip.rtp_first_port >= self.sip.rtp_last_port:
            raise ValueError("sip.rtp_first_port must be below sip.rtp_last_port")
        return self

    def ports(self) -> dict[str, int]:
        """Every port something listens on, by the key that sets it; RTP's range is not among them."""
        ports = {
            "livekit.port": self.livekit.port,
            "livekit.tcp_port": self.livekit.tcp_port,
            "livekit.udp_port": self.livekit.udp_port,
            "livekit.metrics_port": self.livekit.metrics_port,
            "sip.port": self.sip.port,
            "sip.health_port": self.sip.health_port,
            "sip.metrics_port": self.sip.metrics_port,
        }
        if self.emulators.enabled:
            ports["emulators.port"] = self.emulators.port
        for index in range(self.workers.count):
            ports[f"workers.first_port + {index}"] = self.workers.first_port + index
        for index in range(self.keepers.count):
            ports[f"keepers.first_port + {index}"] = self.keepers.first_port + index
        return ports


def load_settings(path: Path = STACK_FILE) -> Settings:
    """Read a stack file.

    Raises:
        StackError: the file cannot be read, is no TOML, or holds an unknown key or a wrong value; the
            sentence names the file, the key and what was expected.
    """
    shown = _shown(path)
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise StackError(f"{shown}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StackError(f"{shown}: not valid TOML: {error}") from None
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise StackError("; ".join(f"{shown}: {_fault(fault)}" for fault in error.errors())) from None


def _shown(path: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(CHECKOUT)) if resolved.is_relative_to(CHECKOUT) else str(path)


def _fault(fault: ErrorDetails) -> str:
    loc = fault["loc"]
    key = ".".join(str(part) for part in loc)
    if fault["type"] == "extra_forbidden":
        return f"unknown key '{key}' (known: {', '.join(_known_keys(loc[:-1]))})"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{key} = {fault['input']!r}: {message.lower()}" if key else message


def _known_keys(section: tuple[int | str, ...]) -> list[str]:
    model: Any = Settings
    for part in section:
        model = model.model_fields[str(part)].annotation
    return list(model.model_fields)
