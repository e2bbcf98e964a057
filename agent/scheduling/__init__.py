"""Openings, holds and bookings: the rules are in `agent.domain`, the rows in `agent.storage`."""
