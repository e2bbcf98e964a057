"""Callers of one real diary: drawn so that they do not meet, judged by its rows."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Act, Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.judge import Result, judge
from loadtest.evaluation.phrasing import Utterance
from loadtest.evaluation.plans import Booking, Goal, Plan, Scene, draw
from loadtest.evaluation.run import Case, Run
from loadtest.voice_evaluation import __main__ as command
from loadtest.voice_evaluation.evidence import Citation, Evidence, Recorded
from loadtest.voice_evaluation.mind import Belief, Step
from loadtest.voice_evaluation.outcome import Outcome, ear_faults
from loadtest.voice_evaluation.report import document, line, markdown, word_for_word, worst_calls
from loadtest.voice_evaluation.run import NobodyToCallError, Setting, VoiceEvaluation, starts_of, transcript
from loadtest.voice_evaluation.second_hearing import Wished
from loadtest.voice_evaluation.telephone import Held

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
NOW = datetime(2026, 11, 21, 13, 30)
PEOPLE = ("David Lewis", "Linda Baker", "Mark Turner")
WISH = Booking("cleaning", datetime(2026, 12, 10, 10, 30), "David Lewis", "+15550123456")
PLAN = Plan(1, NOW, WISH.name, WISH.phone, WISH.phone, (Goal("book", WISH),))
READ_BACK = "So that's cleaning on Thursday, December 10th at {}, for David Lewis, phone: 555-012-3456. Is that right?"
APART = timedelta(hours=2)


def test_callers_at_the_same_time_wish_for_nothing_near_what_another_may_want() -> None:
    standing = (datetime(2026, 12, 1, 10), datetime(2026, 12, 2, 14))
    first = draw(3, seed=1, business=BUSINESS, scene=Scene(NOW, standing, PEOPLE))
    second = draw(4, seed=1, business=BUSINESS, scene=Scene(NOW, (*standing, *starts_of(first)), PEOPLE))
    assert starts_of(first)
    assert starts_of(second)
    pairs = itertools.product(starts_of(second), (*standing, *starts_of(first)))
    assert all(abs(one - other) >= APART for one, other in pairs)


def test_callers_wish_for_open_times_after_now_and_have_names_of_the_list() -> None:
    for index in range(60):
        plan = draw(index, seed=1, business=BUSINESS, scene=Scene(NOW, (), PEOPLE))
        assert plan.now == NOW
        assert plan.name in PEOPLE
        for goal in plan.goals:
            assert goal.changed is None or goal.changed.name in PEOPLE
            assert goal.wish is None or goal.wish.start > NOW
            assert goal.wish is None or BUSINESS.is_open(goal.wish.start, 30)


def test_a_fuller_diary_changes_the_times_and_nothing_else() -> None:
    empty = [draw(index, seed=2, business=BUSINESS, scene=Scene(NOW, (), PEOPLE)) for index in range(40)]
    taken = tuple(start for plan in empty[:8] for start in starts_of(plan))
    fuller = [draw(index, seed=2, business=BUSINESS, scene=Scene(NOW, taken, PEOPLE)) for index in range(40)]
    assert [(p.name, p.phone, p.from_number, [g.kind for g in p.goals]) for p in empty] == [
        (p.name, p.phone, p.from_number, [g.kind for g in p.goals]) for p in fuller
    ]


def test_one_wish_in_five_is_not_free() -> None:
    plans = [draw(index, seed=3, business=BUSINESS, scene=Scene(NOW, (), PEOPLE)) for index in range(400)]
    wishes = [(plan, goal.wish) for plan in plans for goal in plan.goals if goal.wish is not None]
    blocked = sum(any(start == wish.start for _, start in plan.others) for plan, wish in wishes)
    assert 0.14 < blocked / len(wishes) < 0.26


def test_a_full_diary_is_said_to_be_full() -> None:
    days = [datetime(2026, 11, 21, 8) + timedelta(hours=hour) for hour in range(24 * 40)]
    with pytest.raises(ValueError, match="nothing is free"):
        draw(0, seed=1, business=BUSINESS, scene=Scene(NOW, tuple(days), PEOPLE))


def held(*steps: tuple[str, str | None], last: str = "", beliefs: tuple[Belief, ...] = (), **report: Any) -> Held:
    caller = Caller(PLAN, BUSINESS, Corpus("development"), random.Random(1))
    made = tuple(Step(heard, Act(Utterance(said) if said else None)) for heard, said in steps)
    known = {"ended_by": "agent", "void": [], "failures": [], "turns": [], "agent": [], "duration_s": 60.0}
    invited = {"invited_at": "2026-11-21T18:30:00+00:00"}
    return Held(caller, made, beliefs, 0, last, {**known, **invited, **report})


def outcome(rows: list[dict[str, Any]], made: Held, evidence: Evidence | None = None) -> Outcome:
    evidence = evidence or Evidence(uuid4(), {"status": "ended"})
    call = transcript(made, evidence)
    call.rows = rows
    faults = ear_faults(made, evidence, BUSINESS)
    return Outcome(PLAN.index, "joe", Case(call, judge(call)), made, evidence, ear_faults=faults)


def row(booking: Booking = WISH) -> dict[str, Any]:
    return {
        "service_id": booking.service_id, "start": booking.start.isoformat(), "name": booking.name,
        "phone": booking.phone, "status": "confirmed", "is_new": True,
    }  # fmt: skip


def test_what_he_heard_last_is_the_reply_to_what_he_said_last() -> None:
    call = transcript(
        held(("Hello. How can I help?", "A cleaning."), ("Which day?", "Friday."), last="Bye."), Evidence()
    )
    assert call.greeting == "Hello. How can I help?"
    assert [(each.utterance.text, each.reply) for each in call.exchanges] == [
        ("A cleaning.", "Which day?"),
        ("Friday.", "Bye."),
    ]


def test_a_call_of_which_nothing_was_heard_has_failed() -> None:
    assert [goal.result for goal in judge(transcript(held(), Evidence())).goals] == [Result.FAILED]


def test_a_failure_on_a_busy_machine_is_void_but_a_wrong_row_never_is() -> None:
    busy = held(void=["20 ms ticks were late"])
    assert outcome([], busy).is_void
    assert not outcome([row()], busy).is_void
    assert not outcome([row(replace(WISH, name="Davy Loose"))], busy).is_void
    assert not outcome([], held()).is_void


def test_what_only_the_agent_can_leave_behind_is_never_void() -> None:
    busy = held(void=["20 ms ticks were late"])
    stray = {"reason": "message", "text": "Yes.", "name": None, "phone": None, "is_urgent": None, "is_confirmed": True}
    promised = held(("Hello.", "A cleaning."), last="Someone will call you back. Goodbye.", void=["busy"])
    assert not outcome([{**row(), "status": "held"}], busy).is_void
    assert not outcome([], busy, Evidence(uuid4(), {}, (), (stray,))).is_void
    assert not outcome([], promised).is_void


def spoken(text: str, role: str = "agent") -> Recorded:
    return Recorded(datetime(2026, 11, 21, 18, 31, tzinfo=UTC), role, text, None, [])


@pytest.mark.parametrize(("at", "faults"), [("10:30 AM", 1), ("11:30 AM", 0)])
def test_whether_his_ear_was_wrong_is_told_by_the_record(at: str, faults: int) -> None:
    after_ns = int(datetime(2026, 11, 21, 18, 32, tzinfo=UTC).timestamp() * 1e9)
    belief = Belief(after_ns, ("start",), Wished(WISH, WISH.phone))
    evidence = Evidence(uuid4(), {}, (spoken(READ_BACK.format(at)), spoken("No.", "caller")))
    assert ear_faults(held(beliefs=(belief,)), evidence, BUSINESS) == faults


def test_a_run_passes_only_with_every_call_judged_and_no_row_wrong() -> None:
    right, wrong = outcome([row()], held()), outcome([row(replace(WISH, name="Davy Loose"))], held())
    void = outcome([], held(void=["busy"]))

    def passes(outcomes: list[Outcome], wanted: int) -> bool:
        cases = tuple(each.case for each in outcomes if each.case and not each.is_void)
        return bool(document(Run(cases), outcomes, wanted)["passes"])

    assert passes([right, right, void], 2)
    assert not passes([right, void], 2)
    assert not passes([right] * 20 + [wrong], 21)


def test_a_run_is_told_in_lines_a_page_and_word_for_word() -> None:
    turns = [{"caller": "A cleaning.", "start_tx_s": 5.0, "response_ear_ms": 640.0, "barged_in": False}] * 2
    heard = [{"onset_s": 1.0, "text": "How can I help?"}]
    evidence = Evidence(uuid4(), {"status": "ended"}, (spoken("A ceiling.", "caller"),))
    failed = outcome([], held(turns=turns, agent=heard), evidence)
    assert failed.case is not None
    assert "FAIL 001" in line(failed, 1, 1)
    figured = document(Run((failed.case,)), [failed], 1)
    assert "| book | 1 | 0 | 0.0% |" in markdown(figured, "A run")
    assert "ear latency, ms: n = 2, mean 640" in markdown(figured, "A run")
    told = word_for_word(failed)
    assert told.index("caller hears  How can I help?") < told.index("caller says   A cleaning.")
    assert "record caller  A ceiling." in told


SETTING = Setting(
    to="sip:a@127.0.0.1", database_url="postgresql://127.0.0.1:1/none", tenant=Path(), voices=("joe",), people=PEOPLE,
    seed=1, part="development", kinds=(), out=Path(), latest=float("inf"),
)  # fmt: skip


class _Lines(VoiceEvaluation):
    """Calls that end at once, every third of them void."""

    most_at_once = 0

    async def dial(self, number: int) -> Outcome:
        self._lines[number] = ()
        self.most_at_once = max(self.most_at_once, len(self._lines))
        self._index += 1
        is_void, index = self._index % 3 == 0, self._index
        await asyncio.sleep(0)
        del self._lines[number]
        made = outcome([] if is_void else [row()], held(void=["busy"] * is_void))
        assert made.case is not None
        verdict = replace(made.case.verdict, index=index)
        return replace(made, case=Case(made.case.call, verdict))


@pytest.mark.parametrize(("wanted", "judged", "dialled"), [(4, 4, 5), (20, 17, 25), (1, 1, 1)])
async def test_void_calls_are_replaced_up_to_a_quarter_of_those_wanted(wanted: int, judged: int, dialled: int) -> None:
    told: list[Outcome] = []
    lines = _Lines(SETTING, BUSINESS, told.append)
    await lines.run(wanted, 2)
    assert (len(lines.judged.cases), len(told)) == (judged, dialled)
    assert lines.most_at_once == min(2, wanted)


async def test_a_call_of_which_the_database_cannot_be_asked_is_void_and_named() -> None:
    lines = VoiceEvaluation(SETTING, BUSINESS, lambda outcome: None)
    await lines.run(4, 2)
    assert [outcome.index for outcome in lines.outcomes] == [0, 1, 2, 3, 4]
    assert all(outcome.is_void for outcome in lines.outcomes)
    assert "PostgreSQL could not be asked" in line(lines.outcomes[0], 0, 4)
    assert lines.judged.cases == ()


class _Hiccup(_Lines):
    """Every third call cannot be asked about, and after the ninth nobody can be drawn."""

    async def dial(self, number: int) -> Outcome:
        made = await super().dial(number)
        assert made.case is not None
        index = made.case.verdict.index
        if index > 9:
            raise NobodyToCallError("nothing is free")
        return Outcome(index, "joe", broken="no answer") if made.is_void else replace(made, index=index)


async def test_calls_judged_are_kept_when_others_break_and_when_nobody_is_left_to_call() -> None:
    told: list[Outcome] = []
    lines = _Hiccup(SETTING, BUSINESS, told.append)
    await lines.run(40, 2)
    assert (len(lines.judged.cases), len(told), lines.stopped) == (6, 9, "nothing is free")
    figured = document(lines.judged, lines.outcomes, 40)
    assert [each["why"] for each in figured["void"]] == [["no answer"]] * 3
    assert not figured["passes"]
    assert worst_calls(lines.judged, lines.outcomes, 3)


class _Endless(_Lines):
    """The second call on each line never ends by itself, and one line takes longer to clear than the other."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, BUSINESS, lambda outcome: None)
        self.cleared: list[int] = []
        self.both_wait = asyncio.Barrier(3)

    async def dial(self, number: int) -> Outcome:
        made = await super().dial(number)
        if len(self.outcomes) < 2:
            return made
        try:
            await self.both_wait.wait()
            await asyncio.Event().wait()
        finally:
            for _ in range(3 * number + 1):
                await asyncio.sleep(0)
            self.cleared.append(number)
        return made


async def test_whoever_stops_a_run_waits_until_each_line_has_cleared_its_diary() -> None:
    lines = _Endless(SETTING)
    task = asyncio.create_task(lines.run(9, 2))
    async with asyncio.timeout(5):
        await lines.both_wait.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert lines.cleared == [0, 1]
    assert len(lines.judged.cases) == 2


class _Interrupted(_Lines):
    async def run(self, count: int, lines: int) -> None:
        await super().run(1, lines)
        raise KeyboardInterrupt


def test_a_run_that_is_interrupted_reports_what_was_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "VoiceEvaluation", _Interrupted)
    monkeypatch.setenv("DATABASE_URL", SETTING.database_url)
    monkeypatch.setattr(sys, "argv", ["evaluation", "--n", "9", "--warm-up", "0", "--out", str(tmp_path)])
    assert command.main() == 1
    (written,) = tmp_path.glob("*/evaluation.json")
    assert json.loads(written.read_text())["judged"] == 1


def test_passages_belong_to_the_words_that_were_said_before_them() -> None:
    invited = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    made = held(
        ("Hello. How can I help?", "where can I park"), ("Behind the house. What name?", "David Lewis."),
        last="What number?", turns=[{"start_tx_s": 5.0}, {"start_tx_s": 20.0}],
    )  # fmt: skip
    cited = {"passage": "a.md#parking", "used": "spoken", "score": 0.9}
    citations = tuple(
        Citation(invited + timedelta(seconds=at_s), {**cited, "score": at_s}) for at_s in (4.0, 7.5, 19.9, 21.0)
    )
    call = transcript(made, Evidence(uuid4(), citations=citations))
    assert [[each["score"] for each in exchange.cited] for exchange in call.exchanges] == [[7.5, 19.9], [21.0]]


def test_what_he_said_last_and_nobody_heard_has_no_passages() -> None:
    made = held(("Hello.", "where can I park"), turns=[])
    assert transcript(made, Evidence()).exchanges[0].cited == ()
