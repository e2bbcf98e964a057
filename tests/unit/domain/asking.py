"""A question put beside the booking."""

from __future__ import annotations

from agent.domain.call import PENDING_STAGES, TABLE
from agent.domain.events import Said
from tests.unit.domain.desk import Desk

ASKING = sorted({stage for stage, kind in TABLE if kind is Said} - PENDING_STAGES, key=lambda stage: stage.value)


def desk_after(*turns: str) -> Desk:
    desk = Desk()
    desk.answer()
    for turn in turns:
        desk.hear(turn)
    return desk


BOOKING = ("A cleaning.", "Next Thursday at 3.", "Dana Smith.", "555-012-3456")
