"""Who objected to being recorded is not on file, whichever agent they told and whatever became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from agent.dialogue.recording import Recording, path_in
from agent.domain.state import CallState
from agent.storage.calls import CallKey
from tests.dialogue.fakes import Caller
from tests.dialogue.telephone import Telephone


@pytest.mark.parametrize("objects", [True, False])
async def test_an_agent_that_takes_over_deletes_what_the_one_before_it_was_told_not_to_keep(
    tmp_path: Path, objects: bool
) -> None:
    caller = Caller()
    await caller.answered()
    await caller.says("I don't want to be recorded." if objects else "I need a haircut.")
    call = CallKey(uuid4(), uuid4(), datetime.now(UTC))
    kept, mine = (Recording(path_in(tmp_path, "salon", call, epoch)) for epoch in (1, 2))
    kept.start()
    await kept.stop()
    state = CallState.from_json(caller.conversation.state.to_json())
    phone = Telephone(Caller(caller.desk, state), mine)
    await phone.live.begin()
    await phone.live.aclose()
    assert kept.path.exists() is not objects
