"""Imported once by the server that every job process is forked from: what is here costs no call anything.

Clients of hosted providers take two seconds of a processor to import, the sentences that meanings are likened to a
fifth, prompts and price list a tenth; a process for each call that did so itself would keep the calls that are up from
theirs.
"""

from __future__ import annotations

import contextlib

from agent.bootstrap import job, model  # noqa: F401 job is what every process runs
from agent.costs.prices import list_prices
from agent.dialogue.prompts import load_prompts
from agent.dialogue.prompts.fragments import load_fragments
from agent.domain.errors import FleetError
from agent.providers import clients
from agent.runtime.settings import WorkerSettings, load
from agent.tenants.callers_law import state_by_area_code
from agent.tenants.default_texts import default_texts
from agent.tenants.us_states import us_states
from agent.understanding.meaning import installed_models

_LANGUAGE = "en"

with contextlib.suppress(FleetError):  # whoever starts a call with such settings says what is wrong with them
    _settings = load(WorkerSettings)
    model.prepare(_settings)
    clients.prepare(_settings)
    list_prices(_settings.prices_file)
    installed_models()
    load_prompts(_LANGUAGE)
    load_fragments(_LANGUAGE)
    default_texts(_LANGUAGE)
    us_states()
    state_by_area_code()
