"""Reports as files for whoever reads them: a folder a tenant, a file a run, the newest kept."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.domain.errors import DependencyUnavailable

#: Reports of one tenant that are kept.
KEPT_REPORTS = 30


class ReportFolder:
    """The folder of all tenants; it and what is in it are for its user alone, for questions are callers' words."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def write(self, slug: str, run: int, content: Mapping[str, Any]) -> None:
        """Write a tenant's report and delete its oldest; whoever reads meanwhile sees whole files only.

        Raises: DependencyUnavailable: the folder cannot be written.
        """
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        try:
            await asyncio.to_thread(self._write, slug, f"run-{run:06d}.json", text)
        except OSError as error:
            raise DependencyUnavailable(f"a report cannot be written: {error.strerror}") from None

    def _write(self, slug: str, name: str, text: str) -> None:
        folder = self._path / slug
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f".{name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(folder / name)
        for old in (*sorted(folder.glob("run-*.json"))[:-KEPT_REPORTS], *folder.glob(".run-*.json.part")):
            old.unlink(missing_ok=True)
