"""What a run comes to: goals reached, and what nobody got."""

from __future__ import annotations

import random
from pathlib import Path

from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import Transcript
from loadtest.evaluation.figures import ENOUGH, figures
from loadtest.evaluation.judge import judge
from loadtest.evaluation.plans import QUESTIONS, Goal, Plan, draw
from loadtest.evaluation.report import markdown
from loadtest.evaluation.run import Case, Run, with_whom_there_is
from loadtest.evaluation.short_pursuits import Asking

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))


def case(*goals: Goal, answered: tuple[str, ...] = ()) -> Case:
    """A call in which bookings are made and these questions answered, and nothing else is got."""
    drawn = draw(1, seed=1, business=BUSINESS)
    plan = Plan(1, drawn.now, drawn.name, drawn.phone, drawn.phone, goals)
    call = Transcript(plan, Caller(plan, BUSINESS, Corpus("development"), random.Random(1)))
    for pursuit in call.caller.pursuits:
        if isinstance(pursuit, Asking):
            pursuit.answered += answered
            pursuit.is_done = len(answered) == len(pursuit.goal.questions)
        if pursuit.wish is not None:
            wish = pursuit.wish
            call.rows.append(
                {
                    "service_id": wish.service_id, "start": wish.start.isoformat(), "name": wish.name,
                    "phone": wish.phone, "status": "confirmed", "is_new": True,
                }
            )  # fmt: skip
    return Case(call, judge(call))


def book() -> Goal:
    return next(
        plan.goals[0]
        for plan in (draw(index, seed=1, business=BUSINESS) for index in range(20))
        if plan.goals[0].kind == "book"
    )


def test_what_nobody_got_who_wanted_it_fails_the_run_by_name() -> None:
    booked = [case(book()) for _ in range(20)]
    assert figures(Run(tuple(booked)))["passes"]
    asking = Goal("ask", questions=QUESTIONS)
    unanswered = [case(asking, answered=("ask_price", "ask_hours", "ask_address")) for _ in range(ENOUGH)]
    unheard = [case(Goal("message")) for _ in range(ENOUGH)]
    document = figures(Run((*booked, *unanswered, *unheard)))
    assert document["missing"] == ["ask", "message", "ask_parking"]
    assert not document["passes"]
    assert "nobody who wanted it got: ask, message, ask parking." in markdown(document, "A run")


def test_one_who_got_it_is_enough_and_two_who_did_not_are_too_few() -> None:
    asking = Goal("ask", questions=QUESTIONS)
    cases = [case(book()), case(asking, answered=QUESTIONS), *(case(asking) for _ in range(5)), case(Goal("message"))]
    assert figures(Run(tuple(cases)))["missing"] == []


def test_where_nobody_takes_callers_a_person_wanted_is_a_message_left() -> None:
    plan = Plan(1, draw(1, seed=1, business=BUSINESS).now, "Dana Smith", "+15550123456", None, (Goal("human"),))
    assert [goal.kind for goal in with_whom_there_is(plan).goals] == ["message_instead"]
