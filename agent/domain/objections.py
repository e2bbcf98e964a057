"""The reasons callers give not to go on."""

from __future__ import annotations

from enum import Enum


class Objection(Enum):
    """Why a caller hesitates."""

    PRICE = "price"
    TRUST = "trust"
    TIMING = "timing"
    THINK = "think"
    COMPETITOR = "competitor"
    ROBOT = "robot"
    RECORDED = "recorded"
