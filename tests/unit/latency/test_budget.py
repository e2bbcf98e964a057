"""What a run is summed up to, and what is promised of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

import pytest

from loadtest.caller.pace import Paces
from loadtest.latency.__main__ import joined, judged, main
from loadtest.latency.budget import Condition, budget, summary, transport_ms
from loadtest.latency.figures import by_call, mean
from loadtest.latency.goals import FAST, Goal, goals, too_few
from loadtest.latency.path import waits
from loadtest.latency.picture import svg
from loadtest.latency.report import markdown
from loadtest.latency.turns import Disturbed, Measured

FACTS = {"begun_by": "words", "is_plain": True, "asked_model": False, "is_cached": True, "understood_by": "grammar"}


def turn(call: int, line: int, worker_ms: float = 200.0, *, unexplained_ms: float = 3.0, **facts: Any) -> Measured:
    marks = {"words_ms": 90.0, "committed_ms": worker_ms - 20, "audio_ms": worker_ms - 40, "sounded_ms": worker_ms}
    ear_ms = 60.0 + worker_ms + 110.0 + 60.0 + unexplained_ms
    return Measured(call, line, "yes", "Yes.", ear_ms, True, waits(marks), 60.0, 110.0, FACTS | facts)


def condition(profile: str = FAST, calls: int = 20, *, worker_ms: float = 120.0, lost: int = 0) -> Condition:
    turns = [turn(call, line, worker_ms + line) for call in range(calls) for line in range(12)]
    noises = [Disturbed(call, 1, "cough", call < lost, 0.0) for call in range(calls)]
    return Condition(profile, 1, turns, [250.0] * 3 * calls, 0, noises)


def test_the_means_of_the_parts_sum_to_the_mean_at_the_ear() -> None:
    turns = [turn(1, 0), turn(1, 1, 600.0), turn(2, 0, unexplained_ms=-9.0)]
    rows = budget(turns, transport_ms(turns))
    assert sum(row["mean"] for row in rows.values()) == pytest.approx(mean([t.ear_ms for t in turns if t.ear_ms]))
    assert rows["residual"]["mean"] == pytest.approx(-1.0)


def test_the_transport_is_the_calls_own_and_the_runs_where_a_call_has_none() -> None:
    own, other = turn(1, 0), replace(turn(2, 0), in_ms=80.0, out_ms=100.0)
    bare = replace(turn(3, 0), in_ms=None, out_ms=None)
    assert transport_ms([own, other, bare]) == {1: (60.0, 110.0), 2: (80.0, 100.0), 3: (70.0, 105.0)}


def test_turns_that_no_words_began_are_heard_and_not_shared_out() -> None:
    by_keys = replace(turn(1, 1), waits={}, facts={"begun_by": "keys"})
    document = summary(Condition(FAST, 1, [turn(1, 0), by_keys]))
    assert document["ear"]["all"]["n"] == 2
    assert document["budget"]["words"]["n"] == 1


def test_kinds_of_turns_are_told_apart() -> None:
    turns = [
        turn(1, 0), turn(1, 1, 1500.0, is_plain=False), turn(1, 2, 900.0, is_plain=False, asked_model=True),
        turn(1, 3, 300.0, is_cached=False),
    ]  # fmt: skip
    ear = summary(Condition(FAST, 1, turns))["ear"]
    expected = {"all": 4, "plainly complete": 2, "others": 1, "a model asked": 1, "synthesised": 1, "cached": 3}
    assert {kind: spread["n"] for kind, spread in ear.items()} == expected


def test_the_worst_turns_name_the_stage_that_cost_them() -> None:
    turns = [turn(1, line) for line in range(39)]
    late_voice = replace(turn(1, 39), waits=turns[0].waits | {"voice": 900.0}, ear_ms=1333.0)
    silent = Measured(1, 40, "yes", None, 5060.0, is_answered=False)
    worst = summary(Condition(FAST, 1, [*turns, late_voice, silent]))["worst"]
    assert [(each["ear_ms"], each["cost_by"]) for each in worst] == [(5060.0, "no reply"), (1333.0, "voice")]


def test_an_interval_by_call_is_wider_than_the_turns_alone_would_make_it() -> None:
    alike = {call: [float(100 * call)] * 10 for call in range(6)}
    mixed = {call: [float(100 * (n % 6)) for n in range(10)] for call in range(6)}
    low, high = by_call(alike, mean, 1)
    low_mixed, high_mixed = by_call(mixed, mean, 1)
    assert high - low > 3 * (high_mixed - low_mixed)
    assert by_call({1: [7.0, 9.0]}, mean, 1) == (8.0, 8.0)


def test_a_run_that_keeps_every_promise_says_so() -> None:
    conditions = [summary(condition()), summary(condition("nova-3+gpt-4.1+aura-2", worker_ms=900.0))]
    assert all(goal.is_met for goal in goals(conditions))
    assert not too_few(conditions)


@pytest.mark.parametrize(
    ("broken", "missed"),
    [
        (condition(worker_ms=500.0), {"ear, mean", "ear, mean of plainly complete"}),
        (replace(condition(), stops_ms=[320.0] * 60), {"barge-in stop, median"}),
        (replace(condition(), turns=[turn(1, n, 120.0, unexplained_ms=-25.0) for n in range(200)]),
         {"ear less sum and transport, median"}),
        (condition(lost=2), {"false barge-in, all conditions"}),
    ],
)  # fmt: skip
def test_a_promise_that_is_not_kept_is_told(broken: Condition, missed: set[str]) -> None:
    found = goals([summary(broken)])
    assert {goal.name.split(": ")[-1] for goal in found if not goal.is_met} == missed


def test_the_delay_of_another_profile_is_no_promise() -> None:
    slow = summary(condition("nova-3+gpt-4.1+aura-2", worker_ms=1500.0))
    assert all(goal.is_met for goal in goals([slow]))


def test_what_was_not_measured_is_not_kept() -> None:
    assert not Goal("", None, 5.0, 0).is_met
    assert not Goal("", 600.0, 600.0, 9, is_strict=True).is_met
    assert Goal("", 400.0, 400.0, 9).is_met


def test_too_few_turns_say_nothing() -> None:
    small = summary(replace(condition(calls=10), void={4: ["ticks were late"]}))
    assert too_few([small]) == [
        f"{FAST} at 1: 120 turns of at least 200, 1 calls void",
        f"{FAST} at 1: 30 barge-ins of at least 50, 1 calls void",
    ]


def test_runs_of_two_stacks_are_judged_as_one(tmp_path: Any) -> None:
    runs = [judged([summary(condition())], ["late"]), judged([summary(condition("nova-3+gpt-4.1+aura-2"))], [])]
    both = joined(runs)
    assert [c["profile"] for c in both["conditions"]] == [FAST, "nova-3+gpt-4.1+aura-2"]
    assert both["notes"] == ["late"]
    paths = []
    for number, run in enumerate(runs):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(run))
    assert main(["--join", *map(str, paths), "--out", str(tmp_path / "both")]) == 0
    assert (tmp_path / "both" / "latency.md").exists()


def test_the_report_and_the_picture_hold_every_condition() -> None:
    conditions = [summary(condition()), summary(condition("nova-3+gpt-4.1+aura-2"))]
    text = markdown(goals(conditions), conditions, ["emulated speak: late"])
    assert text.count("| voice's first audio |") == 2
    assert "- emulated speak: late" in text
    drawn = ElementTree.fromstring(svg(conditions))
    bars = [rect for rect in drawn.iter("{http://www.w3.org/2000/svg}rect") if rect.get("height") == "22"]
    assert len(bars) == 2 * 10


def test_a_report_says_how_fast_the_machine_was() -> None:
    turns = [replace(turn(call, 0, 100.0 * (1 + call)), at_s=100.0 * call) for call in range(3)]
    paces = Paces([(99.0, 0.8), (101.0, 0.8), (199.0, 1.6), (200.0, 1.6)])
    hasty = summary(Condition(FAST, 6, turns, paces=paces))
    ears = hasty["ear"]
    assert (ears["near the run's best pace"]["n"], ears["well below it"]["n"]) == (1, 1)
    assert ears["well below it"]["mean"] - ears["near the run's best pace"]["mean"] == pytest.approx(100.0)
    assert "took 1.20 ms, around the turns 1.50 times the run's best" in markdown([], [hasty], [])


def test_a_condition_of_which_nothing_came_is_told_and_not_drawn() -> None:
    nothing = summary(Condition(FAST, 6, [], void={0: ["ticks were late"]}))
    text = markdown(goals([nothing]), [nothing], too_few([nothing]))
    assert "void calls 1" in text
    assert "0 turns" in text
    assert "rect" in svg([nothing])
