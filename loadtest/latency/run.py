"""Dial the callers of one condition in rounds of so many at once, and put what they heard beside what was stored."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.caller import loop
from loadtest.caller.call import Call
from loadtest.caller.cli import route_to
from loadtest.caller.noise import NoiseMeter, void_reasons
from loadtest.caller.pace import Paces
from loadtest.caller.record import NO_STOP
from loadtest.caller.sip_message import Uri
from loadtest.caller.ulaw import Pcm
from loadtest.caller.verdict import judge
from loadtest.latency.budget import Condition
from loadtest.latency.conversation import NoisyConversation, scenario
from loadtest.latency.script import Noise, Wish, steps
from loadtest.latency.stored import turns_of
from loadtest.latency.turns import Disturbed, Measured, disturbed, measured

#: Calls of a round do not speak in step, and the process that each one takes is replaced before the next begins.
_APART_NS = 4_100_000_000


@dataclass
class Results:
    """What the calls of one condition gave so far."""

    turns: list[Measured] = field(default_factory=list)
    disturbed: list[Disturbed] = field(default_factory=list)
    stops_ms: list[float] = field(default_factory=list)
    unstopped: int = 0
    void: dict[int, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def condition(self, profile: str, at_once: int, paces: Paces) -> Condition:
        """All of it, and how fast the machine was meanwhile."""
        return Condition(
            profile, at_once, self.turns, self.stops_ms, self.unstopped, self.disturbed, self.void, self.faults,
            paces,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Telephones:
    """Where and with what is dialled.

    Args:
        clips: of every line, and of every noise by its name.
        tell: given a line about each call.
    """

    to: Uri
    database_url: str
    clips: Mapping[str, Pcm]
    out: Path
    tell: Callable[[str], None]

    async def dial(self, wishes: Sequence[Wish], *, at_once: int, seed: int) -> Results:
        """All wishes, a round after the other.

        Raises: OSError, TimeoutError, asyncpg.PostgresError: the database cannot be asked.
        """
        results, rng = Results(), random.Random(seed)
        for first in range(0, len(wishes), at_once):
            await self._round(results, rng, first, wishes[first : first + at_once])
        return results

    async def _round(self, results: Results, rng: random.Random, first: int, wishes: Sequence[Wish]) -> None:
        """Some calls at once. The event loop stands still meanwhile: nothing else is on it."""
        meter = NoiseMeter()
        calls = [self._call(first + index, wish, rng) for index, wish in enumerate(wishes)]
        loop.run([(index * _APART_NS, call) for index, (call, _) in enumerate(calls)], None)
        for call, conversation in calls:
            noisy = void_reasons(meter.summary(call.lateness_ms, call.drops))
            call.write_recording(self.out / f"{call.number:03d}.wav")
            await self._keep(results, call, conversation, noisy)

    def _call(self, number: int, wish: Wish, rng: random.Random) -> tuple[Call, NoisyConversation]:
        # a number of its own: who was cut off and calls again is greeted otherwise
        plan, caller = steps(wish), f"+1555{rng.randrange(10_000_000):07d}"
        script = scenario(caller, plan)
        clips = dict(self.clips) | {noise.value: self.clips[noise.value] for noise in Noise}
        call = Call(number, script, self.to, route_to(self.to), clips, None, lambda at_ns, who, text: None)
        call.conversation = conversation = NoisyConversation(script, call.tracker, call.record, plan)
        return call, conversation

    async def _keep(self, results: Results, call: Call, conversation: NoisyConversation, noisy: Sequence[str]) -> None:
        stored = await turns_of(self.database_url, call.dialog.call_id)
        record, number = call.record, call.number
        faults = judge(call.scenario, record, status=call.dialog.status, reason=call.dialog.status_reason)
        patience_ms = call.scenario.limits.reply_s * 1000
        turns = measured(number, record.turns, stored, call.clips, patience_ms)
        ears = [turn.ear_ms for turn in turns if turn.ear_ms is not None]
        self.tell(
            f"call {number:3d}: {len(ears):2d} turns, ear {sum(ears) / max(1, len(ears)):4.0f} ms"
            + (f"  void: {noisy[0]}" if noisy else "")
            + "".join(f"\n     {fault}" for fault in faults)
        )
        results.faults += [f"call {number}: {fault}" for fault in faults]
        if noisy:
            results.void[number] = list(noisy)
            return
        results.turns += turns
        results.disturbed += disturbed(number, conversation.made, record.turns, stored, call.tracker.spurts)
        results.stops_ms += [stop for barge in record.barge_ins if (stop := barge.barge_stop_ms) is not None]
        results.unstopped += sum(barge.verdict == NO_STOP for barge in record.barge_ins)
