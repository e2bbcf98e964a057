"""``python -m loadtest.caller``."""

from __future__ import annotations

import signal
import sys

from loadtest.caller.cli import main

# Being told to stop is no reason to leave the agent on the line: it ends like Ctrl-C, with a BYE.
# A shell starts its background jobs with SIGINT ignored, and Python then leaves it so.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.exit(main())
