"""What the scenario has the caller do next, and how far they have come in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from loadtest.caller.record import Record
from loadtest.caller.script import Action, Line, Scenario

#: A pattern with a class of digits, or seven in a row: it may hang on how a long number is heard.
_OF_NUMBER = re.compile(r"\\d|\d{7}")


@dataclass(frozen=True)
class Cue:
    """An action that is due: ``name`` is its place in the script ("line 3"), ``pattern`` what let it be."""

    action: Action
    name: str
    pattern: str | None


@dataclass
class Prompter:
    """The caller's place in the script."""

    scenario: Scenario
    record: Record
    active: Action | None = None
    _next_line: int = 0
    _used: dict[int, int] = field(default_factory=dict)
    _last_said: tuple[str, str] | None = None

    @property
    def line(self) -> Line | None:
        """The next line; None when all have been taken."""
        lines = self.scenario.lines
        return lines[self._next_line] if self._next_line < len(lines) else None

    @property
    def line_name(self) -> str:
        """The next line as sentences name it."""
        return f"line {self._next_line + 1}"

    @property
    def is_through(self) -> bool:
        """Whether every line has been taken; the last one may still be being said."""
        return self._next_line >= len(self.scenario.lines)

    @property
    def lines_left(self) -> int:
        """Lines that have not been taken."""
        return len(self.scenario.lines) - self._next_line

    @property
    def minds_number(self) -> bool:
        """Whether what comes next may hang on how a long number is heard."""
        patterns = [when for rule in self.scenario.otherwise for when in rule.when]
        patterns += self.line.expect if self.line else []
        return any(_OF_NUMBER.search(pattern) for pattern in patterns)

    def cue(self, matching: Callable[[list[str]], str | None], *, has_ear: bool) -> Cue | None:
        """What the agent's turn calls for: the next line before any rule; None for nothing.

        Args:
            matching: the pattern that the turn fits.
            has_ear: False: every turn is what the next line expects.
        """
        line = self.line
        if line:
            pattern = matching(line.expect) if has_ear else None
            if pattern or not line.expect or not has_ear:
                return Cue(line, self.line_name, pattern)
        for number, rule in enumerate(self.scenario.otherwise):
            pattern = matching(rule.when)
            repeatable = not rule.repeat or self._last_said
            if pattern and repeatable and self._used.get(number, 0) < rule.at_most:
                self._used[number] = self._used.get(number, 0) + 1
                return Cue(rule, f"otherwise {number + 1}", pattern)
        return None

    def take(self, action: Action) -> tuple[str, str]:
        """Go on to an action. Returns: its kind (say, dtmf, wait, hangup) and its words or keys."""
        self.active = action
        if isinstance(action, Line):
            self._next_line += 1
        kind, text = self._last_said if action.repeat and self._last_said else _spoken(action)
        if kind in ("say", "dtmf"):
            self._last_said = (kind, text)
        return kind, text

    def finish(self) -> None:
        """What was taken has been done."""
        self.record.lines_done = self._next_line


def _spoken(action: Action) -> tuple[str, str]:
    if action.say is not None:
        return "say", action.say
    if action.dtmf is not None:
        return "dtmf", action.dtmf
    return ("hangup", "") if action.hangup else ("wait", "")
