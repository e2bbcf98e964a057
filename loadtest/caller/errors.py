"""The caller's one exception."""

from __future__ import annotations


class CallerError(Exception):
    """Something the person at the terminal can put right, said in one sentence."""
