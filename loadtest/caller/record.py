"""What one call leaves behind: turns, barge-ins, the agent's words, failures. Times are clock nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.caller.rtp import PLAYOUT_MS

NO_REPLY = "NO_REPLY"
NO_STOP = "NO_STOP"


@dataclass
class AgentTurn:
    """One stretch in which the agent had the floor."""

    onset_ns: int
    offset_ns: int
    text: str | None = None  # None until recognised
    matched: str | None = None  # the pattern that let the caller go on
    cut_off: bool = False  # by the caller's barge-in


@dataclass
class Turn:
    """Something the caller said or pressed, and when the agent answered."""

    line: str  # "line 3", "otherwise 1"
    kind: str  # say, dtmf
    caller_text: str
    onset_ns: int = 0
    end_ns: int = 0
    reply_onset_ns: int = 0
    reply: str = ""  # answered, NO_REPLY, or ended (the agent hung up instead of answering)
    barged_in: bool = False
    #: The agent's turn that answered; filled in once it is recognised.
    answer: AgentTurn | None = None

    @property
    def response_wire_ms(self) -> float | None:
        """Caller's last sample to the agent's first, no playout buffer; negative if the agent cut in."""
        return (self.reply_onset_ns - self.end_ns) / 1e6 if self.reply_onset_ns else None

    @property
    def response_ear_ms(self) -> float | None:
        """The same behind a nominal 60 ms playout buffer: what the caller perceives."""
        wire = self.response_wire_ms
        return None if wire is None else wire + PLAYOUT_MS


@dataclass
class BargeIn:
    """The caller spoke into the agent's turn."""

    line: str
    caller_onset_ns: int
    stop_ns: int = 0
    verdict: str = ""  # stopped or NO_STOP

    @property
    def barge_stop_ms(self) -> float | None:
        """Caller's first sample to the agent's last; None if it never stopped."""
        return (self.stop_ns - self.caller_onset_ns) / 1e6 if self.stop_ns else None


@dataclass
class Record:
    """Everything measured in one call."""

    invited_ns: int = 0
    ringing_ns: int = 0
    answered_ns: int = 0
    first_audio_ns: int = 0
    over_ns: int = 0
    ended_by: str = ""
    turns: list[Turn] = field(default_factory=list)
    barge_ins: list[BargeIn] = field(default_factory=list)
    agent: list[AgentTurn] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lines_done: int = 0
    referred_to: str = ""

    def fail(self, sentence: str) -> None:
        """Note a failure once."""
        if sentence not in self.failures:
            self.failures.append(sentence)
