"""The parts of one call, wired together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from livekit import rtc
from livekit.agents import AgentSession, JobContext, room_io, tts
from livekit.agents.voice.agent_session import SessionConnectOptions

from agent.bootstrap.call_providers import CallProviders, open_for_call
from agent.bootstrap.model import shortener_of
from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.conversation import Conversation
from agent.dialogue.line_out import SAMPLE_RATE_HZ as LINE_RATE_HZ
from agent.dialogue.line_out import LineOut
from agent.dialogue.live_call import LiveCall
from agent.dialogue.live_switchboard import LiveSwitchboard
from agent.dialogue.no_model import NoModel
from agent.dialogue.prompts import phrase
from agent.dialogue.receptionist import Receptionist
from agent.dialogue.record import CallRecord
from agent.dialogue.recording import Recording, path_in
from agent.dialogue.turn_end import TurnEnd
from agent.dialogue.turn_marks import RATE_HZ
from agent.domain.call import CallState, new_call
from agent.domain.errors import FleetError
from agent.domain.left import Left
from agent.domain.tenant import Recording as RecordingRule
from agent.domain.tenant import Tenant
from agent.providers.registry import Providers
from agent.runtime.logs import get_logger
from agent.runtime.settings import WorkerSettings
from agent.scheduling.desk import Desk
from agent.storage.call_state import OpenCall, open_call
from agent.storage.calls import CallKey, NewCall, turns_of
from agent.storage.pool import Pool, tenant_tx
from agent.tenants.callers_law import tenant_for_caller
from agent.understanding import Cascade
from agent.understanding.interpreter import ModelInterpreter
from agent.understanding.masking import masked
from agent.understanding.meaning import installed_models
from kb.retrieval import Library
from sip.hanging_up import PATIENTLY_S, hang_up
from sip.rooms import Rooms
from sip.server import ServerAddress, client_of
from sip.transfers import Transfers

_log = get_logger("agent.call")
_MOST_PROVIDER_ERRORS = 100
#: The phone is ringing meanwhile.
_LEFT_BUDGET_S = 0.5


@dataclass(slots=True)
class Call:
    """What one call is made of, and what has to be closed after it.

    Attributes:
        hangup_by: "agent" once we have hung up, else "caller".
        failed: the session ended because speech failed, not because somebody hung up.
    """

    key: CallKey
    tenant: Tenant
    line: LineOut
    session: AgentSession[None]
    providers: CallProviders
    cascade: Cascade
    library: Library
    conversation: Conversation
    record: CallRecord
    live: LiveCall
    agent: Receptionist
    hangup_by: str = "caller"
    failed: bool = False


async def set_up(
    ctx: JobContext,
    settings: WorkerSettings,
    pool: Pool,
    tenant: Tenant,
    caller: rtc.RemoteParticipant,
) -> Call:
    """Open the record and build the parts; nothing is published or started yet.

    Raises:
        Overloaded: the tenant has as many calls as its document allows.
        FleetError: storage failed or a provider is not configured.
    """
    tenant = tenant_for_caller(tenant, _number(caller))
    new = _new_call(tenant, caller, ctx.room.name, settings.worker_id)
    opened = await open_call(pool, new, seat_cap=tenant.seat_cap)
    recording = _recording(settings, tenant, opened)
    line = _line(recording, lambda: conversation.delivery.gain)
    cascade = Cascade(tenant, models=installed_models())
    first_seq = await _turns_so_far(pool, opened)
    keeps_words = not tenant.is_private
    record = CallRecord(
        pool,
        opened.key,
        opened.epoch,
        now,
        first_seq=first_seq,
        keeps_words=keeps_words,
        mask=lambda words: masked(words, tenant),
    )
    switchboard = _switchboard(ctx, settings, tenant, caller, lambda: speech.tts)
    conversation = Conversation(
        tenant,
        opened.key.id,
        _state_of(opened, caller),
        Desk(pool),
        now,
        record,
        prefetch=lambda text: speech.prefetch(text),
        cascade=cascade,
        switchboard=switchboard,
    )
    providers = await open_for_call(settings, pool, tenant, opened.key, opened.epoch, conversation)
    speech, model = providers.speech, providers.model
    library = providers.embedding.library(pool, tenant)
    _complete(cascade, providers, tenant, library)
    turn_end = TurnEnd(
        lambda words: live.timings.marks.judged(words, conversation.is_over(words)), lambda: live.cut_in.said()
    )
    session = _session(speech, turn_end)
    session.output.audio = line
    session.on("conversation_item_added", lambda _: providers.spending.choose_voice(conversation.state))

    async def end() -> None:
        call.hangup_by = "agent"
        await end_for_caller(ctx)

    def leave() -> None:
        call.hangup_by = "agent"
        ctx.shutdown(reason="the caller was put through")

    announced = AnnouncedRecording(recording, record, tenant.recording_text)
    left = None if opened.resumed else await _left_by(pool, tenant, _number(caller))
    live = LiveCall(session, line, conversation, record, end, announced, switchboard, leave, left)
    marks = live.timings.marks
    marks.model_requests = lambda: 0 if model is None else model.counts.requests
    agent = Receptionist(
        conversation, speech.tts, live.voice_lost, recording, live.cut_in, live.patience, marks, turn_end,
        lambda: line.is_amid,
    )  # fmt: skip
    call = Call(
        opened.key, tenant, line, session, providers, cascade, library, conversation, record, live, agent,
    )  # fmt: skip
    return call


def _complete(cascade: Cascade, providers: CallProviders, tenant: Tenant, library: Library) -> None:
    """What words are understood by beside the grammar."""
    model = providers.model
    cascade.interpreter = None if model is None else ModelInterpreter(tenant, model)
    cascade.embedder = providers.speech.client
    cascade.library = library
    cascade.shortener = shortener_of(tenant, model, library)
    providers.speech.tasks.start(cascade.prepare(), name="prepare_cascade")


async def start(ctx: JobContext, call: Call, caller: rtc.RemoteParticipant) -> None:
    """Begin to listen; the line must have been published."""
    options = room_io.RoomOptions(
        audio_input=room_io.AudioInputOptions(
            sample_rate=RATE_HZ, frame_size_ms=20, auto_gain_control=False, pre_connect_audio=False
        ),
        audio_output=False,
        text_output=False,
        text_input=False,
        participant_identity=caller.identity,
    )
    # no host: it sends each event of the session, the caller's words in it, into the room, and takes orders from there
    await call.session.start(call.agent, room=ctx.room, room_options=options, record=False, session_host=False)

    def press(dtmf: rtc.SipDTMF) -> None:
        if dtmf.participant is not None and dtmf.participant.identity == caller.identity:
            call.live.press(dtmf.digit)

    ctx.room.on("sip_dtmf_received", press)


async def end_for_caller(ctx: JobContext, pauses_s: Sequence[float] = PATIENTLY_S) -> None:
    """Hang up, with these pauses before each attempt; never raises."""
    await hang_up(Rooms(ctx.api), ctx.room.name, pauses_s)


def _switchboard(
    ctx: JobContext,
    settings: WorkerSettings,
    tenant: Tenant,
    caller: rtc.RemoteParticipant,
    voice: Callable[[], tts.TTS[Any]],
) -> LiveSwitchboard:
    transfers = Transfers(client_of(_server(settings)), settings.outbound_trunk)
    return LiveSwitchboard(
        transfers, ctx.room, caller.identity, voice, lambda lines: phrase(lines, tenant, now(), seed=0)
    )  # fmt: skip


def _server(settings: WorkerSettings) -> ServerAddress:
    return ServerAddress(settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())


def _session(providers: Providers, turn_end: TurnEnd) -> AgentSession[None]:
    return AgentSession(
        stt=providers.stt,
        vad=providers.vad,
        llm=NoModel(),
        tts=providers.tts,
        turn_handling={
            "turn_detection": turn_end,
            "endpointing": {"mode": "fixed", "min_delay": 0.05, "max_delay": 1.4},
            "interruption": {
                "mode": "vad",
                # while we cut in, nothing stops us, and the caller is heard all the same
                "discard_audio_if_uninterruptible": False,
                "min_duration": 0.05,
                "resume_false_interruption": True,
                "false_interruption_timeout": 1.0,
            },
            "preemptive_generation": {"enabled": True, "preemptive_tts": True, "max_retries": 1000},
        },
        aec_warmup_duration=None,  # the default leaves the recogniser deaf for our first three seconds
        user_away_timeout=None,
        tts_text_transforms=None,
        # three failures in a row would end the session, while we still try to get the voice back
        conn_options=SessionConnectOptions(max_unrecoverable_errors=_MOST_PROVIDER_ERRORS),
    )


def _line(recording: Recording | None, gain: Callable[[], float]) -> LineOut:
    if recording is None:
        return LineOut(gain=gain)
    return LineOut(lambda pcm, in_s: recording.agent(pcm, LINE_RATE_HZ, in_s), recording.unplay, gain)


def _recording(settings: WorkerSettings, tenant: Tenant, opened: OpenCall) -> Recording | None:
    if tenant.recording is not RecordingRule.ANNOUNCE or settings.recordings_dir is None:
        return None
    return Recording(path_in(settings.recordings_dir, tenant.slug, opened.key, opened.epoch))


def _new_call(tenant: Tenant, caller: rtc.RemoteParticipant, room: str, worker_id: str) -> NewCall:
    return NewCall(
        key=CallKey(tenant.id, uuid4(), now()),
        room=room,
        called_e164=caller.attributes["sip.trunkPhoneNumber"],
        caller_e164=_number(caller),
        sip_call_id=caller.attributes.get("sip.callIDFull"),
        worker_id=worker_id,
    )


async def _turns_so_far(pool: Pool, opened: OpenCall) -> int:
    if not opened.resumed:
        return 0
    async with tenant_tx(pool, opened.key.tenant_id) as connection:
        return len(await turns_of(connection, opened.key))


async def _left_by(pool: Pool, tenant: Tenant, caller_number: str | None) -> Left | None:
    """What the caller's last call was cut off in; a call is answered all the same when that cannot be told."""
    if caller_number is None:
        return None
    try:
        return await Desk(pool, budget_s=_LEFT_BUDGET_S).find_left(tenant, caller_number)
    except FleetError as error:
        _log.warning("call.left_unknown", error=str(error))
        return None


def _state_of(opened: OpenCall, caller: rtc.RemoteParticipant) -> CallState:
    return CallState.from_json(dict(opened.state)) if opened.state else new_call(_number(caller))


def _number(caller: rtc.RemoteParticipant) -> str | None:
    """The calling number, E.164; None when withheld."""
    number = caller.attributes.get("sip.phoneNumber", "")
    return number if number.startswith("+") else None


def now() -> datetime:
    """The call's clock: aware UTC."""
    return datetime.now(UTC)
