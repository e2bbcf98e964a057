"""What every scenario acts on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from loadtest.chaos import business
from loadtest.chaos.calling import Calling
from loadtest.chaos.plan import Kind, Target
from loadtest.emulators.orders import Emulators


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stack with emulated providers.

    Attributes:
        targets: the first provider of each kind.
        folder: of the run: recordings, documents, results.
        dice: not seeded: what was said in an earlier run may be in a cache of speech.
    """

    targets: Mapping[Kind, Target]
    calling: Calling
    emulators: Emulators
    database_url: str
    folder: Path
    console: Console
    dice: random.Random = field(default_factory=random.Random)

    def open_business(self, codes: Mapping[str, str] | None = None) -> None:
        """The business that most trials call, with new codes. Raises CommandFailed."""
        written = business.document("maple-street-dental", business.PLAIN, codes or business.codes(self.dice))
        business.open_business(self.folder, written)
