"""Models asked one after the other: who answers when one fails, who is left out, and what is reported of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from agent.domain.errors import Blame, ConfigError, DeadlineExceeded, FleetError
from tests.integration.model.chained import ANSWER, KINDS, MOST_TOKENS, chained, question

FIRST, SECOND, WHOLE = "openai/some", "responses/some", "groq/some"
#: Of a model in which nothing comes, before the next is asked.
BRIEF_S = 0.2
NOTHING_COMES = ("hanging", "mute")
FAULTS = ("limited", "failing", "malformed", "dropping", "stalling", "dripping", "flooding", *NOTHING_COMES)


@pytest.mark.parametrize("vendor", ["openai", "responses", "groq", "compatible"])
async def test_every_vendor_answers_by_the_schema_and_what_it_counted_is_reported(vendor: str) -> None:
    async with chained(f"{vendor}/some") as one:
        answer = await one.ask()
        counts = await one.on.counts(KINDS[vendor])
    assert (json.loads(answer.text), answer.by) == (json.loads(ANSWER), f"{vendor}/some")
    assert answer.tokens == (counts["input_tokens"], counts["output_tokens"])
    assert one.reports.amounts() == [
        (vendor, "tokens_in", counts["input_tokens"]),
        (vendor, "tokens_out", counts["output_tokens"]),
    ]
    (attempt,) = one.reports.attempts
    assert (attempt.blame, attempt.first_s is not None) == (Blame.SUCCESS, True)


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        (names, fault)
        for names in ((FIRST, SECOND), (SECOND, FIRST), (WHOLE, SECOND))
        for fault in FAULTS
        if (names[0], fault) != (WHOLE, "dripping")  # what comes in one piece does not drip
    ],
)
async def test_when_one_fails_the_next_answers_and_both_are_reported(names: tuple[str, str], fault: str) -> None:
    is_brief = fault in NOTHING_COMES or names[0] == WHOLE
    async with chained(",".join(names), first_token_s=BRIEF_S if is_brief else 5.0) as both:
        await both.on.order("faults", kind=KINDS[names[0].partition("/")[0]], fault=fault)
        answer = await both.ask()
    assert (answer.by, answer.text) == (names[1], ANSWER)
    assert [attempt.provider.name for attempt in both.reports.attempts] == list(names)
    failed, succeeded = both.reports.attempts
    assert (failed.blame, succeeded.blame) == (Blame.UPSTREAM, Blame.SUCCESS)
    assert names[0] in failed.reason


async def test_the_last_one_has_what_is_left_of_the_whole_time() -> None:
    async with chained(f"{FIRST},{SECOND}", first_token_s=BRIEF_S) as both:
        await both.on.order("profiles", kind="responses", profile="slow")
        await both.on.order("faults", kind="chat", fault="hanging")
        assert (await both.ask()).by == SECOND, "slower than the first one may be"


async def test_when_nothing_comes_from_anybody_it_ends_in_time() -> None:
    async with chained(f"{FIRST},{SECOND}", first_token_s=BRIEF_S) as both:
        for kind in ("chat", "responses"):
            await both.on.order("faults", kind=kind, fault="mute")
        with pytest.raises(DeadlineExceeded, match=f"model {SECOND}: no word"):
            await both.ask(deadline_s=3 * BRIEF_S)
    assert [attempt.blame for attempt in both.reports.attempts] == [Blame.UPSTREAM] * 2


async def test_one_whose_breaker_is_open_is_not_asked_and_with_all_open_nobody_is() -> None:
    async with chained(f"{FIRST},{SECOND}") as both:
        both.breakers.open_vendors.add("openai")
        assert (await both.ask()).by == SECOND
        assert "requests" not in await both.on.counts("chat")
        assert both.chain.can_answer(is_hard=False)
        both.breakers.open_vendors.add("responses")
        assert not both.chain.can_answer(is_hard=False)
        assert not both.chain.can_answer(is_hard=True)


async def test_one_that_refused_our_key_is_not_asked_again_in_this_call() -> None:
    async with chained(f"{FIRST},{SECOND}", wrong_key=frozenset({"openai"})) as both:
        with capture_logs() as logs:
            assert [(await both.ask()).by for _ in range(3)] == [SECOND] * 3
        assert (await both.on.counts("chat"))["refused"] == 1
    assert [attempt.blame for attempt in both.reports.attempts] == [Blame.CLIENT, *[Blame.SUCCESS] * 3]
    assert "sk-wrong" not in str(logs)


async def test_once_everybody_refused_our_key_nobody_is_left() -> None:
    async with chained(FIRST, wrong_key=frozenset({"openai"})) as one:
        with pytest.raises(ConfigError):
            await one.ask()
        assert not one.chain.can_answer(is_hard=True)


@pytest.mark.parametrize("name", [FIRST, SECOND, WHOLE])
@pytest.mark.parametrize("fault", ["declining", "truncated"])
async def test_an_answer_that_is_none_is_no_failure_of_the_provider(name: str, fault: str) -> None:
    async with chained(f"{name},compatible/other") as both:
        await both.on.order("faults", kind=KINDS[name.partition("/")[0]], fault=fault)
        answer = await both.ask()
    assert answer.by == name
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.text)
    assert [attempt.blame for attempt in both.reports.attempts] == [Blame.SUCCESS]


@pytest.mark.parametrize(
    ("fault", "is_paid"), [("uncounted", True), ("stalling", True), ("mute", True), ("limited", False)]
)
async def test_what_nobody_counted_is_estimated_at_the_most_and_a_refusal_costs_nothing(
    fault: str, is_paid: bool
) -> None:
    async with chained(FIRST) as one:
        await one.on.order("faults", kind="chat", fault=fault)
        try:
            await one.ask(deadline_s=1.0)
        except FleetError:
            assert fault != "uncounted"
    paid = [("openai", "tokens_in", question().most_tokens_in), ("openai", "tokens_out", MOST_TOKENS)]
    assert one.reports.amounts() == (paid if is_paid else [])


async def test_a_request_given_up_is_paid_for_and_blames_nobody() -> None:
    async with chained(FIRST) as one:
        await one.on.order("faults", kind="chat", fault="hanging")
        asking = asyncio.ensure_future(one.ask())
        async with asyncio.timeout(10):
            while not (await one.on.counts("chat"))["faults"]:
                pass
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert [used.amount for used in one.reports.uses] == [question().most_tokens_in, MOST_TOKENS]
    assert one.reports.attempts == []


async def test_what_is_hard_is_asked_of_the_larger_ones() -> None:
    async with chained(f"{FIRST},{SECOND}") as both:
        answer = await both.chain.complete(question(), is_hard=True, deadline_s=5.0)
    assert answer.by == SECOND


async def test_nothing_that_was_asked_or_answered_is_in_a_line_of_the_log() -> None:
    async with chained(f"{FIRST},{SECOND}") as both:
        with capture_logs() as logs:
            for kind in ("chat", "responses"):
                await both.on.order("faults", kind=kind, fault="failing")
            with pytest.raises(FleetError):
                await both.chain.complete(question("the Zanzibar thing"), is_hard=False, deadline_s=5.0)
    assert [entry["provider"] for entry in logs] == [FIRST, SECOND]
    assert "zanzibar" not in str(logs).lower()
