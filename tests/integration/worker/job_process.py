"""What a job process does to its traces, without a call: run as the main of a forkserver child."""

from __future__ import annotations

import os

from livekit.agents import JobExecutorType, JobProcess, telemetry

from agent.bootstrap.worker import prepare_job
from agent.runtime import traces


def prepare_speak_and_end(environment: dict[str, str]) -> None:
    """One span of ours and one of LiveKit's that holds a transcript, both ended just before the process is."""
    os.environ.update(environment)
    prepare_job(JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None))
    with traces.tracer().start_as_current_span(traces.CALL):
        span = telemetry.tracer.start_span("user_turn")
        span.set_attribute("lk.pii.user_transcript", "my name is Dana")
        span.set_attribute("lk.transcription_delay", 0.25)
        span.end()
