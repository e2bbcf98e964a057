"""Providers as they look from the wire, with named latencies and faults, so that nothing needs a key or a network.

Nothing of the agent is imported: an emulator knows its provider's protocol and not who speaks to it.
"""
