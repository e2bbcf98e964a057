"""Traces: one a call, a span for each stage of a turn, exported only when a collector is configured.

Span names are the contract that dashboards and alerts rely on; attributes never hold what was said.
"""

from __future__ import annotations

import threading

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

CALL = "call.receive"
ASR_FIRST_PARTIAL = "asr.first_partial"
ASR_FINAL = "asr.final"
TTS_TTFB = "tts.ttfb"
TTS_STREAM = "tts.stream"
KB_SEARCH = "kb.search"
CALENDAR_LOOKUP = "calendar.lookup"
CALENDAR_WRITE = "calendar.write"


def configure(process: str, endpoint: str | None) -> TracerProvider:
    """Install the process's tracer provider.

    Args:
        process: reported as `service.name`.
        endpoint: OTLP/HTTP base URL; None keeps spans local, for log correlation only.
    """
    provider = TracerProvider(resource=Resource.create({"service.name": f"voicefleet.{process}"}))
    if endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=2048))
    trace.set_tracer_provider(provider)
    return provider


def flush(timeout_ms: int = 2000) -> bool:
    """Export every span that has ended; blocks, so call it in a thread.

    A job process may end without running `atexit`, so nobody else does this for it.

    Args:
        timeout_ms: longest wait. The SDK ignores the limit it is given and goes on retrying, so the
            export runs in a daemon thread, which is abandoned when its time is up.

    Returns: whether the export ended in time, accepted or not.
    """
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return True
    exporting = threading.Thread(target=provider.force_flush, name="traces.flush", daemon=True)
    exporting.start()
    exporting.join(timeout_ms / 1000)
    return not exporting.is_alive()


def tracer() -> trace.Tracer:
    """The fleet's tracer; a no-op until `configure` has run."""
    return trace.get_tracer("voicefleet")
