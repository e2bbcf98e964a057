"""Writes docs/config.md from the settings' own fields: python -m tests.unit.runtime.config_page"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from agent.runtime.settings import BaseProcessSettings, InferenceSettings, KeeperSettings, WorkerSettings

PATH = Path("docs/config.md")
PROCESSES: dict[str, type[BaseProcessSettings]] = {
    "worker": WorkerSettings,
    "keeper": KeeperSettings,
    "inference": InferenceSettings,
}


def write() -> str:
    """The page: one row a variable, with the processes that read it."""
    readers: dict[tuple[str, str, str], list[str]] = {}
    for process, kind in PROCESSES.items():
        for name, field in kind.model_fields.items():
            row = (_variable(kind, name, field), _default(field), _meaning(field))
            readers.setdefault(row, []).append(process)
    rows = [
        f"| `{name}` | {default} | {meaning} | {', '.join(by)} |" for (name, default, meaning), by in readers.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Written from `agent/runtime/settings.py` by `python -m tests.unit.runtime.config_page`; a test compares",
            "the two. Every process reads them once, from its environment, and names every fault before it ends.",
            "The one-machine stack sets them itself; its own settings are in `infra/local/stack.toml`. `voicefleet`",
            "reads those it shares with the worker.",
            "",
            "| variable | default | meaning | read by |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _variable(kind: type[BaseProcessSettings], name: str, field: FieldInfo) -> str:
    return str(field.validation_alias or f"{kind.model_config['env_prefix']}{name.upper()}")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if value is None:
        return "unset"
    if isinstance(value, Path) and value.is_relative_to(Path.home()):
        return f"`~/{value.relative_to(Path.home())}`"
    return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
    """The description, with the bounds of a number or the names to choose from."""
    lowest = [str(rule.ge) for rule in field.metadata if isinstance(rule, Ge)]
    highest = [f"to {rule.le}" for rule in field.metadata if isinstance(rule, Le)]
    choices = " or ".join(f"`{name}`" for name in get_args(field.annotation) if isinstance(name, str))
    limits = " ".join([*lowest, *(highest or ["or more"] * len(lowest))]) or choices
    return f"{field.description} {limits}.".replace("|", "\\|") if limits else str(field.description)


if __name__ == "__main__":
    PATH.write_text(write(), encoding="utf-8")
