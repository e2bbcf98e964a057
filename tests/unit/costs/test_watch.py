"""A call's account: told once when a budget is spent, and passed on to whoever else listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from structlog.testing import capture_logs

from agent.bootstrap.spending import Downgrade
from agent.costs.prices import list_prices
from agent.costs.watch import BudgetWatch
from agent.domain.budgets import Budget, Budgets, Elsewhere
from agent.domain.cost import CallCost
from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Kind, Provider, Unit, Used, parse_chain, parse_provider

MODEL = parse_provider(Kind.MODEL, "openai/gpt-4.1")
TODAY = date(2026, 11, 22)


@dataclass
class Ledger:
    """What was told to whoever counts."""

    attempts: list[Attempt] = field(default_factory=list)
    uses: list[Used] = field(default_factory=list)
    money: list[tuple[str, str, float]] = field(default_factory=list)
    spent: list[Budget] = field(default_factory=list)

    def attempted(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def used(self, used: Used) -> None:
        self.uses.append(used)

    def cost(self, kind: str, provider: str, cents: float) -> None:
        self.money.append((kind, provider, cents))

    def budget_spent(self, budget: Budget) -> None:
        self.spent.append(budget)


def watch(ledger: Ledger, budgets: Budgets, told: list[Budget]) -> BudgetWatch:
    return BudgetWatch(ledger, CallCost(list_prices(), TODAY), budgets, told.append, ledger)


def tokens(count: int) -> Used:
    return Used(MODEL, Unit.TOKENS_IN, count)


def test_a_spent_budget_is_told_once_with_one_line_and_stays_spent() -> None:
    ledger, told = Ledger(), list[Budget]()
    account = watch(ledger, Budgets(call_cents=1), told)
    with capture_logs() as logs:
        for count in (4_999, 1, 5_000, 5_000):
            account.used(tokens(count))
    assert told == ledger.spent == [Budget.CALL]
    assert [(line["event"], line["budget"], line["call_cents"]) for line in logs] == [("budget.spent", "call", 1.0)]
    assert account.figures() == {
        "cost_cents": 3.0,
        "cost_by_provider": {"model openai/gpt-4.1": 3.0},
        "budget_spent": "call",
    }
    assert len(ledger.uses) == 4


def test_a_day_that_others_spent_is_spent_before_this_call_costs_anything() -> None:
    ledger, told = Ledger(), list[Budget]()
    account = watch(ledger, Budgets(call_cents=100, day_cents=50), told)
    account.spent_elsewhere(Elsewhere(day=50 * 10_000_000))
    assert (account.spent, told) == (Budget.DAY, [Budget.DAY])


def test_money_is_metered_once_and_attempts_are_passed_on() -> None:
    ledger = Ledger()
    account = watch(ledger, Budgets(), [])
    account.used(tokens(1_000))
    account.meter()
    account.meter()
    account.used(tokens(500))
    account.line_held("local", 30.0)
    account.meter()
    attempt = Attempt(MODEL, Blame.SUCCESS, 0.1)
    account.attempted(attempt)
    assert ledger.money == [("model", "openai/gpt-4.1", 0.2), ("model", "openai/gpt-4.1", 0.1)]
    assert ledger.attempts == [attempt]


def test_a_provider_without_a_price_is_warned_of_once_and_is_not_free() -> None:
    account = watch(Ledger(), Budgets(), [])
    unknown = parse_provider(Kind.MODEL, "openai/gpt-9")
    with capture_logs() as logs:
        for _ in range(3):
            account.used(Used(unknown, Unit.TOKENS_IN, 1_000))
    assert [(line["event"], line["provider"]) for line in logs] == [("cost.price_unknown", "openai/gpt-9")]
    assert account.cost.nano_usd > 0


@dataclass
class Chain:
    """Providers of one kind, as a spent budget finds and leaves them."""

    use_hosted: bool = True
    preferred: Provider | None = None

    def prefer(self, provider: Provider | None) -> None:
        self.preferred = provider


@pytest.mark.parametrize(
    ("stt", "tts", "hears_hosted", "speaks_hosted", "preferred"),
    [
        ("deepgram/nova-3,local", "deepgram/aura-2-thalia-en,local", False, False, None),
        ("deepgram/nova-3", "deepgram/aura-2-thalia-en,local", True, False, None),
        ("deepgram/nova-3", "elevenlabs/eleven_flash_v2_5,openai/tts-1", True, False, "openai/tts-1"),
        ("local", "local", False, False, None),
    ],
)
def test_a_spent_budget_leaves_what_is_local_and_where_nothing_is_the_cheapest(
    stt: str, tts: str, hears_hosted: bool, speaks_hosted: bool, preferred: str | None
) -> None:
    downgrade = Downgrade(parse_chain(Kind.STT, stt), parse_chain(Kind.TTS, tts), list_prices())
    ears, voices = Chain(), Chain()
    downgrade.recogniser, downgrade.voices = ears, voices
    downgrade(Budget.CALL)
    assert (ears.use_hosted, voices.use_hosted) == (hears_hosted, speaks_hosted)
    assert (voices.preferred.name if voices.preferred else None) == preferred
