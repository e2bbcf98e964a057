"""Imported once by the server that every job process is forked from: what is here costs no call anything.

Clients of hosted providers take two seconds of a processor to import, the price list a tenth; a process for each call
that did so itself would keep the calls that are up from theirs.
"""

from __future__ import annotations

import contextlib

from agent.bootstrap import job, model  # noqa: F401 job is what every process runs
from agent.costs.prices import list_prices
from agent.domain.errors import FleetError
from agent.providers import clients
from agent.runtime.settings import WorkerSettings, load

with contextlib.suppress(FleetError):  # whoever starts a call with such settings says what is wrong with them
    _settings = load(WorkerSettings)
    model.prepare(_settings)
    clients.prepare(_settings)
    list_prices(_settings.prices_file)
