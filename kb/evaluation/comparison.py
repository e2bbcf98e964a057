"""A run against the one before: which questions got worse, which better, and what changed in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.storage.kb_history import BaseChange
from agent.storage.kb_questions import SetQuestion
from kb.deciding import Thresholds
from kb.evaluation.judging import LivePassages, Outcome, Result, is_source, name_of, source_of

#: Versions named where it is open which of them made a question worse.
_MOST_VERSIONS = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run stood on: the base's version, whose vectors were searched, and what counted as sure."""

    version: int
    model: str
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the base since the earlier run.

    Attributes:
        live: the passages that are searched now.
        versions: made in between, in order.
    """

    before: Ground
    now: Ground
    live: LivePassages
    versions: Sequence[BaseChange]


@dataclass(frozen=True, slots=True)
class Moved:
    """A question whose result is not what it was.

    Attributes:
        because: what of the base changed that bears on it, each a clause; empty for what got better.
    """

    question: SetQuestion
    before: Outcome
    now: Outcome
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run is beside an earlier one.

    Attributes:
        worse: right then and not now, or spoken wrong now and not then; the worst first.
        compared: questions that both runs asked.
    """

    worse: tuple[Moved, ...]
    better: tuple[Moved, ...]
    compared: int


def compare(
    questions: Sequence[SetQuestion], before: Mapping[str, Outcome], now: Mapping[str, Outcome], changes: Changes
) -> Comparison:
    """Hold two runs of a set against each other, question by question.

    Args:
        questions: the set as it was run now; one that is in one run only is not compared.
        before, now: outcomes by question.
    """
    both = [each for each in questions if each.id in before and each.id in now]
    worse, better = [], []
    for question in both:
        then, here = before[question.id], now[question.id]
        if here.result.badness > then.result.badness:
            worse.append(Moved(question, then, here, tuple(_reasons(question, here, changes))))
        elif here.result.badness < then.result.badness:
            better.append(Moved(question, then, here))
    worse.sort(key=lambda moved: moved.now.result is not Result.MISSPOKEN)
    return Comparison(tuple(worse), tuple(better), len(both))


def _reasons(question: SetQuestion, now: Outcome, changes: Changes) -> Iterable[str]:
    """Everything that changed and bears on a question; if nothing does, what else changed."""
    found = [*_of_its_passages(question, changes), *_of_its_rival(question, now, changes), *_of_all(changes)]
    return found or [_elsewhere(changes.versions)]


def _of_its_passages(question: SetQuestion, changes: Changes) -> Iterable[str]:
    is_hopeless = bool(question.expects) and not changes.live.expected_by(question)
    for name in question.expects:
        retired = [each for each in changes.versions if each.retired and is_source(each.source_name, source_of(name))]
        if not changes.live.named(name) and (retired or is_hopeless):
            yield f"{name} is not in the base any more" + (f" ({_version(retired[-1])})" if retired else "")
    for passage in changes.live.expected_by(question):
        if passage.since_version > changes.before.version:
            yield f"{name_of(passage)} was added or changed (version {passage.since_version})"


def _of_its_rival(question: SetQuestion, now: Outcome, changes: Changes) -> Iterable[str]:
    if now.best is None or now.place == 1:
        return
    for rival in changes.live.named(now.best.name):
        if rival.since_version > changes.before.version and name_of(rival) == now.best.name:
            yield f"{now.best.name} was added or changed (version {rival.since_version})"


def _of_all(changes: Changes) -> Iterable[str]:
    before, now = changes.before, changes.now
    if before.model != now.model:
        yield f"searched by {now.model} now, by {before.model} then"
    if before.thresholds != now.thresholds:
        yield f"{_shown(now.thresholds)} now, {_shown(before.thresholds)} then"


def _elsewhere(versions: Sequence[BaseChange]) -> str:
    if not versions:
        return "nothing of the base changed: the program did"
    named = ", ".join(_version(change) for change in versions[-_MOST_VERSIONS:])
    earlier = len(versions) - _MOST_VERSIONS
    return f"other passages changed ({named}{f' and {earlier} before' if earlier > 0 else ''})"


def _version(change: BaseChange) -> str:
    return f"version {change.version}, of {change.source_name}"


def _shown(thresholds: Thresholds) -> str:
    return f"spoken from {thresholds.accept:.2f} on and asked about from {thresholds.confirm:.2f}"
