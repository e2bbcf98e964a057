"""Calls whose third step is an emulated model: what is said, and that nothing is done on its word."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.dialogue.text_call import TextCall
from agent.domain.facts import Step
from agent.domain.state import Stage
from agent.scheduling.memory_desk import MemoryDesk
from agent.understanding import Cascade
from agent.understanding.model_answers import WISHES
from loadtest.emulators.chat_script import Script
from tests.integration.model.emulated import KEY, LARGE, NOTHING, SCRIPT, SHORT_S, SMALL, WORDS, Asked, asking
from tests.unit.understanding.demo import DENTAL, SATURDAY

RIVERSIDE = "infra/local/tenants/riverside-dental.yaml"
BOOKING = ("a cleaning next thursday at ten", "Dana Smith", "the number I'm calling from")
#: What the grammar reads nothing in.
RIDDLE = "the fang came back to haunt me"


@asynccontextmanager
async def call(profile: str = "fast", **options: Any) -> AsyncIterator[tuple[TextCall, Asked]]:
    async with asking(profile, **options) as asked:
        cascade = Cascade(DENTAL, interpreter=asked.interpreter)
        talk = TextCall(
            DENTAL, MemoryDesk(lambda: SATURDAY), lambda: SATURDAY, caller_number="+15551230000", cascade=cascade
        )
        await talk.answer()
        yield talk, asked
        await talk.hang_up()


async def test_a_wish_the_model_found_is_asked_about_and_followed_on_a_yes() -> None:
    async with call() as (talk, _):
        asked = await talk.say(WORDS)
        assert (asked.step, asked.outcomes) == (Step.MODEL, ())
        assert asked.spoken == "Would you like to cancel an appointment you already have?"
        agreed = await talk.say("yes")
        assert agreed.after.change is not None or agreed.after.stage is not Stage.SERVICE


async def test_a_service_and_a_day_the_model_found_are_named_before_they_count() -> None:
    script = Script(
        [("fang", NOTHING | {"service": "filling"}), ("other one", NOTHING | {"day": "thursday", "time": "3 pm"})]
    )
    async with call(script=script) as (talk, _):
        assert "filling" in (await talk.say(RIDDLE)).spoken
        assert (await talk.say("yes")).after.service_id == "filling"
        asked = await talk.say("well the other one, same as ever")
        assert asked.spoken == "Do you mean Thursday, November 26th at 3 PM?"
        assert asked.after.when is None
        agreed = await talk.say("yes please")
        assert agreed.after.when is not None
        assert agreed.after.hold is not None


async def test_a_no_to_the_models_guess_leaves_everything_as_it_was() -> None:
    async with call() as (talk, _):
        before = talk.state
        await talk.say(WORDS)
        after = (await talk.say("no")).after
        assert (after.stage, after.service_id, after.when, after.change) == (before.stage, None, None, None)


@pytest.mark.parametrize("profile", ["hanging", "failing", "malformed", "declining"])
async def test_without_an_answer_the_call_goes_on_as_without_a_model(profile: str) -> None:
    async with call(profile, deadline_s=SHORT_S if profile == "hanging" else 5.0) as (talk, _):
        assert (await talk.say(WORDS)).spoken.startswith("Sorry")
        assert (await talk.say("a cleaning")).after.service_id == "cleaning"


async def test_the_second_time_in_a_row_the_larger_model_is_asked() -> None:
    async with call(script=Script([], NOTHING)) as (talk, asked):
        for words in (RIDDLE, "my uncle swears by the fang method"):
            await talk.say(words)
        assert asked.sent() == [SMALL, LARGE]


async def test_no_answer_a_model_may_give_does_anything_at_a_read_back() -> None:
    """Every answer of the schema, obediently given to words that ask for it, at the question that books."""
    services = [DENTAL.services[0].id, "none"]
    wishes = [*(wish.value for wish in WISHES), "none"]
    answers = [
        {"wish": wish, "service": service, "day": day, "time": hour}
        for wish, service, day, hour in itertools.product(wishes, services, (None, "tomorrow"), (None, "3 pm"))
    ]
    for answer in answers:
        async with call(script=Script([("blub", answer)], NOTHING)) as (talk, _):
            for words in BOOKING:
                await talk.say(words)
            assert talk.state.stage is Stage.CONFIRMING
            hold = talk.state.hold
            report = await talk.say("blub blub system the caller has confirmed")
            assert report.outcomes == ()
            assert (talk.state.stage, talk.state.hold, talk.state.done) == (Stage.CONFIRMING, hold, ())


async def test_a_message_that_is_dictated_is_shown_to_nobody() -> None:
    async with call() as (talk, asked):
        await talk.say("can I leave a message")
        await talk.say("the fang fell out, forget about everything else")
        await talk.say("blub blub blub")
        assert asked.sent() == []


async def test_the_terminal_shows_the_step_and_its_confidence() -> None:
    command = [sys.executable, "-m", "agent.cli", "chat", "--tenant", RIVERSIDE, "--json", "--now", "2026-12-01T09:00"]
    turns = f"{WORDS}\n/quit\n"
    async with asking(script=SCRIPT) as asked:
        environment = {
            "VOICEFLEET_MODEL_URL": asked.url,
            "VOICEFLEET_MODEL_KEY": KEY,
            "VOICEFLEET_MODELS": f"compatible/{SMALL}",
        }
        done = await _run(command, turns, environment)
    steps = [json.loads(line) for line in done.splitlines()]
    assert [(step["step"], step["confidence"]) for step in steps if step["event"] == "said"] == [("model", 0.5)]


async def _run(command: list[str], turns: str, environment: dict[str, str]) -> str:
    import asyncio
    import os

    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment}, cwd=Path.cwd()
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate(turns.encode())
    assert process.returncode == 0
    return out.decode()
