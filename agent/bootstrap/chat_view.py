"""How a text call looks in a terminal: what was understood and done in small print, the words in plain."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from uuid import UUID

from agent.dialogue.turn_report import TurnReport, kind_name, set_fields
from agent.domain.events import CallerHungUp, Event, PromptCut, Silent
from agent.domain.openings import Opening
from agent.domain.requests import Effect
from agent.domain.tenant import Tenant

_LABEL_WIDTH = 12
#: Parts of the state that the lines and the stage show already.
_SHOWN_OTHERWISE = frozenset({"stage", "question", "last_lines"})
_DIM, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class ChatView:
    """Turns reports into text.

    Attributes:
        tenant: its time zone and staff make times readable.
        has_colour: with escape sequences for a terminal.
        is_echoing: also print the caller's words, which a terminal shows already.
        width: columns, at which rows are broken.
    """

    tenant: Tenant
    has_colour: bool = False
    is_echoing: bool = True
    width: int = 100

    def shown(self, report: TurnReport) -> str:
        """A report as lines of text, the agent's words last."""
        rows = []
        if report.heard is None or self.is_echoing:
            rows.append(self._row("caller", _caller_did(report), _BOLD))
        rows += [self._row(label, text, _DIM) for label, text in self._small_print(report)]
        if report.spoken:
            rows.append(self._row("agent", report.spoken, _BOLD))
        if report.disposition is not None:
            rows.append(self._row("call", report.disposition.value, _DIM))
        return "\n".join(row for row in rows if row) + "\n"

    def _small_print(self, report: TurnReport) -> list[tuple[str, str]]:
        understood = self._fields(report.understood)
        changes = {name: value for name, value in report.changes.items() if name not in _SHOWN_OTHERWISE}
        before, after = report.before.stage.value, report.after.stage.value
        return [
            ("understood", understood or ("nothing" if report.heard is not None else "")),
            ("step", "" if report.step is None else f"{report.step.value}, confidence {report.confidence:.2f}"),
            ("state", before if before == after else f"{before} -> {after}"),
            ("changes", self._fields(changes)),
            ("lines", ", ".join(said.key.value for said in report.lines)),
            *(("cited", f"{each.name} {each.used}, score {each.score:.2f}") for each in report.cited),
            *(("effect", self._done(effect, outcome)) for effect, outcome in report.outcomes),
        ]

    def _done(self, effect: Effect, outcome: Event | None) -> str:
        """An effect and its answer: "hold_opening … -> held"."""
        answer = "" if outcome is None else f" -> {kind_name(outcome)}"
        return f"{kind_name(effect)} {self._fields(set_fields(effect))}{answer}"

    def _fields(self, values: dict[str, Any]) -> str:
        return "; ".join(f"{name} {self._value(value)}" for name, value in values.items())

    def _value(self, value: Any) -> str:
        """A value in as few characters as a reader needs; times are local to the tenant."""
        match value:
            case None:
                return "-"
            case bool():
                return "yes" if value else "no"
            case Enum():
                return str(value.value)
            case Opening(staff_id, start_at):
                return f"{self._value(start_at)} {self._staff(staff_id)}"
            case datetime():
                return f"{value.astimezone(self.tenant.zone):%a %Y-%m-%d %H:%M}"
            case date():
                return f"{value:%a %Y-%m-%d}"
            case time():
                return f"{value:%H:%M}"
            case UUID():
                return _short(str(value))
            case tuple():
                return "[" + ", ".join(self._value(each) for each in value) + "]"
            case frozenset():
                return "[" + ", ".join(sorted(self._value(each) for each in value)) + "]"
            case _ if is_dataclass(value):
                return f"({self._fields(set_fields(value))})"
        return _short(str(value))

    def _staff(self, staff_id: UUID) -> str:
        names = [person.name for person in self.tenant.staff if person.id == staff_id]
        return names[0] if names else _short(str(staff_id))

    def _row(self, label: str, text: str, style: str) -> str:
        if not text:
            return ""
        row = textwrap.fill(
            text,
            self.width,
            initial_indent=f"{label:<{_LABEL_WIDTH}}",
            subsequent_indent=" " * _LABEL_WIDTH,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return f"{style}{row}{_PLAIN}" if self.has_colour else row


def _caller_did(report: TurnReport) -> str:
    """The caller's words, or in brackets what they did instead; empty before they have done anything."""
    match report.event:
        case PromptCut(heard_fraction):
            return f"(interrupts after {heard_fraction:.0%} of that)"
        case Silent(count):
            return f"(silent, {count} in a row)"
        case CallerHungUp():
            return "(hangs up)"
    return report.heard or ""


def _short(text: str) -> str:
    """Ids and keys by their beginning: nobody reads the rest."""
    return text[:8] if re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}", text) else text
