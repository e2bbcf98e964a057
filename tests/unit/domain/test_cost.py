"""Money by table: what amounts cost, by which price, and when a budget is spent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.domain.budgets import Budget, Budgets, Elsewhere, day_began, month_began, spent_budget
from agent.domain.cost import NANO_PER_CENT, CallCost, Item, Price, PriceList, cents
from agent.domain.providers import Kind, Provider, Unit, Used

EARLY, LATE = date(2026, 1, 1), date(2026, 7, 1)
NOVA = Item("stt", "deepgram/nova-3", "audio_s")
FLUX = Item("stt", "deepgram/flux*", "audio_s")
LINE = Item("telephony", "carrier", "line_s")
PRICES = PriceList(
    {
        NOVA: (Price(6_000_000, 60, EARLY, "a"), Price(12_000_000, 60, LATE, "b")),
        FLUX: (Price(60_000_000, 60, EARLY, "a"),),
        Item("stt", "deepgram/flux-general*", "audio_s"): (Price(18_000_000, 60, EARLY, "a"),),
        Item("stt", "local", "audio_s"): (Price(0, 60, EARLY, "a"),),
        Item("tts", "some/voice", "characters"): (Price(30_000_000, 1000, EARLY, "a"),),
        LINE: (Price(5_000_000, 60, EARLY, "a", block=60),),
    }
)


@pytest.mark.parametrize(
    ("price", "amount", "nano_usd"),
    [
        (Price(6_500_000, 60, EARLY, ""), 60_000, 6_500_000),
        (Price(6_500_000, 60, EARLY, ""), 1_000, 108_333),
        (Price(6_500_000, 60, EARLY, ""), 2_000, 216_667),
        (Price(1, 2, EARLY, ""), 1_000, 1),
        (Price(0, 60, EARLY, ""), 10**12, 0),
        (Price(5_000_000, 60, EARLY, "", block=60), 1, 5_000_000),
        (Price(5_000_000, 60, EARLY, "", block=60), 60_000, 5_000_000),
        (Price(5_000_000, 60, EARLY, "", block=60), 60_001, 10_000_000),
        (Price(5_000_000, 60, EARLY, "", block=60), 0, 0),
    ],
)
def test_an_amount_costs_its_share_and_whole_blocks_where_blocks_are_billed(
    price: Price, amount: int, nano_usd: int
) -> None:
    assert price.of(amount) == nano_usd


@pytest.mark.parametrize(
    ("item", "on", "source_nano"),
    [
        (NOVA, date(2026, 6, 30), 6_000_000),
        (NOVA, LATE, 12_000_000),
        (NOVA, date(2030, 1, 1), 12_000_000),
        (NOVA, date(2020, 1, 1), 6_000_000),
        (Item("stt", "deepgram/flux-general-en", "audio_s"), EARLY, 18_000_000),
        (Item("stt", "deepgram/flux-other", "audio_s"), EARLY, 60_000_000),
        (Item("tts", "deepgram/flux-other", "audio_s"), EARLY, None),
        (Item("stt", "deepgram/nova-30", "audio_s"), EARLY, None),
        (Item("stt", "deepgram/nova-3", "characters"), EARLY, None),
    ],
)
def test_the_price_is_the_one_of_its_day_and_of_the_closest_name(item: Item, on: date, source_nano: int | None) -> None:
    found = PRICES.price(item, on)
    assert (found and found.nano_usd) == source_nano


def test_what_has_no_price_costs_the_dearest_of_its_kind_and_never_nothing() -> None:
    assert PRICES.price_or_dearest(Item("stt", "new/one", "audio_s"), LATE).nano_usd == 60_000_000
    assert PRICES.price_or_dearest(Item("model", "new/one", "characters"), LATE).nano_usd == 30_000_000
    with pytest.raises(KeyError):
        PRICES.price_or_dearest(Item("model", "new/one", "tokens_in"), LATE)


def test_a_provider_without_a_price_is_named_by_what_it_is_paid_by() -> None:
    assert PRICES.missing(Provider(Kind.STT, "deepgram", "nova-3"), EARLY) == ()
    assert PRICES.missing(Provider(Kind.MODEL, "openai", "gpt"), EARLY) == (Unit.TOKENS_IN, Unit.TOKENS_OUT)
    assert PRICES.missing(Provider(Kind.TTS, "some", "other"), EARLY) == (Unit.CHARACTERS,)


def test_the_cheapest_of_a_chain_is_found_and_of_none_there_is_none() -> None:
    chain = (Provider(Kind.STT, "deepgram", "flux-x"), Provider(Kind.STT, "deepgram", "nova-3"))
    assert PRICES.cheapest(chain, EARLY) == chain[1]
    assert PRICES.cheapest((), EARLY) is None


def test_a_call_costs_what_was_used_and_the_time_it_was_up() -> None:
    cost = CallCost(PRICES, LATE)
    nova, voice = Provider(Kind.STT, "deepgram", "nova-3"), Provider(Kind.TTS, "some", "voice", "anna")
    for _ in range(4):
        cost.use(Used(nova, Unit.AUDIO_S, 7.5))
    cost.use(Used(voice, Unit.CHARACTERS, 100))
    cost.use(Used(Provider(Kind.STT, "local"), Unit.AUDIO_S, 300))
    cost.hold_line("carrier", 61.0)
    cost.hold_line("carrier", 62.0)
    assert cost.by_provider() == {
        ("stt", "deepgram/nova-3"): 6_000_000,
        ("tts", "some/voice"): 3_000_000,
        ("stt", "local"): 0,
        ("telephony", "carrier"): 10_000_000,
    }
    assert cost.nano_usd == 19_000_000
    assert cents(cost.nano_usd) == 1.9
    assert cost.unpriced == set()


def test_a_call_names_what_it_counted_without_a_price() -> None:
    cost = CallCost(PRICES, LATE)
    cost.use(Used(Provider(Kind.STT, "new", "one"), Unit.AUDIO_S, 60))
    assert cost.nano_usd == 60_000_000
    assert cost.unpriced == {Item("stt", "new/one", "audio_s")}


CENT = NANO_PER_CENT
ALL = Budgets(call_cents=10, day_cents=20, month_cents=30, fleet_day_cents=40)


@pytest.mark.parametrize(
    ("budgets", "here", "elsewhere", "spent"),
    [
        (ALL, 0, Elsewhere(), None),
        (ALL, 10 * CENT - 1, Elsewhere(), None),
        (ALL, 10 * CENT, Elsewhere(), Budget.CALL),
        (ALL, CENT, Elsewhere(call=9 * CENT, day=9 * CENT), Budget.CALL),
        (ALL, CENT, Elsewhere(day=19 * CENT), Budget.DAY),
        (ALL, CENT, Elsewhere(day=18 * CENT, month=29 * CENT), Budget.MONTH),
        (ALL, CENT, Elsewhere(fleet_day=39 * CENT), Budget.FLEET),
        (ALL, CENT, Elsewhere(day=99 * CENT, month=99 * CENT, fleet_day=99 * CENT), Budget.DAY),
        (Budgets(), 10**15, Elsewhere(10**15, 10**15, 10**15, 10**15), None),
        (Budgets(call_cents=0, day_cents=0), 10**15, Elsewhere(day=10**15), None),
        (Budgets(call_cents=1), CENT, Elsewhere(), Budget.CALL),
    ],
)
def test_a_budget_is_spent_by_this_call_and_all_that_share_it(
    budgets: Budgets, here: int, elsewhere: Elsewhere, spent: Budget | None
) -> None:
    assert spent_budget(budgets, here, elsewhere) is spent


def test_a_tenant_chooses_its_limits_but_not_the_fleets() -> None:
    own = Budgets(call_cents=5, day_cents=0, fleet_day_cents=9999)
    assert own.or_else(ALL) == Budgets(call_cents=5, day_cents=0, month_cents=30, fleet_day_cents=40)
    assert own.or_else(ALL).look_beyond_the_call
    assert not Budgets(call_cents=5, day_cents=0).look_beyond_the_call


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        (utc(7, 1, 3), utc(6, 30, 4), utc(6, 1, 4)),
        (utc(7, 1, 4), utc(7, 1, 4), utc(7, 1, 4)),
        (utc(3, 20, 0), utc(3, 19, 4), utc(3, 1, 5)),  # the month began in winter time
    ],
)
def test_days_and_months_are_the_tenants(now: datetime, day: datetime, month: datetime) -> None:
    zone = ZoneInfo("America/New_York")
    assert (day_began(now, zone), month_began(now, zone)) == (day, month)
