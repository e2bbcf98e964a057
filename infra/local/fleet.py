"""The parts of a stack, in the order they start."""

from __future__ import annotations

import shutil
import signal
import sys
from functools import partial

from infra.local.errors import StackError
from infra.local.health import command_succeeds, http_answers, postgres_answers, redis_answers, sip_answers
from infra.local.part import Part
from infra.local.servers import CHECKOUT, server_binary
from infra.local.surroundings import LOOPBACK, Surroundings

#: What recognisers are probed with, and its words: emulated ones know no others of themselves.
PROBED_WITH = (CHECKOUT / "agent" / "providers" / "yes_please.wav", "Yes, please.")


def build_parts(around: Surroundings) -> list[Part]:
    """Every part that is not skipped.

    Raises:
        StackError: a server is not installed, a name in `skip` is unknown, or no tenant document is found.
    """
    parts = [
        *_stores(around),
        *_livekit(around),
        *_steps(around),
        *_speech(around),
        *_emulators(around),
        *_ours(around),
    ]
    names = [part.name for part in parts]
    for name in around.settings.skip:
        if name not in names:
            raise StackError(f"skip: no part is called {name!r} (known: {', '.join(names)})")
    return [part for part in parts if part.name not in around.settings.skip]


def _stores(around: Surroundings) -> list[Part]:
    settings, places = around.settings, around.places
    redis = Part(
        name="redis",
        argv=(_program("redis-server", "redis-server"), str(places.config / "redis.conf")),
        env=around.environment(),
        after=(),
        probe=redis_answers(places.redis_socket),
        deadline_s=settings.deadlines.redis_s,
    )
    if around.database_url is not None:
        return [redis]
    postgres = Part(
        name="postgres",
        argv=tuple(around.postgres.command),
        env=around.environment(),
        after=(),
        probe=postgres_answers(around.postgres.url),
        deadline_s=settings.deadlines.postgres_s,
        prepare=around.postgres.prepare,
        stop_signal=signal.SIGINT,  # SIGTERM would wait for every client to leave
        stop_grace_s=10.0,
    )
    return [redis, postgres]


def _livekit(around: Surroundings) -> list[Part]:
    settings, places = around.settings, around.places
    server = Part(
        name="livekit-server",
        argv=(_server(around, "livekit-server"), "--config", str(places.config / "livekit.yaml")),
        env=around.environment(),
        after=("redis",),
        probe=http_answers(LOOPBACK, settings.livekit.port, "/"),
        deadline_s=settings.deadlines.livekit_s,
        stop_grace_s=3.0,  # SIGTERM waits for participants, however long they stay
    )
    sip = Part(
        name="livekit-sip",
        argv=(_server(around, "livekit-sip"), "--config", str(places.config / "sip.yaml")),
        env=around.environment(),
        after=("redis", "livekit-server", "sip-filter"),
        probe=sip_answers(around.sip_address, settings.sip.port, settings.sip.health_port),
        deadline_s=settings.deadlines.sip_s,
        stop_signal=signal.SIGINT,  # says BYE to every call; SIGTERM waits for them
        stop_grace_s=3.0,
    )
    return [server, _sip_filter(around), sip]


def _sip_filter(around: Surroundings) -> Part:
    ruleset = [sys.executable, "-m", "agent.cli", "sip", "firewall", *_plan_words(around)]
    where = ["--isolated"] if around.isolated else []
    return Part(
        name="sip-filter",
        argv=(
            sys.executable, "-m", "infra.local.sip_filter", *where, "--",
            *ruleset, "--port", str(around.settings.sip.port),
        ),
        env=around.environment(),
        after=(),
        probe=None,
        deadline_s=around.settings.deadlines.step_s,
    )  # fmt: skip


def _plan_words(around: Surroundings) -> list[str]:
    allowed = [word for network in around.networks for word in ("--allow-address", network)]
    return [str(CHECKOUT / around.settings.sip.plan), *allowed]


def _steps(around: Surroundings) -> list[Part]:
    documents = _tenant_documents(around)
    step = partial(_step, around, around.settings.deadlines.step_s)
    return [
        step("migrate", ["migrate"], "postgres"),
        step("tenant-apply", ["tenant", "apply", *documents], "migrate"),
        *_knowledge(around),
        step("sip-apply", ["sip", "apply", *_plan_words(around)], "livekit-server"),
    ]


def _knowledge(around: Surroundings) -> list[Part]:
    """One step for each folder, which bears its business's slug; what has not changed takes no time."""
    step = partial(_step, around, around.settings.deadlines.knowledge_s)
    folders = [CHECKOUT / folder for folder in around.settings.knowledge.folders]
    return [
        step(f"knowledge-{folder.name}", ["kb", "add", "--tenant", folder.name, str(folder)], "tenant-apply")
        for folder in folders
    ]


def _step(around: Surroundings, deadline_s: float, name: str, words: list[str], after: str) -> Part:
    """A command of `voicefleet`'s that is done once."""
    return Part(
        name=name,
        argv=(sys.executable, "-m", "agent.cli", *words),
        env=around.environment(),
        after=(after,),
        probe=None,
        deadline_s=deadline_s,
    )


def _speech(around: Surroundings) -> list[Part]:
    if not around.settings.inference.enabled:
        return []
    argv = (sys.executable, "-m", "agent.inference")
    env = around.environment()
    return [
        Part(
            name="inference",
            argv=argv,
            env=env,
            after=(),
            probe=command_succeeds([*argv, "--health"], env, CHECKOUT),
            deadline_s=around.settings.deadlines.inference_s,
            probe_every_s=10.0,  # each starts a Python of its own
            probe_timeout_s=10.0,
        )
    ]


def _emulators(around: Surroundings) -> list[Part]:
    emulators = around.settings.emulators
    if not emulators.enabled:
        return []
    return [
        Part(
            name="emulators",
            argv=(
                sys.executable, "-m", "loadtest.emulators", "serve", "--port", str(emulators.port),
                "--profile", emulators.suite, "--script", emulators.script, "--seed", str(emulators.seed),
                "--recording", "=".join(map(str, PROBED_WITH)),
            ),
            env=around.environment(),
            after=(),
            probe=http_answers(LOOPBACK, emulators.port, "/control/counts"),
            deadline_s=around.settings.deadlines.inference_s,
        )
    ]  # fmt: skip


def _ours(around: Surroundings) -> list[Part]:
    settings = around.settings
    speech = tuple(part.name for part in [*_speech(around), *_emulators(around)])
    ours = partial(_python_service, around)
    workers = [
        ours(
            "worker", index, settings.workers.first_port, settings.deadlines.worker_s,
            ("livekit-server", "migrate", *speech), settings.workers.stop_grace_s,
            VOICEFLEET_WORKER_SEATS=str(settings.workers.seats),
        )
        for index in range(settings.workers.count)
    ]  # fmt: skip
    keepers = [
        ours(
            "keeper", index, settings.keepers.first_port, settings.deadlines.keeper_s,
            ("livekit-server", "migrate"), 5.0,
        )
        for index in range(settings.keepers.count)
    ]  # fmt: skip
    return [*keepers, *workers]


def _python_service(
    around: Surroundings, kind: str, index: int, first_port: int, deadline_s: float,
    after: tuple[str, ...], grace_s: float, **env: str,
) -> Part:  # fmt: skip
    name, port, prefix = f"{kind}-{index + 1}", first_port + index, f"VOICEFLEET_{kind.upper()}"
    own = {f"{prefix}_ID": name, f"{prefix}_HTTP_PORT": str(port)}
    return Part(
        name=name,
        argv=(sys.executable, "-m", f"agent.{kind}"),
        env=around.environment(**own, **env),
        after=after,
        probe=http_answers(LOOPBACK, port, "/ready"),
        deadline_s=deadline_s,
        stop_grace_s=grace_s,
    )


def _tenant_documents(around: Surroundings) -> list[str]:
    patterns = around.settings.tenants.files
    found = sorted({str(path) for pattern in patterns for path in CHECKOUT.glob(pattern)})
    if not found and "tenant-apply" not in around.settings.skip:
        raise StackError(f"tenants.files: nothing matches {', '.join(patterns)}")
    return found


def _server(around: Surroundings, name: str) -> str:
    binary = server_binary(around.places.cache, name)
    if not binary.exists() and name not in around.settings.skip:
        raise StackError(f"{binary} is missing; run `make setup`")
    return str(binary)


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StackError(f"{name} is missing: apt-get install {package}")
    return found
