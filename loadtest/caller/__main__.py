"""``python -m loadtest.caller``."""

from __future__ import annotations

import sys

from loadtest.caller.cli import main

sys.exit(main())
