"""What a job process sends to the collector: everything it ended, nothing that was said."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.integration.worker.job_process import prepare_speak_and_end


@dataclass
class Collector:
    """An OTLP/HTTP server that keeps what it is sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    hanging: asyncio.Event | None = None

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [s for r in requests for of in r.resource_spans for scope in of.scope_spans for s in scope.spans]

    async def receive(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if self.hanging is not None:
            await self.hanging.wait()
        return web.Response()


@asynccontextmanager
async def running_collector(hanging: asyncio.Event | None = None) -> AsyncIterator[Collector]:
    collector = Collector(hanging=hanging)
    app = web.Application()
    app.router.add_post("/v1/traces", collector.receive)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        if hanging is not None:
            hanging.set()
        await runner.cleanup()


async def _job_process_ends(collector: Collector) -> int | None:
    environment = {
        "DATABASE_URL": "postgresql://localhost/x",
        "LIVEKIT_URL": "ws://localhost",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret",
        "VOICEFLEET_INFERENCE_SOCKET": "/nowhere/inference.sock",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    # the way LiveKit starts its job processes, which end without running `atexit`
    process = multiprocessing.get_context("forkserver").Process(target=prepare_speak_and_end, args=(environment,))
    process.start()
    await asyncio.to_thread(process.join, 60)
    return process.exitcode


async def test_the_last_spans_of_a_job_process_are_exported_without_what_was_said() -> None:
    async with running_collector() as collector:
        assert await _job_process_ends(collector) == 0
    spans = {span.name: span for span in collector.spans()}
    assert spans.keys() == {"call.receive", "user_turn"}
    assert [a.key for a in spans["user_turn"].attributes] == ["lk.transcription_delay"]
    assert spans["user_turn"].trace_id == spans["call.receive"].trace_id
    assert not any(b"Dana" in body for body in collector.bodies)


async def test_a_collector_that_hangs_does_not_keep_a_job_process_from_ending() -> None:
    async with running_collector(asyncio.Event()) as collector:
        assert await _job_process_ends(collector) == 0
        assert collector.bodies
        assert collector.hanging is not None
        assert not collector.hanging.is_set()
