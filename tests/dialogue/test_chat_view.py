"""What a text call looks like in a terminal and in a pipe."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.bootstrap.chat_view import ChatView
from agent.dialogue.text_call import TextCall
from tests.dialogue.fakes import NOW, TENANT, Desk

PIPE = ChatView(TENANT)
TERMINAL = replace(PIPE, has_colour=True, is_echoing=False)


async def test_a_terminal_gets_colour_and_not_its_own_words_again() -> None:
    call = TextCall(TENANT, Desk(), lambda: NOW)
    await call.answer()
    report = await call.say("A cleaning on Thursday at 3 PM.")
    plain = PIPE.shown(report)
    assert "\x1b" not in plain
    assert plain.startswith("caller      A cleaning on Thursday at 3 PM.\n")
    assert plain.removeprefix("caller      A cleaning on Thursday at 3 PM.\n") == re.sub(
        r"\x1b\[\d*m", "", TERMINAL.shown(report)
    )


async def test_what_the_caller_did_without_words_is_shown_in_both() -> None:
    call = TextCall(TENANT, Desk(), lambda: NOW)
    await call.answer()
    assert "(interrupts after 40% of that)" in TERMINAL.shown(call.cut(0.4))
    assert "(silent, 1 in a row)" in PIPE.shown(await call.stay_silent())
    assert "(hangs up)" in TERMINAL.shown(await call.hang_up())


async def test_times_are_the_tenants_nothing_is_said_to_be_nothing_and_rows_keep_to_the_width() -> None:
    call = TextCall(TENANT, Desk(), lambda: NOW)
    await call.answer()
    assert "understood nothing" in " ".join(PIPE.shown(await call.say("Blah.")).split())
    shown = replace(PIPE, width=60).shown(await call.say("A cleaning on Thursday at 3 PM."))
    assert "hold_opening service_id cleaning; opening Thu 2026-12-03 15:00 Dr. Lee -> held" in " ".join(shown.split())
    assert max(len(row) for row in shown.splitlines()) <= 60
