"""Dial simulated callers over a few lines, and judge each by the rows he left."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from loadtest.evaluation.base_questions import BaseQuestion
from loadtest.evaluation.business import Business
from loadtest.evaluation.dialogue import Exchange, Transcript
from loadtest.evaluation.judge import judge
from loadtest.evaluation.plans import Plan, Scene, draw
from loadtest.evaluation.run import Case, Run, with_question, with_whom_there_is
from loadtest.voice_evaluation.diary import Diary, DiaryError
from loadtest.voice_evaluation.evidence import Evidence, gather
from loadtest.voice_evaluation.outcome import Outcome, ear_faults
from loadtest.voice_evaluation.report import word_for_word
from loadtest.voice_evaluation.telephone import LONGEST_CALL_S, RESULT, SIP_CALL_ID, Held, Job

#: Start, ear and voice loading, and the reports at the end, beside the call itself.
_AROUND_A_CALL_S = 120.0
#: Of this many callers drawn one must want what is asked for; else nothing would ever be dialled.
_MOST_DRAWN_FOR_ONE = 100
#: For each so many calls asked for, one more may be void and is replaced.
_CALLS_PER_REPLACEMENT = 4


class NobodyToCallError(Exception):
    """No caller can be drawn: none wants what is asked for, or the diary is full."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run is made.

    Attributes:
        to: SIP URI dialled.
        people: names that callers have.
        kinds: the first goal of each caller is one of these; empty for any.
        part: of the corpus.
        latest: monotonic clock after which nobody dials any more.
        questions: which some callers ask in between.
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
    questions: tuple[BaseQuestion, ...] = ()


class VoiceEvaluation:
    """Runs calls.

    Attributes:
        outcomes: of every call so far, void ones too.
        stopped: why nobody dials any more although calls are wanting; empty while there is no such reason.
    """

    def __init__(self, setting: Setting, business: Business, tell: Callable[[Outcome], None]) -> None:
        self._setting = setting
        self._business = business
        self._diary = Diary(setting.database_url, business)
        self._tell = tell
        self._index = 0
        self._lines: dict[int, tuple[datetime, ...]] = {}
        self.outcomes: list[Outcome] = []
        self.stopped = ""

    async def run(self, count: int, lines: int) -> None:
        """Dial until so many calls are judged, or too many are void, or time is up, or nobody can be drawn."""
        most = count + max(1, count // _CALLS_PER_REPLACEMENT)
        dialled = 0

        async def line(number: int) -> None:
            nonlocal dialled
            while dialled < most and time.monotonic() < self._setting.latest and self._is_one_more_needed(count):
                dialled += 1
                outcome = await self._dial_if_any(number)
                if outcome is not None:
                    self.outcomes.append(outcome)
                    self._tell(outcome)

        await self._on_each(lines, line)

    async def warm_up(self, lines: int) -> None:
        """One call on each line that does not count."""

        async def line(number: int) -> None:
            await self._dial_if_any(number)

        await self._on_each(lines, line)

    async def _on_each(self, lines: int, line: Callable[[int], Coroutine[None, None, None]]) -> None:
        """Serve the lines at once. Whoever stops it waits until each has taken its rows out of the diary."""
        async with asyncio.TaskGroup() as group:
            for number in range(lines):
                group.create_task(line(number))

    async def _dial_if_any(self, number: int) -> Outcome | None:
        try:
            return await self.dial(number)
        except NobodyToCallError as error:
            self.stopped = str(error)
            return None

    @property
    def judged(self) -> Run:
        """Every call so far that counts."""
        cases = [outcome.case for outcome in self.outcomes if outcome.case is not None and not outcome.is_void]
        ordered = sorted(cases, key=lambda case: case.verdict.index)
        return Run(tuple(ordered))

    def _is_one_more_needed(self, count: int) -> bool:
        """Whether those judged and those under way are not enough."""
        return not self.stopped and sum(not outcome.is_void for outcome in self.outcomes) + len(self._lines) < count

    async def dial(self, number: int) -> Outcome:
        """One call on this line, from the drawing of its caller to the cleaning of the diary.

        A call of which PostgreSQL cannot be asked is void, and the others go on.
        Raises: NobodyToCallError.
        """
        self._lines[number] = ()
        index: int | None = None
        try:
            plan = self._next_plan(await self._diary.taken())
            index, self._lines[number] = plan.index, starts_of(plan)
            return await self._call(plan)
        except (DiaryError, OSError, TimeoutError, asyncpg.PostgresError) as error:
            if index is None:  # nobody was drawn: the next number is spent on it
                index, self._index = self._index, self._index + 1
            return Outcome(index, self._voice(index), broken=f"PostgreSQL could not be asked: {error!r}")
        finally:
            del self._lines[number]

    def _voice(self, index: int) -> str:
        return self._setting.voices[index % len(self._setting.voices)]

    async def _call(self, plan: Plan) -> Outcome:
        setting, voice = self._setting, self._voice(plan.index)
        folder = setting.out / f"{plan.index:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(plan, setting.seed, setting.tenant, setting.part, setting.to, voice)
        async with self._put(plan, folder) as put:
            held = await _held(job, folder)
            dialled = _sip_call_id(folder)
            evidence = await gather(setting.database_url, dialled) if dialled else Evidence()
            if held is None:
                broken = f"the caller himself failed: {folder}/caller.log"
                return Outcome(plan.index, voice, evidence=evidence, broken=broken)
            rows = await self._diary.rows(evidence.call_id, put)
        call = transcript(held, evidence)
        call.rows = rows
        case = Case(call, judge(call))
        faults = ear_faults(held, evidence, self._business)
        outcome = Outcome(plan.index, voice, case, held, evidence, ear_faults=faults)
        (folder / "words.txt").write_text(word_for_word(outcome) + "\n", encoding="utf-8")
        return outcome

    def _next_plan(self, taken: tuple[datetime, ...]) -> Plan:
        """The next caller whose first goal is one of those to be tried. Raises NobodyToCallError."""
        others = tuple(start for starts in self._lines.values() for start in starts)
        scene = Scene(self._diary.now(), (*taken, *others), self._setting.people)
        for _ in range(_MOST_DRAWN_FOR_ONE):
            try:
                drawn = draw(self._index, seed=self._setting.seed, business=self._business, scene=scene)
            except ValueError as error:
                raise NobodyToCallError(f"{error}: clear it of what earlier runs booked") from error
            self._index += 1
            if self._setting.kinds and drawn.goals[0].kind not in self._setting.kinds:
                continue
            # The telephone line and the recogniser are the bad line; nobody at a local stack takes transferred calls.
            plan = with_whom_there_is(replace(drawn, is_noisy=False, is_person_there=False))
            return with_question(plan, self._setting.questions, seed=self._setting.seed)
        raise NobodyToCallError(f"no caller wants any of {', '.join(self._setting.kinds)}")

    @contextlib.asynccontextmanager
    async def _put(self, plan: Plan, folder: Path) -> AsyncIterator[dict[UUID, bool]]:
        """The plan's rows in the diary, and none of them nor of the call's afterwards, however it ended."""
        put = await self._diary.put(plan)
        try:
            yield put
        finally:
            try:
                await self._diary.clear(_sip_call_id(folder), put)
            except DiaryError as error:  # what was judged stands; the next caller is drawn around what was left
                print(f"call {plan.index}: its rows stay in the diary: {error}", file=sys.stderr, flush=True)


def starts_of(plan: Plan) -> tuple[datetime, ...]:
    """Everything in the diary that this caller may want or has."""
    starts = [start for _, start in plan.others] + [own.start for own in plan.booked]
    for goal in plan.goals:
        starts += [booking.start for booking in (goal.wish, goal.changed) if booking] + list(goal.fallbacks)
    return tuple(starts)


def _sip_call_id(folder: Path) -> str | None:
    """The id under which a caller dialled; None when he did not come so far."""
    written = folder / SIP_CALL_ID
    return written.read_text(encoding="utf-8") if written.exists() else None


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
            cited = _cited(len(call.exchanges), held, evidence)
            call.exchanges.append(
                Exchange(step.act.utterance, step.act.utterance.text, reply, share, {}, "", (), cited)
            )  # fmt: skip
    call.messages = list(evidence.messages)
    call.has_agent_ended = held.report["ended_by"] == "agent" or held.caller.left_because == "goodbye"
    return call


def _cited(place: int, held: Held, evidence: Evidence) -> tuple[dict[str, Any], ...]:
    """The passages behind the reply to what he said at this place: those of the time until he spoke again."""
    zero = datetime.fromisoformat(held.report["invited_at"])
    spoke_at = [zero + timedelta(seconds=turn["start_tx_s"] or 0.0) for turn in held.report["turns"]]
    if place >= len(spoke_at):
        return ()
    until = [*spoke_at[place + 1 :], datetime.max.replace(tzinfo=zero.tzinfo)][0]
    return tuple(each.cited for each in evidence.citations if spoke_at[place] <= each.at < until)
