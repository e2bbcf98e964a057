"""The one error of this package."""

from __future__ import annotations


class StackError(Exception):
    """Something the user can mend; the message is one sentence that says what and where."""
