"""The evaluation itself, small: real callers' turns through the pipe to the real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loadtest.evaluation.door import DoorError, open_door

TENANT = Path("infra/local/tenants/riverside-dental.yaml")
CALL = {
    "do": "call", "now": "2026-12-01T09:00", "from": "+15551230000",
    "booked": [{"service_id": "cleaning", "start": "2026-12-03T15:00", "name": "Dana Smith", "phone": "+15551230000"}],
}  # fmt: skip


async def test_a_call_through_the_pipe_changes_the_diary_it_was_given() -> None:
    async with open_door(TENANT, "--grammar-only") as door:
        greeted = await door.ask(**CALL)
        assert "Riverside Dental" in greeted["spoken"]
        asked = await door.ask(do="say", words="I need to cancel my appointment.")
        assert "Shall I cancel it?" in asked["spoken"]
        await door.ask(do="cut", heard=0.9)
        await door.ask(do="say", words="Yes.")
        left = await door.ask(do="hang_up")
    (row,) = left["rows"]
    assert (row["start"], row["status"], row["is_new"]) == ("2026-12-03T15:00:00", "cancelled", False)
    assert left["messages"] == []


async def test_a_message_left_through_the_pipe_can_be_read_behind_it() -> None:
    async with open_door(TENANT, "--grammar-only") as door:
        await door.ask(**CALL)
        await door.ask(do="say", words="I'd like to leave a message.")
        await door.ask(do="say", words="My crown came off.")
        await door.ask(do="hang_up")
        await door.ask(**CALL)
        await door.ask(do="say", words="I'd like to leave a message.")
        await door.ask(do="say", words="The bill is wrong.")
        (message,) = (await door.ask(do="hang_up"))["messages"]
    assert (message["reason"], message["text"], message["phone"]) == ("message", "The bill is wrong.", CALL["from"])
    assert not message["is_confirmed"]


@pytest.mark.parametrize("person", ["+15550109300", None])
async def test_a_caller_is_put_through_where_a_person_is_there_and_only_there(person: str | None) -> None:
    async with open_door(TENANT, "--grammar-only") as door:
        await door.ask(**CALL, person=person)
        said = await door.ask(do="say", words="Can I talk to a person?")
        left = await door.ask(do="hang_up")
    assert said["is_ended"] is (person is not None)
    assert left["transfers"] == ([person] if person else [])


@pytest.mark.parametrize("asked", [{"do": "say", "words": "Hello"}, {**CALL, "now": "yesterday"}, {"do": "dance"}])
async def test_a_line_that_means_nothing_ends_the_process_with_a_reason(asked: dict[str, Any]) -> None:
    async with open_door(TENANT, "--grammar-only") as door:
        with pytest.raises(DoorError):
            await door.ask(**asked)


def test_sixty_callers_are_served_and_reported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtest.evaluation", "--n", "60", "--seed", "7", "--out", str(tmp_path)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    document = json.loads((tmp_path / "evaluation.json").read_text())
    assert document["dialogues"] == len(document["calls"]) == 60
    assert document["wrong"]["rows"] == 0, done.stdout
    assert document["open_holds"] == 0
    assert document["empty_promises"] == 0
    assert document["goals"]["book"]["all"]["share"] > 0.9, done.stdout
    assert document["words"]["real_share"] > 0.5
    assert document["missing"] == []
    assert (tmp_path / "worst.txt").exists()
    assert "| book | all |" in (tmp_path / "evaluation.md").read_text()
