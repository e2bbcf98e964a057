"""The businesses that are called, as the fleet takes them."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from agent.bootstrap.tenant_document import document_of
from agent.tenants.conversion import to_tenant
from loadtest.chaos.business import HOSTED, PENNY, PLAIN, codes, document


@pytest.mark.parametrize(
    ("number", "more"),
    [(PLAIN, {}), (HOSTED, {"providers": {"stt": ["deepgram/nova-3"]}}), (PENNY, {"budget": {"call_cents": 1}})],
)
def test_each_is_a_document_without_faults(number: str, more: dict[str, Any]) -> None:
    written = document("a-dentist", number, codes(random.Random(1)), **more)
    assert to_tenant(document_of(yaml.safe_dump(written), "business.yaml")).numbers == (number,)
