"""One condition of the benchmark summed up: a profile at so many calls at once."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from loadtest.caller.pace import Paces
from loadtest.caller.rtp import PLAYOUT_MS
from loadtest.evaluation.intervals import upper_bound
from loadtest.latency import figures
from loadtest.latency.figures import Spread
from loadtest.latency.path import STAGES
from loadtest.latency.turns import Disturbed, Measured

#: Of the turns at the ear so many are looked at one by one.
_WORST_SHARE = 0.05
#: Work takes about once or about twice as long as at best, so this parts turns that were mostly fast from the others.
_HALF_SLOWED = 1.5
_SEED = 6
#: How long the caller waits for the agent to stop; who has not stopped then counts with so much.
NO_STOP_MS = 3000.0


@dataclass(frozen=True, slots=True)
class Condition:
    """What was measured.

    Attributes:
        turns: of calls that count; of all kinds.
        stops_ms: barge-ins that made the agent stop; `unstopped` those that did not.
        void: why calls of it do not count, by call.
        faults: calls that went wrong, in sentences; their turns count as far as they came.
        paces: how fast the machine was meanwhile.
    """

    profile: str
    at_once: int
    turns: Sequence[Measured]
    stops_ms: Sequence[float] = ()
    unstopped: int = 0
    disturbed: Sequence[Disturbed] = ()
    void: Mapping[int, Sequence[str]] = field(default_factory=dict)
    faults: Sequence[str] = ()
    paces: Paces = field(default_factory=lambda: Paces([]))

    @property
    def judged(self) -> list[Measured]:
        """Turns that the ear has a figure of and that the agent says words began."""
        return [turn for turn in self.turns if turn.ear_ms is not None]


def summary(condition: Condition) -> dict[str, Any]:
    """Everything that is reported of it, JSON-ready; milliseconds."""
    judged = condition.judged
    counted = [turn for turn in judged if _is_counted(turn)]
    transport = transport_ms(counted)
    paced = [(turn, pace) for turn in judged if (pace := condition.paces.around(turn.at_s)) is not None]
    return {
        "profile": condition.profile,
        "at_once": condition.at_once,
        "calls": len({turn.call for turn in condition.turns}),
        "turns": len(judged),
        "no_reply": sum(not turn.is_answered for turn in judged),
        "misheard": sum(not turn.is_right for turn in judged),
        "not_understood": sum("understood_by" not in turn.facts for turn in counted),
        "ear": {name: ear(turns) for name, turns in (_apart(judged) | _by_pace(paced)).items()},
        "budget": budget(counted, transport),
        "residual": residual(counted, transport),
        "barge_ins": {
            "n": len(condition.stops_ms) + condition.unstopped,
            "no_stop": condition.unstopped,
            "stop": _json(Spread.of([*condition.stops_ms, *[NO_STOP_MS] * condition.unstopped])),
        },
        "noises": {kind: noises(condition.disturbed, kind) for kind in sorted({d.noise for d in condition.disturbed})},
        "noises_all": noises(condition.disturbed, None),
        "worst": worst(judged, transport),
        "providers": _used(counted),
        "void": {str(call): list(why) for call, why in condition.void.items()},
        "faults": list(condition.faults),
        "slowed": statistics.fmean(pace for _, pace in paced) if paced else None,
        "work_ms": condition.paces.mean_ms,
    }


def _is_counted(turn: Measured) -> bool:
    """Whether its stages add up to a delay: words of the caller's began it, and the reply was the first sound."""
    return bool(turn.waits) and turn.is_answered and turn.facts.get("begun_by") == "words"


def _apart(turns: Sequence[Measured]) -> dict[str, list[Measured]]:
    """Turns by what one would expect of them."""
    kinds: dict[str, Callable[[Measured], bool]] = {
        "all": lambda turn: True,
        "plainly complete": lambda turn: turn.facts.get("is_plain") is True and not turn.facts.get("asked_model"),
        "others": lambda turn: turn.facts.get("is_plain") is False and not turn.facts.get("asked_model"),
        "a model asked": lambda turn: turn.facts.get("asked_model") is True,
        "synthesised": lambda turn: turn.facts.get("is_cached") is False,
        "cached": lambda turn: turn.facts.get("is_cached") is True,
    }
    return {name: [turn for turn in turns if belongs(turn)] for name, belongs in kinds.items()}


def _by_pace(paced: Sequence[tuple[Measured, float]]) -> dict[str, list[Measured]]:
    """Turns by how slow the machine was around them; nothing where nobody noted it."""
    if not paced:
        return {}
    return {
        "near the run's best pace": [turn for turn, pace in paced if pace <= _HALF_SLOWED],
        "well below it": [turn for turn, pace in paced if pace > _HALF_SLOWED],
    }


def ear(turns: Sequence[Measured]) -> dict[str, Any] | None:
    """The delay at the ear; None of no turns."""
    spread = Spread.of([turn.ear_ms for turn in turns if turn.ear_ms is not None])
    if spread is None:
        return None
    calls: dict[int, list[float]] = {}
    for turn in turns:
        if turn.ear_ms is not None:
            calls.setdefault(turn.call, []).append(turn.ear_ms)
    return {
        **asdict(spread),
        "mean_interval_95": list(figures.by_call(calls, figures.mean, _SEED)),
        "p95_interval_95": list(figures.by_call(calls, figures.p95, _SEED)),
    }


def transport_ms(turns: Sequence[Measured]) -> dict[int, tuple[float, float]]:
    """The way in and the way out, by call: medians over its turns, or over the run's where a call has none."""
    ins = _by_call(turns, lambda turn: turn.in_ms)
    outs = _by_call(turns, lambda turn: turn.out_ms)
    if not ins or not outs:
        return {}
    any_in = statistics.median(value for values in ins.values() for value in values)
    any_out = statistics.median(value for values in outs.values() for value in values)
    return {
        call: (statistics.median(ins.get(call, [any_in])), statistics.median(outs.get(call, [any_out])))
        for call in {turn.call for turn in turns}
    }


def _by_call(turns: Sequence[Measured], figure: Callable[[Measured], float | None]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for turn in turns:
        if (value := figure(turn)) is not None:
            found.setdefault(turn.call, []).append(value)
    return found


def parts(turn: Measured, transport: Mapping[int, tuple[float, float]]) -> dict[str, float]:
    """A turn's delay at the ear in parts; the residual is what the others leave unexplained, or explain too much."""
    way_in, way_out = transport[turn.call]
    assert turn.ear_ms is not None
    known = {"way_in": way_in, **turn.waits, "way_out": way_out, "playout": float(PLAYOUT_MS)}
    return {**known, "residual": turn.ear_ms - sum(known.values())}


def budget(turns: Sequence[Measured], transport: Mapping[int, tuple[float, float]]) -> dict[str, Any]:
    """Each part's spread over the turns, in the order of a turn."""
    rows = [parts(turn, transport) for turn in turns if turn.call in transport]
    names = ("way_in", *STAGES, "way_out", "playout", "residual")
    return {name: _json(Spread.of([row[name] for row in rows])) for name in names} if rows else {}


def residual(turns: Sequence[Measured], transport: Mapping[int, tuple[float, float]]) -> dict[str, Any] | None:
    """What is left between the ear and the sum; None of no turns."""
    left = [parts(turn, transport)["residual"] for turn in turns if turn.call in transport]
    if not left:
        return None
    low, high = (float(value) for value in np.percentile(left, (5, 95)))
    return {"n": len(left), "median": statistics.median(left), "p5": low, "p95": high}


def worst(turns: Sequence[Measured], transport: Mapping[int, tuple[float, float]]) -> list[dict[str, Any]]:
    """The slowest turns at the ear, slowest first, each with the part that exceeded its usual length most."""
    ordered = sorted(turns, key=lambda turn: turn.ear_ms or 0.0, reverse=True)
    counted = [turn for turn in turns if _is_counted(turn) and turn.call in transport]
    rows = [parts(turn, transport) for turn in counted]
    usual = {name: statistics.median(row[name] for row in rows) for name in rows[0]} if rows else {}
    return [
        {
            "call": turn.call,
            "line": turn.line + 1,
            "said": turn.said,
            "heard": turn.heard,
            "ear_ms": turn.ear_ms,
            **_why(turn, transport, usual),
            "facts": dict(turn.facts),
        }
        for turn in ordered[: max(1, round(len(ordered) * _WORST_SHARE))]
    ]


def _why(
    turn: Measured, transport: Mapping[int, tuple[float, float]], usual: Mapping[str, float]
) -> dict[str, str | float]:
    if not turn.is_answered:
        return {"cost_by": "no reply"}
    if not _is_counted(turn) or turn.call not in transport:
        return {"cost_by": "no marks"}
    over = {name: value - usual[name] for name, value in parts(turn, transport).items()}
    stage = max(over, key=lambda name: over[name])
    return {"cost_by": stage, "over_usual_ms": over[stage]}


def noises(disturbed: Sequence[Disturbed], kind: str | None) -> dict[str, Any]:
    """How many noises lost the reply they met: n, lost, share, upper bound at 95 %, and how many made it pause."""
    met = [each for each in disturbed if kind in (None, each.noise)]
    lost = sum(each.is_lost for each in met)
    return {
        "n": len(met),
        "lost": lost,
        "share": lost / len(met) if met else 0.0,
        "upper_95": upper_bound(lost, len(met)) if met else 1.0,
        "paused": sum(each.paused_ms > 0.0 for each in met),
    }


def _used(turns: Sequence[Measured]) -> dict[str, dict[str, int]]:
    used: dict[str, dict[str, int]] = {}
    for key in ("heard_by", "understood_by", "spoken_by"):
        names = [str(turn.facts.get(key, "")) for turn in turns]
        used[key] = {name: names.count(name) for name in sorted(set(names))}
    return used


def _json(spread: Spread | None) -> dict[str, Any] | None:
    return None if spread is None else asdict(spread)
