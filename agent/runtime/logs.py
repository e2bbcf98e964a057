"""Structured logs: one JSON object a line, static event names, facts as keys.

Phone, card and social security numbers are masked wherever they appear; keys with a `pii` segment are dropped.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from agent.domain.redaction import redact

#: Seven or more digits, perhaps with separators, that are not part of a longer word or identifier.
_PHONE = re.compile(r"(?<![A-Za-z0-9.:-])\(?\+?\d(?:[\d\-\s().]{5,18})\d(?![A-Za-z0-9:-])")
_TIMES = frozenset({"timestamp", "started_at", "ended_at", "at"})


def mask_numbers(text: str) -> str:
    """Replace every phone number by its last two digits: '+15550123456' → '***56'; card and social security
    numbers go whole, spelled ones too."""
    return _PHONE.sub(
        lambda m: "***" + re.sub(r"\D", "", m.group())[-2:] if _is_long(m.group()) else m.group(), redact(text)
    )


def _is_long(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 7


def _scrub(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return _clean_mapping(event)


def _clean_mapping(facts: Mapping[Any, Any]) -> dict[Any, Any]:
    return {
        mask_numbers(key) if isinstance(key, str) else key: value if key in _TIMES else _clean(value)
        for key, value in facts.items()
        if not (isinstance(key, str) and "pii" in key.split("."))
    }


def _clean(value: Any) -> Any:
    """Without phone numbers and personal data, however deep."""
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, Mapping):
        return _clean_mapping(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    return value


def _as_text(value: object) -> str:
    """What JSON has no form for."""
    return value.isoformat() if isinstance(value, date) else mask_numbers(str(value))


def _from_record(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Facts that stdlib loggers pass by `extra` become keys, so that library lines carry them too."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        for key, value in record.__dict__.items():
            if key not in _RECORD_KEYS and key not in event:
                event[key] = value
    return event


_RECORD_KEYS = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "_logger",
    "_name",
}


def shared_processors() -> list[Processor]:
    """The chain that both our own loggers and the standard library's go through."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_ids,
    ]


def _trace_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = format(context.trace_id, "032x")
    return event


def configure(process: str, level: str = "INFO") -> None:
    """Send this process's logs, ours and libraries', to stderr as JSON lines.

    Args:
        process: bound to every line as `process`.
        level: lowest level written.
    """
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared_processors(),
        processors=[
            _from_record,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrub,
            structlog.processors.JSONRenderer(default=_as_text),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    _configure_structlog()
    structlog.contextvars.bind_contextvars(process=process)


def configure_child() -> None:
    """Logging in a job process, whose records are pickled to the worker after formatting.

    The chain ends in keyword arguments, so that every fact survives as an attribute of the record.
    """
    structlog.configure(
        processors=[*shared_processors(), _scrub, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _configure_structlog() -> None:
    structlog.configure(
        processors=[*shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> Any:
    """A logger for a module; events are static, facts are keyword arguments."""
    return structlog.stdlib.get_logger(name)
