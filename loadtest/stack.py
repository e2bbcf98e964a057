"""Where the stack on this machine is dialled."""

from __future__ import annotations

import os

#: What the stack exports to whoever runs inside it: host and port of its SIP server.
ADDRESS = "VOICEFLEET_STACK_SIP"
_DEMO_NUMBER = "+15550100100"


def dialled() -> str:
    """The SIP URI of the demo number: at the stack that runs us, else at this machine's own address."""
    return f"sip:{_DEMO_NUMBER}@{os.environ.get(ADDRESS) or '127.0.0.1:5060'}"
