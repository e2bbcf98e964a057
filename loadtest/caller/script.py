"""Scenario files: what the caller says, when, and what must come back. ``scenarios/README.md`` is the manual."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from loadtest.caller.errors import CallerError
from loadtest.caller.rtp import DTMF_KEYS

_PLACEHOLDER = re.compile(r"\$\{([\w.-]*)\}")


def _is_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"{text!r} is not a regular expression: {fault}") from None
    return text


def _is_keys(text: str) -> str:
    stray = sorted(set(text.upper()) - set(DTMF_KEYS))
    if stray:
        raise ValueError(f"{text!r} has {stray[0]!r}, which no telephone has; keys are {DTMF_KEYS}")
    return text.upper()


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_is_pattern)]
Keys = Annotated[str, Field(min_length=1), AfterValidator(_is_keys)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Caller(_Part):
    """Who calls: a voice (``hibari`` or ``joe``) and a number."""

    voice: Literal["hibari", "joe"] = "hibari"
    number: str = Field(default="+15550123456", alias="from", pattern=r"^\+?[0-9A-Za-z._-]{2,32}$")


class Limits(_Part):
    """Patience, in the units of the names."""

    answer_s: Seconds = 30.0  # INVITE → 200
    call_s: Seconds = 120.0  # 200 → the caller hangs up whatever happens
    reply_s: Seconds = 5.0  # end of the caller's words → NO_REPLY
    silence_ms: int = Field(default=800, ge=100, le=10_000)  # this much quiet ends an agent's turn


class BargeIn(_Part):
    """Speak into the agent's turn; ``after_s`` counts from the turn's first sound."""

    after_s: Seconds


class Action(_Part):
    """What the caller does; exactly one of these."""

    say: str | None = Field(default=None, min_length=1)
    dtmf: Keys | None = None
    wait_s: Seconds | None = None
    hangup: Literal[True] | None = None
    repeat: Literal[True] | None = None

    @property
    def kinds(self) -> list[str]:
        """Names of the actions given."""
        named = {"say": self.say, "dtmf": self.dtmf, "wait_s": self.wait_s, "hangup": self.hangup}
        return [name for name, value in {**named, "repeat": self.repeat}.items() if value is not None]


class Line(Action):
    """One step of the conversation, taken in order."""

    expect: list[Pattern] = []
    barge_in: BargeIn | None = None
    hangup_after_s: Seconds | None = None  # hang up this long into the words

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        if self.repeat or len(self.kinds) != 1:
            raise ValueError("give exactly one of say, dtmf, wait_s, hangup")
        if self.hangup_after_s is not None and not self.say:
            raise ValueError("hangup_after_s goes with say")
        if self.barge_in and self.wait_s is not None:
            raise ValueError("barge_in goes with say, dtmf or hangup")
        return self


class Rule(Action):
    """An answer to something no line expected."""

    when: list[Pattern] = Field(min_length=1)
    at_most: int = Field(default=2, ge=1, le=20)

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        if len(self.kinds) != 1:
            raise ValueError("give exactly one of say, dtmf, wait_s, hangup, repeat")
        return self


class End(_Part):
    """How the call must end. With ``expect_status`` it must never begin."""

    expect_bye: bool = False  # the agent hangs up, within ``within_s`` of the last line
    within_s: Seconds = 10.0
    expect_status: int | None = Field(default=None, ge=300, le=699)  # refused so, within ``within_s`` of INVITE
    expect_nothing: bool = False  # no final answer at all within ``within_s``


class Refer(_Part):
    """What becomes of a REFER; without this part it is not allowed (405)."""

    status: int | None = Field(default=200, ge=200, le=699)  # of the carrier's attempt; null: never told
    after_s: Seconds = 1.0


class Answer(_Part):
    """How an incoming call is taken (``answer`` only): after ringing it is refused so, never taken, or answered."""

    ring_s: Seconds = 1.0
    refuse: int | None = Field(default=None, ge=400, le=699)
    never: bool = False

    @property
    def picks_up(self) -> bool:
        """Whether anybody comes to the telephone."""
        return self.refuse is None and not self.never


class Checks(_Part):
    """What must hold of everything the agent was heard to say, and of the times measured."""

    agent_says: list[Pattern] = []
    agent_never_says: list[Pattern] = []
    max_response_ear_ms: Seconds | None = None
    max_barge_stop_ms: Seconds | None = None


class Scenario(_Part):
    """A scenario file."""

    name: str = Field(pattern=r"^[\w.-]+$")
    caller: Caller = Caller()
    limits: Limits = Limits()
    lines: list[Line] = []
    otherwise: list[Rule] = []
    hangup_while_ringing_s: Seconds | None = None
    refer: Refer | None = None
    answer: Answer | None = None
    end: End = End()
    checks: Checks = Checks()
    goal: dict[str, Any] = {}

    def spoken(self) -> list[str]:
        """Everything the caller may say, each once."""
        texts = [line.say for line in self.lines] + [rule.say for rule in self.otherwise]
        return list(dict.fromkeys(text for text in texts if text))

    @property
    def needs_ear(self) -> bool:
        """Whether the script cannot be followed without recognising the agent."""
        return bool(self.checks.agent_says or self.otherwise or any(line.expect for line in self.lines))


def load(path: Path, values: dict[str, str] | None = None) -> Scenario:
    """Read a scenario, with ``${key}`` replaced from ``values:`` in the file and then from the arguments.

    Raises: CallerError: unreadable, not YAML, an unknown or ill-typed key, or a placeholder without a value.
    """
    try:
        document = yaml.safe_load(path.read_text())
    except OSError as fault:
        raise CallerError(f"cannot read {path}: {fault.strerror}") from None
    except yaml.YAMLError as fault:
        raise CallerError(f"{path} is not YAML: {' '.join(str(fault).split())}") from None
    if not isinstance(document, dict):
        raise CallerError(f"{path} must be a mapping that begins with name: and lines:")
    defaults = document.pop("values", None) or {}
    if not isinstance(defaults, dict):
        raise CallerError(f"{path}: values must be a mapping of names to texts")
    known = {str(key): str(value) for key, value in {**defaults, **(values or {})}.items()}
    try:
        return Scenario.model_validate(_filled(document, known, path))
    except ValidationError as fault:
        raise CallerError(f"{path}: {_sentence(fault)}") from None


def _filled(node: Any, values: dict[str, str], path: Path) -> Any:
    if isinstance(node, dict):
        return {key: _filled(item, values, path) for key, item in node.items()}
    if isinstance(node, list):
        return [_filled(item, values, path) for item in node]
    if not isinstance(node, str):
        return node

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise CallerError(f"{path}: ${{{match[1]}}} has no value; add it under values: or pass --set")
        return values[match[1]]

    return _PLACEHOLDER.sub(value_of, node)


def _sentence(fault: ValidationError) -> str:
    """Say the first fault of a scenario in words."""
    first = fault.errors()[0]
    where = ""
    for part in first["loc"]:
        where += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if where else str(part)
    if first["type"] == "extra_forbidden":
        return f"{where or 'it'} is not a key a scenario has"
    message = first["msg"].removeprefix("Value error, ")
    more = f" (and {fault.error_count() - 1} more)" if fault.error_count() > 1 else ""
    return f"{where or 'the scenario'}: {message[0].lower()}{message[1:]}{more}"
