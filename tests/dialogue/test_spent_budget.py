"""A caller whose call has a budget of one cent: the model falls silent, and the booking goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from agent.bootstrap.spending import Downgrade
from agent.costs.prices import list_prices
from agent.costs.watch import BudgetWatch
from agent.dialogue.text_call import TextCall
from agent.domain.budgets import Budget, Budgets
from agent.domain.cost import CallCost
from agent.domain.outcome import Disposition
from agent.domain.providers import Kind, Reports, Unit, Unreported, Used, parse_provider
from agent.runtime.completions import Completion, Question
from agent.understanding import Cascade
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.interpreter import ModelInterpreter
from tests.dialogue.fakes import CALLER, NOW, TENANT, Desk
from tests.dialogue.virtual_time import run_virtually

PROVIDER = parse_provider(Kind.MODEL, "openai/gpt-4.1")
#: Words that only a model can make something of.
STRANGE = ("It is about those pearly whites of mine.", "Well, the ivories want their usual polish, you know.")


@dataclass
class Model:
    """Understands nothing, and tells what it was paid: a quarter of a cent an answer."""

    reports: Reports
    asked: list[str] = field(default_factory=list)

    def can_answer(self, *, is_hard: bool) -> bool:
        return True

    async def complete(self, question: Question, *, is_hard: bool, deadline_s: float) -> Completion:
        self.asked.append(question.messages[-1]["content"])
        self.reports.used(Used(PROVIDER, Unit.TOKENS_IN, 1_250))
        return Completion('{"wish": null, "service": null, "day": null, "time": null}', PROVIDER.name, (200, 20))

    async def warm(self) -> None:
        """Nothing is to be opened."""

    async def aclose(self) -> None:
        """Nothing is open."""


async def _nothing() -> int:
    return 0


def _call(budgets: Budgets) -> tuple[TextCall, Model, BudgetWatch, Desk]:
    downgrade = Downgrade((), (), list_prices())
    watch = BudgetWatch(Unreported(), CallCost(list_prices(), date(2026, 11, 22)), budgets, downgrade)
    model = Model(watch)
    asked = AskedModel(model, Manner(1.5), Allowance(100_000, 100_000), _nothing)
    downgrade.model = asked
    desk = Desk()
    cascade = Cascade(TENANT, interpreter=ModelInterpreter(TENANT, asked))
    return TextCall(TENANT, desk, lambda: NOW, caller_number=CALLER, cascade=cascade), model, watch, desk


async def _book(call: TextCall) -> Disposition | None:
    await call.answer()
    for words in (
        *STRANGE, "I'd like a cleaning.", *STRANGE, "Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes.",
    ):  # fmt: skip
        await call.say(words)
    return (await call.say("No, thanks.")).disposition


def test_with_a_budget_of_one_cent_a_call_finishes_a_booking_without_the_model() -> None:
    async def through() -> None:
        unlimited, free_model, _, _ = _call(Budgets())
        assert await _book(unlimited) is Disposition.BOOKED
        call, model, watch, desk = _call(Budgets(call_cents=1))
        watch.used(Used(PROVIDER, Unit.TOKENS_IN, 2_500))
        assert await _book(call) is Disposition.BOOKED
        assert len(free_model.asked) > 2, "the same caller with money is read by the model"
        assert len(model.asked) == 2, "two quarters of a cent, on top of the half spent before"
        assert watch.spent is Budget.CALL
        assert len(desk.bookings) == 1

    run_virtually(through())


def test_a_budget_spent_before_the_first_word_leaves_the_model_out_of_the_whole_call() -> None:
    async def through() -> None:
        call, model, watch, _ = _call(Budgets(call_cents=1))
        watch.used(Used(PROVIDER, Unit.TOKENS_IN, 5_000))
        assert await _book(call) is Disposition.BOOKED
        assert model.asked == []

    run_virtually(through())
