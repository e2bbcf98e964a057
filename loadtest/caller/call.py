"""One call: SIP, sound and script bound together and driven by the loop."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.caller import rtp, ulaw
from loadtest.caller.answering import Answering
from loadtest.caller.conversation import Conversation
from loadtest.caller.dialog import Dialog, Phase
from loadtest.caller.dialog_events import Answered, MediaMoved, Over, Referred, Ringing
from loadtest.caller.ear import Ear
from loadtest.caller.effects import HangUp, Press, Recognise, Say
from loadtest.caller.media import Channel, Sender, open_socket, receive_all, write_stereo
from loadtest.caller.onset import SpeechTracker
from loadtest.caller.record import Record
from loadtest.caller.referral import ReferScript
from loadtest.caller.script import Scenario
from loadtest.caller.sip_message import Uri

_NS = 1_000_000_000
_TICK_NS = 20_000_000
_MARGIN_NS = 100_000_000
#: After the call: how long to wait for the BYE's answer and for words still being recognised.
_LINGER_S = 15.0
_SIP_GRACE_S = 2.0
_PCMU = 0

Announce = Callable[[int, str, str], None]  # clock ns, "agent"/"caller"/"note", text


def clock_ns() -> int:
    """The one clock of a call: CLOCK_REALTIME, which the kernel's receive stamps use."""
    return time.time_ns()


@dataclass
class Call:
    """A call in progress. The loop calls ``on_sip``, ``on_rtp`` and ``tick``; ``finished`` ends it."""

    number: int
    scenario: Scenario
    to: Uri
    local_ip: str
    clips: dict[str, ulaw.Pcm]
    ear: Ear | None
    announce: Announce
    credentials: tuple[str, str] | None = None
    listen_port: int = 0  # where a call that is answered is waited for; a caller's is any

    record: Record = field(default_factory=Record)
    tracker: SpeechTracker = field(default_factory=SpeechTracker)
    statistics: rtp.StreamStatistics = field(default_factory=rtp.StreamStatistics)
    lateness_ms: list[float] = field(default_factory=list)
    drops: int = 0
    finished: bool = False

    def __post_init__(self) -> None:
        self.sip_socket: socket.socket = open_socket(self.local_ip, port=self.listen_port)
        self.rtp_socket: socket.socket = open_socket(self.local_ip, even_port=True)
        self.dialog = self._new_dialog()
        self.conversation = Conversation(self.scenario, self.tracker, self.record, self.ear is not None)
        self._requests: dict[int, tuple[int, int]] = {}  # the ear's request → the conversation's token, when asked
        self.slowest_words_ms = 0.0
        self._told: set[int] = set()
        self._tick_at_ns = 0
        self._words_on_their_way = False

    def _new_dialog(self) -> Dialog | Answering:
        local, media_port = self.sip_socket.getsockname(), self.rtp_socket.getsockname()[1]
        if self.scenario.answer is not None:
            return Answering(local, media_port, self.scenario.answer)
        refer = self.scenario.refer
        return Dialog(
            to=self.to,
            caller=self.scenario.caller.number,
            local=local,
            media_port=media_port,
            credentials=self.credentials,
            refer=ReferScript(refer.status, refer.after_s) if refer else None,
        )

    # ------------------------------------------------------------------ the loop's side

    def start(self) -> None:
        """Send the INVITE, or wait for one."""
        now_ns = self._tick_at_ns = clock_ns()
        self._begin(now_ns)
        self.dialog.start(now_ns / _NS)
        self._exchange()

    def _begin(self, at_ns: int) -> None:
        """The INVITE is there: time zero of the call, its record and its recording."""
        self.record.invited_ns = at_ns
        self.caller_channel, self.agent_channel = Channel(at_ns), Channel(at_ns)
        self.sender = Sender(self.rtp_socket, self.caller_channel)

    def next_wake_ns(self) -> int:
        """When ``tick`` must be called again."""
        sip_ns = self.dialog.next_deadline_s() * _NS
        wake_ns = min(self._tick_at_ns, self.sender.next_ns if self.sender.active else self._tick_at_ns)
        return int(min(wake_ns, sip_ns))

    def on_sip(self) -> None:
        """Take what came to the signalling socket."""
        for datagram in receive_all(self.sip_socket, clock_ns()):
            self.dialog.receive(datagram.data, datagram.source, datagram.arrival_ns / _NS)
        self._exchange()

    def on_rtp(self) -> None:
        """Take what came to the media socket."""
        for datagram in receive_all(self.rtp_socket, clock_ns()):
            self.drops = max(self.drops, datagram.drops)
            packet = rtp.parse(datagram.data)
            if packet is None or packet.payload_type != _PCMU or not packet.payload:
                continue
            in_order = self.statistics.add(packet, datagram.arrival_ns)
            samples = ulaw.decode(packet.payload)
            self.agent_channel.place(samples, packet.timestamp, datagram.arrival_ns)
            if in_order and self.record.answered_ns:
                self.tracker.feed(datagram.arrival_ns, samples)

    def on_words(self, request: int, text: str) -> None:
        """Take the ear's answer, if it is this call's."""
        if request in self._requests:
            token, asked_ns = self._requests.pop(request)
            self.slowest_words_ms = max(self.slowest_words_ms, (clock_ns() - asked_ns) / 1e6)
            self.conversation.heard(token, text)

    def tick(self) -> None:
        """Send what is due, let the script decide, keep the timers."""
        now_ns = clock_ns()
        self.lateness_ms += self.sender.send_due(now_ns, clock_ns)
        self._report_sending()
        if now_ns >= self._tick_at_ns:
            self._tick_at_ns += max(1, (now_ns - self._tick_at_ns) // _TICK_NS + 1) * _TICK_NS
            self.conversation.tick(now_ns)
            self._limits(now_ns)
            self._tell_agent_turns()
        self.dialog.poll(now_ns / _NS)
        self._perform()
        self._exchange()
        if self.dialog.phase is Phase.OVER:
            self._wind_up(now_ns)

    def interrupt(self) -> None:
        """The person at the terminal has had enough."""
        self.record.fail("interrupted")
        self.conversation.abandon()

    def write_recording(self, path: Path) -> None:
        """Write what both sides said, caller left, agent right."""
        write_stereo(path, self.caller_channel, self.agent_channel)

    def close(self) -> None:
        """Close the sockets."""
        self.sip_socket.close()
        self.rtp_socket.close()

    # ------------------------------------------------------------------ inside

    def _exchange(self) -> None:
        """Carry the dialog's datagrams out and its events in."""
        self._handle_events()
        for address, data in self.dialog.outbox:
            try:
                self.sip_socket.sendto(data, address)
            except OSError as fault:
                self.record.fail(f"cannot send to {address[0]}:{address[1]}: {fault.strerror}")
        self.dialog.outbox.clear()

    def _handle_events(self) -> None:
        events, self.dialog.events = self.dialog.events, []
        for event in events:
            if isinstance(event, Ringing):
                self.record.ringing_ns = int(event.at_s * _NS)
                if self.scenario.answer is not None:
                    self._begin(self.record.ringing_ns)
            elif isinstance(event, Referred):
                self.record.referred_to = event.to
                self.announce(int(event.at_s * _NS), "note", f"to be put through to {event.to}")
            elif isinstance(event, Answered):
                self.record.answered_ns = int(event.at_s * _NS)
                self.announce(self.record.answered_ns, "note", f"answered ({self.dialog.status})")
                self.sender.dtmf_payload_type = event.media.dtmf_payload_type
                self.sender.connect(event.media.host, event.media.port, clock_ns())
                self.conversation.answered(self.record.answered_ns)
            elif isinstance(event, MediaMoved):
                self.sender.connect(event.media.host, event.media.port, clock_ns())
            elif isinstance(event, Over):
                self.record.over_ns, self.record.ended_by = int(event.at_s * _NS), event.by
                self.sender.stop()
                self.conversation.over(self.record.over_ns, event.by)

    def _perform(self) -> None:
        for effect in self.conversation.take_actions():
            if isinstance(effect, Say):
                self.sender.say(self.clips[effect.text])
            elif isinstance(effect, Press):
                if self.sender.dtmf_payload_type is None:
                    self.record.fail("the far end takes no DTMF (no telephone-event in its answer)")
                self.sender.press(effect.keys)
            elif isinstance(effect, HangUp):
                self.dialog.hang_up(clock_ns() / _NS)
            elif isinstance(effect, Recognise):
                self._recognise(effect)

    def _recognise(self, effect: Recognise) -> None:
        assert self.ear is not None
        audio = self.agent_channel.cut(effect.from_ns - _MARGIN_NS, effect.to_ns + _MARGIN_NS)
        request = self.ear.submit(audio, closely=effect.closely)
        if request is None:
            self.record.fail("the ear fell behind: too many turns to recognise at once")
            self.conversation.heard(effect.token, "")
        else:
            self._requests[request] = effect.token, clock_ns()

    def _report_sending(self) -> None:
        turn = self.record.turns[-1] if self.record.turns else None
        if turn is None:
            return
        if self.sender.began_ns and not turn.onset_ns:
            self.conversation.sending_began(self.sender.began_ns)
            words = turn.caller_text if turn.kind == "say" else f"[keys {turn.caller_text}]"
            self.announce(turn.onset_ns, "caller", words + (" (barging in)" if turn.barged_in else ""))
        if self.sender.ended_ns and not turn.end_ns:
            self.conversation.sending_ended(self.sender.ended_ns)

    def _limits(self, now_ns: int) -> None:
        if self.dialog.phase not in (Phase.DIALING, Phase.RINGING) or self.conversation.awaits_end:
            return
        waited_s = (now_ns - self.record.invited_ns) / _NS
        ring_s = self.scenario.hangup_while_ringing_s
        patience_s = self.scenario.limits.answer_s
        if self.scenario.end.expect_nothing:
            patience_s = self.scenario.end.within_s
        if ring_s is not None and waited_s >= ring_s:
            self.conversation.abandon()
        elif waited_s >= patience_s:
            if not self.scenario.end.expect_nothing:
                self.record.fail(
                    f"nobody called within {patience_s:g} s"
                    if self.scenario.answer
                    else f"no answer within {patience_s:g} s of the INVITE"
                )
            self.conversation.abandon()

    def _tell_agent_turns(self) -> None:
        for turn in self.record.agent:
            if id(turn) not in self._told and not self.conversation.owes_words(turn):
                self._told.add(id(turn))
                words = turn.text or ("[not recognised]" if self.ear else "[speech]")
                self.announce(turn.onset_ns, "agent", words + (" --" if turn.cut_off else ""))
        for latency in self._new_latencies():
            self.announce(0, "measure", latency)

    def _new_latencies(self) -> list[str]:
        lines = []
        for turn in self.record.turns:
            if turn.reply and id(turn) not in self._told:
                self._told.add(id(turn))
                ear_ms = turn.response_ear_ms
                lines.append(f"ear {ear_ms:.0f} ms" if ear_ms is not None else turn.reply)
        for barge in self.record.barge_ins:
            if barge.verdict and id(barge) not in self._told:
                self._told.add(id(barge))
                stop_ms = barge.barge_stop_ms
                lines.append(f"barge-in stop {stop_ms:.0f} ms" if stop_ms is not None else barge.verdict)
        return lines

    def _wind_up(self, now_ns: int) -> None:
        """After the end: wait for the last SIP answers and the last words, but not for ever."""
        since_s = (now_ns - self.record.over_ns) / _NS
        words_due = self.conversation.awaits_words and since_s < _LINGER_S
        sip_due = not self.dialog.idle and since_s < _SIP_GRACE_S
        if not words_due and not sip_due:
            self._tell_agent_turns()
            self.announce(self.record.over_ns, "note", self._ending_words(self.record.ended_by))
            self.finished = True

    def _ending_words(self, by: str) -> str:
        status = f"{self.dialog.status} {self.dialog.status_reason}".strip()
        return {
            "agent": "the agent hung up",
            "caller": "the caller hung up",
            "refused": f"refused: {status}",
            "nobody": "nobody answered",
            "carrier": "the carrier took the caller elsewhere",
        }[by]
