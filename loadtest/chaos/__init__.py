"""Providers that fail while somebody is on the telephone, and what the caller hears of it."""
