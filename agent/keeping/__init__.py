"""What must happen although no call is looking: admission, re-dispatch, orphans, housekeeping.

`decide` holds the rules and does nothing; `observer` gathers what it judges by; `actions` carries them out.
"""
