"""The job process: one call, from the room it was sent to until its record is closed.

Order matters to the caller: the tenant is known before anything is published, silence is published
before anything else is built (that answers the phone), and the greeting waits until the carrier says
the call is up.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog
from livekit import rtc
from livekit.agents import AgentSession, AutoSubscribe, JobContext, JobProcess, room_io
from livekit.agents.voice.events import CloseEvent
from opentelemetry import context as otel_context
from opentelemetry import trace

from agent.bootstrap.tenant_document import tenant_from_json
from agent.dialogue.conversation import Conversation
from agent.dialogue.line_out import SAMPLE_RATE_HZ as LINE_RATE_HZ
from agent.dialogue.line_out import LineOut
from agent.dialogue.live_call import LiveCall
from agent.dialogue.no_model import NoModel
from agent.dialogue.receptionist import Receptionist
from agent.dialogue.record import CallRecord
from agent.dialogue.recording import Recording
from agent.dialogue.turn_end import TurnEnd
from agent.domain.call import CallState, new_call
from agent.domain.errors import Blame, ConfigError
from agent.domain.outcome import disposition
from agent.domain.tenant import Recording as RecordingRule
from agent.domain.tenant import Tenant
from agent.providers.registry import Providers, open_providers
from agent.runtime import traces
from agent.runtime.logs import get_logger, mask_phone
from agent.runtime.settings import WorkerSettings
from agent.scheduling.desk import Desk
from agent.storage import tenants
from agent.storage.call_state import OpenCall, open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, turns_of
from agent.storage.pool import Pool, Role, fleet_tx, open_pool, tenant_tx

_log = get_logger("agent.call")
_CALLER_ARRIVES_S = 10.0
_HANG_UP_S = 5.0
_CALL = "call"


@dataclass(slots=True)
class AnsweredCall:
    """What has to be closed when the call ends."""

    pool: Pool
    providers: Providers
    line: LineOut
    conversation: Conversation
    live: LiveCall
    record: CallRecord
    epoch: int
    span: trace.Span
    began: float
    hangup_by: str = "caller"


def prepare(process: JobProcess, settings: WorkerSettings) -> None:
    """Once per process, before it has a call: nothing here may need an event loop."""
    process.userdata["settings"] = settings


async def answer(ctx: JobContext) -> None:
    """Take the call in this room."""
    settings: WorkerSettings = ctx.proc.userdata["settings"]
    began = time.monotonic()
    span = traces.tracer().start_span(traces.CALL)
    otel_context.attach(trace.set_span_in_context(span))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(job_id=ctx.job.id, room=ctx.room.name or ctx.job.room.name)
    opening = asyncio.create_task(
        open_pool(settings.database_url.get_secret_value(), role=Role.APP, max_size=4), name="call.open_pool"
    )
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    pool = await opening
    if _has_agent(ctx.room):  # two were sent because the first was slow to come: one voice is enough
        await pool.close()
        ctx.shutdown(reason="another agent is here")
        return
    try:
        async with asyncio.timeout(_CALLER_ARRIVES_S):
            caller = await ctx.wait_for_participant(kind=rtc.ParticipantKind.PARTICIPANT_KIND_SIP)
        tenant = await _tenant_of(pool, caller)
    except (ConfigError, TimeoutError, RuntimeError) as error:
        # nothing is published yet, so the phone still rings: the carrier gets 486 and may try elsewhere
        _log.error("call.refused", reason=str(error) or "no caller came into the room")
        await ctx.delete_room()
        await pool.close()
        ctx.shutdown(reason="refused")
        return
    recording = _recording(settings, tenant)
    line = LineOut(None if recording is None else lambda pcm, in_s: recording.agent(pcm, LINE_RATE_HZ, in_s))
    await line.publish(ctx.room)
    call = await _set_up(ctx, settings, pool, tenant, caller, line, recording, span, began)
    ctx.proc.userdata[_CALL] = call
    if not await _until_active(ctx.room, caller):
        _log.info("call.abandoned")
        ctx.shutdown(reason="the caller gave up while ringing")
        return
    call.record.answered("off")
    _log.info("call.answered", answered_ms=round((time.monotonic() - began) * 1000))
    await (call.live.greet() if call.epoch == 1 else call.live.resume())


async def hung_up(ctx: JobContext) -> None:
    """The call is over: close its record and say so in one line."""
    call: AnsweredCall | None = ctx.proc.userdata.get(_CALL)
    if call is None:
        return
    await call.live.aclose()
    result = disposition(call.conversation.state)
    latencies = call.live.latencies_ms
    facts = {
        "duration_s": round(time.monotonic() - call.began, 1),
        "turns": call.record.turns,
        "interruptions": call.live.interruptions,
        "agent_latency_mean_ms": round(sum(latencies) / len(latencies)) if latencies else None,
    }
    await call.record.close(
        ClosedCall(
            ended_at=datetime.now(UTC),
            outcome=Blame.SUCCESS,
            disposition=result.value,
            hangup_by="agent" if call.hangup_by == "agent" else "caller",
            facts=facts,
        )
    )
    _log.info(
        "call.ended",
        disposition=result.value,
        hangup_by=call.hangup_by,
        lost_writes=call.record.lost_writes,
        **facts,
    )
    call.span.end()
    await call.providers.aclose()
    await call.pool.close()


def _has_agent(room: rtc.Room) -> bool:
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return any(participant.kind == agent for participant in room.remote_participants.values())


async def _tenant_of(pool: Pool, caller: rtc.RemoteParticipant) -> Tenant:
    called = caller.attributes.get("sip.trunkPhoneNumber", "")
    async with fleet_tx(pool) as connection:
        tenant_id = await tenants.tenant_by_number(connection, called)
    if tenant_id is None:
        raise ConfigError(f"no tenant owns {mask_phone(called)}")
    async with tenant_tx(pool, tenant_id) as connection:
        stored = await tenants.load_tenant(connection, tenant_id)
    if stored is None:
        raise ConfigError(f"the tenant of {mask_phone(called)} has no document")
    structlog.contextvars.bind_contextvars(tenant_id=str(tenant_id))
    return tenant_from_json(dict(stored.config))


async def _set_up(
    ctx: JobContext,
    settings: WorkerSettings,
    pool: Pool,
    tenant: Tenant,
    caller: rtc.RemoteParticipant,
    line: LineOut,
    recording: Recording | None,
    span: trace.Span,
    began: float,
) -> AnsweredCall:
    opened = await _open_record(pool, tenant, caller, ctx.room.name, settings.worker_id)
    structlog.contextvars.bind_contextvars(call_id=str(opened.key.id))
    span.set_attributes({"tenant": tenant.slug, "call": str(opened.key.id)})
    record = CallRecord(pool, opened.key, opened.epoch, _now, first_seq=await _turns_so_far(pool, opened))
    conversation = Conversation(
        tenant,
        opened.key.id,
        _state_of(opened, caller),
        Desk(pool),
        _now,
        record,
        prefetch=lambda text: providers.prefetch(text),
    )
    providers = open_providers(settings, conversation.is_over)
    session = _session(providers, conversation)

    async def hang_up() -> None:
        call.hangup_by = "agent"
        async with asyncio.timeout(_HANG_UP_S):
            await ctx.delete_room()

    live = LiveCall(session, line, conversation, record, hang_up, recording)
    call = AnsweredCall(pool, providers, line, conversation, live, record, opened.epoch, span, began)
    session.output.audio = line
    session.on("close", lambda event: _on_close(ctx, event))
    await session.start(
        Receptionist(conversation, providers.tts, recording),
        room=ctx.room,
        room_options=room_io.RoomOptions(
            audio_input=room_io.AudioInputOptions(
                sample_rate=16_000, frame_size_ms=20, auto_gain_control=False, pre_connect_audio=False
            ),
            audio_output=False,
            text_output=False,
            text_input=False,
            participant_identity=caller.identity,
        ),
        record=False,
    )
    return call


def _recording(settings: WorkerSettings, tenant: Tenant) -> Recording | None:
    if tenant.recording is not RecordingRule.ANNOUNCE or settings.recordings_dir is None:
        return None
    began = _now()
    folder = settings.recordings_dir / tenant.slug / began.strftime("%Y-%m")
    return Recording(folder / f"{began.strftime('%d-%H%M%S')}-{uuid4().hex[:8]}.wav")


def _session(providers: Providers, conversation: Conversation) -> AgentSession[None]:
    return AgentSession(
        stt=providers.stt,
        vad=providers.vad,
        llm=NoModel(),
        tts=providers.tts,
        turn_handling={
            "turn_detection": TurnEnd(conversation.is_over),
            "endpointing": {"mode": "fixed", "min_delay": 0.05, "max_delay": 1.4},
            "interruption": {
                "mode": "vad",
                "min_duration": 0.1,
                "resume_false_interruption": True,
                "false_interruption_timeout": 1.0,
            },
            "preemptive_generation": {"enabled": True, "preemptive_tts": True, "max_retries": 1000},
        },
        aec_warmup_duration=None,  # the default leaves the recogniser deaf for our first three seconds
        user_away_timeout=None,
        tts_text_transforms=None,
    )


async def _open_record(
    pool: Pool, tenant: Tenant, caller: rtc.RemoteParticipant, room: str, worker_id: str
) -> OpenCall:
    number = caller.attributes.get("sip.phoneNumber", "")
    call_id: UUID = uuid4()
    return await open_call(
        pool,
        NewCall(
            key=CallKey(tenant.id, call_id, _now()),
            room=room,
            called_e164=caller.attributes["sip.trunkPhoneNumber"],
            caller_e164=number if number.startswith("+") else None,
            sip_call_id=caller.attributes.get("sip.callIDFull"),
            worker_id=worker_id,
        ),
    )


async def _turns_so_far(pool: Pool, opened: OpenCall) -> int:
    if not opened.resumed:
        return 0
    async with tenant_tx(pool, opened.key.tenant_id) as connection:
        return len(await turns_of(connection, opened.key))


def _state_of(opened: OpenCall, caller: rtc.RemoteParticipant) -> CallState:
    if opened.state:
        return CallState.from_json(dict(opened.state))
    number = caller.attributes.get("sip.phoneNumber", "")
    return new_call(number if number.startswith("+") else None)


async def _until_active(room: rtc.Room, caller: rtc.RemoteParticipant) -> bool:
    """Wait for the carrier's ACK, before which nothing we say is heard; False when the caller gave up."""
    decided: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def check(*_: object) -> None:
        if not decided.done() and caller.attributes.get("sip.callStatus") == "active":
            decided.set_result(True)

    def gone(*_: object) -> None:
        if not decided.done():
            decided.set_result(False)

    room.on("participant_attributes_changed", check)
    room.on("participant_disconnected", gone)
    room.on("disconnected", gone)
    check()
    if caller.identity not in room.remote_participants:
        gone()
    try:
        async with asyncio.timeout(_CALLER_ARRIVES_S):
            return await decided
    except TimeoutError:
        return False
    finally:
        room.off("participant_attributes_changed", check)
        room.off("participant_disconnected", gone)
        room.off("disconnected", gone)


def _on_close(ctx: JobContext, event: CloseEvent) -> None:
    # closing the session does not end the job; without this the seat stays taken
    ctx.shutdown(reason=event.reason.value)


def _now() -> datetime:
    return datetime.now(UTC)
