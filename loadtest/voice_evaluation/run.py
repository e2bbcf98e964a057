"""Dial simulated callers over a few lines, and judge each by the rows he left."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from loadtest.evaluation.business import Business
from loadtest.evaluation.dialogue import Exchange, Transcript
from loadtest.evaluation.judge import judge
from loadtest.evaluation.plans import Plan, Scene, draw
from loadtest.evaluation.run import Case, Run, with_whom_there_is
from loadtest.voice_evaluation.diary import Diary, DiaryError
from loadtest.voice_evaluation.evidence import Evidence, gather
from loadtest.voice_evaluation.outcome import Outcome, ear_faults
from loadtest.voice_evaluation.report import word_for_word
from loadtest.voice_evaluation.telephone import LONGEST_CALL_S, RESULT, Held, Job

#: Start, ear and voice loading, and the reports at the end, beside the call itself.
_AROUND_A_CALL_S = 120.0
#: Of this many callers drawn one must want what is asked for; else nothing would ever be dialled.
_MOST_DRAWN_FOR_ONE = 100
#: For each so many calls asked for, one more may be void and is replaced.
_CALLS_PER_REPLACEMENT = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run is made.

    Attributes:
        to: SIP URI dialled.
        people: names that callers have.
        kinds: the first goal of each caller is one of these; empty for any.
        part: of the corpus.
        latest: monotonic clock after which nobody dials any more.
    """

    to: str
    database_url: str
    tenant: Path
    voices: tuple[str, ...]
    people: tuple[str, ...]
    seed: int
    part: str
    kinds: tuple[str, ...]
    out: Path
    latest: float


class VoiceEvaluation:
    """Runs calls.

    Attributes:
        outcomes: of every call so far, void ones too.
    """

    def __init__(self, setting: Setting, business: Business, tell: Callable[[Outcome], None]) -> None:
        self._setting = setting
        self._business = business
        self._diary = Diary(setting.database_url, business)
        self._tell = tell
        self._index = 0
        self._lines: dict[int, tuple[datetime, ...]] = {}
        self.outcomes: list[Outcome] = []

    async def run(self, count: int, lines: int) -> Run:
        """Dial until so many calls are judged, or too many are void, or time is up. Raises DiaryError."""
        most = count + max(1, count // _CALLS_PER_REPLACEMENT)
        dialled = 0

        async def line(number: int) -> None:
            nonlocal dialled
            while dialled < most and time.monotonic() < self._setting.latest and self._is_one_more_needed(count):
                dialled += 1
                outcome = await self.dial(number)
                self.outcomes.append(outcome)
                self._tell(outcome)

        await asyncio.gather(*(line(number) for number in range(lines)))
        cases = [outcome.case for outcome in self.outcomes if outcome.case is not None and not outcome.is_void]
        ordered = sorted(cases, key=lambda case: case.verdict.index)
        return Run(tuple(ordered))

    def _is_one_more_needed(self, count: int) -> bool:
        """Whether those judged and those under way are not enough."""
        return sum(not outcome.is_void for outcome in self.outcomes) + len(self._lines) < count

    async def dial(self, number: int) -> Outcome:
        """One call on this line, from the drawing of its caller to the cleaning of the diary. Raises DiaryError."""
        self._lines[number] = ()
        try:
            plan = self._next_plan(await self._diary.taken())
            self._lines[number] = starts_of(plan)
            return await self._call(plan)
        finally:
            del self._lines[number]

    async def _call(self, plan: Plan) -> Outcome:
        folder = self._setting.out / f"{plan.index:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        voice = self._setting.voices[plan.index % len(self._setting.voices)]
        setting = self._setting
        job = Job(plan, setting.seed, setting.tenant, setting.part, setting.to, voice)
        async with self._put(plan) as cleared:
            held = await _held(job, folder)
            if held is None:
                return Outcome(plan, voice, None, None, Evidence(), f"the caller himself failed: {folder}/caller.log")
            evidence = await gather(setting.database_url, held.report["call_id"])
            cleared.call_id = evidence.call_id
            rows = await self._diary.rows(evidence.call_id, cleared.rows)
        call = transcript(held, evidence)
        call.rows = rows
        case = Case(call, judge(call))
        outcome = Outcome(plan, voice, case, held, evidence, "", ear_faults(held, evidence, self._business))
        (folder / "words.txt").write_text(word_for_word(outcome) + "\n", encoding="utf-8")
        return outcome

    def _next_plan(self, taken: tuple[datetime, ...]) -> Plan:
        """The next caller whose first goal is one of those to be tried."""
        others = tuple(start for starts in self._lines.values() for start in starts)
        scene = Scene(self._diary.now(), (*taken, *others), self._setting.people)
        for _ in range(_MOST_DRAWN_FOR_ONE):
            try:
                drawn = draw(self._index, seed=self._setting.seed, business=self._business, scene=scene)
            except ValueError as error:
                raise DiaryError(f"{error}: clear it of what earlier runs booked") from error
            self._index += 1
            if self._setting.kinds and drawn.goals[0].kind not in self._setting.kinds:
                continue
            # The telephone line and the recogniser are the bad line; nobody at a local stack takes transferred calls.
            return with_whom_there_is(replace(drawn, is_noisy=False, is_person_there=False))
        raise DiaryError(f"no caller wants any of {', '.join(self._setting.kinds)}")

    @contextlib.asynccontextmanager
    async def _put(self, plan: Plan) -> AsyncIterator[_Stood]:
        """The plan's rows in the diary, and none of them nor of the call's afterwards."""
        stood = _Stood(await self._diary.put(plan))
        try:
            yield stood
        finally:
            await self._diary.clear(stood.call_id, stood.rows)


@dataclass
class _Stood:
    rows: dict[UUID, bool]
    call_id: UUID | None = None


def starts_of(plan: Plan) -> tuple[datetime, ...]:
    """Everything in the diary that this caller may want or has."""
    starts = [start for _, start in plan.others] + [own.start for own in plan.booked]
    for goal in plan.goals:
        starts += [booking.start for booking in (goal.wish, goal.changed) if booking] + list(goal.fallbacks)
    return tuple(starts)


async def _held(job: Job, folder: Path) -> Held | None:
    """Make the call; None when the caller's process failed."""
    with (folder / "caller.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "loadtest.voice_evaluation.telephone", str(folder),
            stdin=asyncio.subprocess.PIPE, stdout=log, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(LONGEST_CALL_S + _AROUND_A_CALL_S):
                await process.communicate(pickle.dumps(job))
        except (TimeoutError, asyncio.CancelledError) as stopped:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            if isinstance(stopped, asyncio.CancelledError):
                raise
    result = folder / RESULT
    if not result.exists():
        return None
    held: Held = pickle.loads(result.read_bytes())
    return held


def transcript(held: Held, evidence: Evidence) -> Transcript:
    """The call as the judge of the evaluation in text reads one."""
    call = Transcript(held.caller.plan, held.caller)
    call.greeting, *replies = [*(step.heard for step in held.steps), held.last_heard]
    for step, reply in zip(held.steps, replies, strict=True):
        if step.act.utterance is not None:
            share = step.act.heard_share
            call.exchanges.append(Exchange(step.act.utterance, step.act.utterance.text, reply, share, {}, "", ()))
    call.messages = list(evidence.messages)
    call.has_agent_ended = held.report["ended_by"] == "agent" or held.caller.left_because == "goodbye"
    return call
