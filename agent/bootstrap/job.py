"""The job process: one call, from the room it was sent to until its record is closed.

Order matters to the caller: the tenant is known and the record open before anything is published,
silence is published before anything else starts (that answers the phone), and the greeting waits until
the carrier says the call is up. Whatever fails, the caller is not left in silence: the room is deleted,
which is 486 while the phone rings and BYE afterwards.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import structlog
from livekit.agents import AutoSubscribe, JobContext, JobProcess
from livekit.agents.voice.events import CloseEvent, CloseReason
from opentelemetry import context as otel_context
from opentelemetry import trace

from agent.bootstrap import model
from agent.bootstrap.arrival import caller_in, has_agent, is_up, tenant_called
from agent.bootstrap.call_setup import Call, end_for_caller, now, set_up, start
from agent.domain.errors import Blame, FleetError
from agent.domain.leads import band, score
from agent.domain.leaving import what_is_left
from agent.domain.outcome import disposition
from agent.domain.state import EndReason
from agent.providers import clients
from agent.runtime import traces
from agent.runtime.logs import get_logger
from agent.runtime.settings import WorkerSettings
from agent.storage.calls import ClosedCall
from agent.storage.pool import Pool, Role, open_pool
from agent.understanding.meaning import installed_models
from sip.hanging_up import BRIEFLY_S

_log = get_logger("agent.call")
_TAKEN = "taken"
_FLUSH_MS = 2000
_RELEASE_S = 3.0


@dataclass(slots=True)
class Taken:
    """What the end of the job has to close."""

    call: Call
    pool: Pool
    span: trace.Span
    began: float
    leaving: asyncio.Task[None]


def prepare(process: JobProcess, settings: WorkerSettings) -> None:
    """Once per process, before it has a call: nothing here may need an event loop."""
    process.userdata["settings"] = settings
    installed_models()  # a fraction of a second that no call should wait for
    model.prepare(settings)
    clients.prepare(settings)


async def answer(ctx: JobContext) -> None:
    """Take the call in this room."""
    began = time.monotonic()
    span = traces.tracer().start_span(traces.CALL)
    otel_context.attach(trace.set_span_in_context(span))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=ctx.job.id, room=ctx.job.room.name)
    try:
        await _take(ctx, span, began)
    except (FleetError, TimeoutError) as error:
        _log.error("call.refused", reason=str(error) or "no caller came into the room")
        await _give_up(ctx)
    except Exception:
        _log.exception("call.failed")
        await _give_up(ctx)


async def _take(ctx: JobContext, span: trace.Span, began: float) -> None:
    settings: WorkerSettings = ctx.proc.userdata["settings"]
    opening = asyncio.create_task(
        open_pool(settings.database_url.get_secret_value(), role=Role.APP, max_size=4), name="call.open_pool"
    )
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    pool = await opening
    if has_agent(ctx.room):
        await pool.close()
        ctx.shutdown(reason="another agent is here")
        return
    caller = await caller_in(ctx)
    tenant = await tenant_called(pool, caller)
    structlog.contextvars.bind_contextvars(tenant_id=str(tenant.id))
    call = await set_up(ctx, settings, pool, tenant, caller)
    leaving = asyncio.create_task(_leave_when_superseded(ctx, call), name="call.leave_when_superseded")
    ctx.proc.userdata[_TAKEN] = Taken(call, pool, span, began, leaving)
    _name_call(ctx, call, span)
    call.session.on("close", lambda event: _on_close(ctx, call, event))
    await call.line.publish(ctx.room)
    await start(ctx, call, caller)
    if not await is_up(ctx.room, caller):
        _log.info("call.abandoned")
        ctx.shutdown(reason="the caller gave up while ringing")
        return
    call.record.answered("off")
    call.providers.spending.ledger.answered()
    _log.info("call.answered", answered_ms=round((time.monotonic() - began) * 1000))
    await call.live.begin()


async def hung_up(ctx: JobContext) -> None:
    """The call is over: close its record and say so in one line."""
    taken: Taken | None = ctx.proc.userdata.get(_TAKEN)
    if taken is None:
        return
    call = taken.call
    taken.leaving.cancel()
    _bind(call)
    if call.failed:  # nobody has hung up: the caller would stay in a silent room
        call.hangup_by = "agent"
        await end_for_caller(ctx, BRIEFLY_S)
    await call.live.aclose()
    await _release(call)
    facts = _facts(taken)
    end = ClosedCall(
        ended_at=now(),
        outcome=_outcome(call),
        disposition=disposition(call.conversation.state).value,
        hangup_by="agent" if call.hangup_by == "agent" else "caller",
        facts=facts,
    )
    await call.record.close(end, left=what_is_left(call.conversation.state, call.tenant.id))
    _log.info(
        "call.ended",
        outcome=end.outcome.value,
        disposition=end.disposition,
        hangup_by=end.hangup_by,
        lost_writes=call.record.lost_writes,
        trace_id=format(taken.span.get_span_context().trace_id, "032x"),
        **facts,
    )
    taken.span.end()
    await call.line.aclose()
    await taken.pool.close()
    await asyncio.to_thread(traces.flush, _FLUSH_MS)


async def _release(call: Call) -> None:
    """Let the providers go, which tell now what they were last used for; the record is closed whatever they do."""
    try:
        async with asyncio.timeout(_RELEASE_S):
            await call.providers.aclose()
    except Exception as error:
        _log.warning("providers.not_released", error=type(error).__name__)


def _name_call(ctx: JobContext, call: Call, span: trace.Span) -> None:
    """From here on every line, LiveKit's included, says which call of which tenant it is about."""
    ids = {"call_id": str(call.key.id), "tenant_id": str(call.key.tenant_id)}
    ctx.log_context_fields = {**ctx.log_context_fields, **ids}
    span.set_attributes({"tenant": call.tenant.slug, "call": ids["call_id"]})
    _bind(call)


def _bind(call: Call) -> None:
    structlog.contextvars.bind_contextvars(call_id=str(call.key.id), tenant_id=str(call.key.tenant_id))


def _facts(taken: Taken) -> dict[str, Any]:
    latencies = taken.call.live.timings.latencies_ms
    state = taken.call.conversation.state
    providers = taken.call.providers
    emergency = state.emergency
    points = score(state, taken.call.tenant)
    return {
        "duration_s": round(time.monotonic() - taken.began, 1),
        "turns": taken.call.record.turns,
        "interruptions": taken.call.live.interruptions,
        "agent_latency_mean_ms": round(sum(latencies) / len(latencies)) if latencies else None,
        "emergency": emergency.value if emergency else None,
        "embedding_failures": taken.call.cascade.failures,
        "questions": state.side.answered,
        "unanswered": len(state.side.unanswered),
        "objections": ",".join(each.value for each in state.side.objections) or None,
        "lead_score": points,
        "lead_band": None if points is None else band(points).value,
        **taken.call.library.figures(),
        **(providers.model.figures() if providers.model is not None else {}),
        **providers.spending.watch.figures(),
    }


def _outcome(call: Call) -> Blame:
    if call.failed:
        return Blame.SERVER
    if not call.live.has_voice or call.conversation.state.end_reason is EndReason.STORE_FAILED:
        return Blame.UPSTREAM
    return Blame.SUCCESS


async def _leave_when_superseded(ctx: JobContext, call: Call) -> None:
    """Another agent has this call now: go without hanging up on the caller."""
    await call.record.superseded.wait()
    ctx.shutdown(reason="another agent has the call")


async def _give_up(ctx: JobContext) -> None:
    await end_for_caller(ctx)
    ctx.shutdown(reason="the call could not be taken")


def _on_close(ctx: JobContext, call: Call, event: CloseEvent) -> None:
    # closing the session does not end the job; without this the seat stays taken
    call.failed = event.reason is CloseReason.ERROR
    ctx.shutdown(reason=event.reason.value)
