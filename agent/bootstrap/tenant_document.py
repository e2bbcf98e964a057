"""A tenant's document: YAML file or stored JSON, checked whole, turned into the domain's Tenant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.tenants.conversion import to_tenant
from agent.tenants.cross_checks import cross_faults
from agent.tenants.document import TenantDocument
from agent.tenants.faults import Fault, Place, shape_faults, shown, written
from agent.tenants.source import read_yaml


def load_tenant(path: Path) -> Tenant:
    """The tenant a file describes. Raises ConfigError naming every fault in it."""
    return to_tenant(load_document(path))


def load_document(path: Path) -> TenantDocument:
    """The checked document of a file. Raises ConfigError naming every fault in it, with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: cannot be read: not UTF-8") from None
    return document_of(text, str(path))


def document_of(text: str, source: str) -> TenantDocument:
    """The checked document of a YAML text. Raises ConfigError as `load_document`."""
    read = read_yaml(text, source)
    return parse_document(read.value, source, read.lines, read.faults)


def tenant_from_json(document: dict[str, Any], source: str = "tenant document") -> Tenant:
    """The tenant a stored document describes (`document_json` wrote it). Raises ConfigError."""
    return to_tenant(parse_document(document, source))


def document_json(document: TenantDocument) -> dict[str, Any]:
    """The document as it is stored."""
    return document.model_dump(mode="json", exclude_none=True)


def parse_document(
    value: Any, source: str, lines: Mapping[Place, int] | None = None, known: tuple[Fault, ...] = ()
) -> TenantDocument:
    """Check a document whole.

    Args:
        lines: of the fields in the file, if it comes from one.
        known: faults found while it was read.
    Raises: ConfigError: one line for each fault, in the order of the file.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{source}: expected a mapping of settings, got {shown(value)}")
    try:
        document = TenantDocument.model_validate(value)
    except ValidationError as error:
        faults = [*known, *shape_faults(error, TenantDocument)]
    else:
        faults = [*known, *cross_faults(document)]
        if not faults:
            return document
    raise ConfigError(written(faults, source, lines or {}))
