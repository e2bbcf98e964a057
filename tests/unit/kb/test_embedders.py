"""Which model is asked for a name that vectors are stored under."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kb.embedders import Embedders, stored_name
from kb.embedding import LOCAL_MODEL, FloatArray


class Numbered:
    """An embedder that can be told from others."""

    def __init__(self, model: str, dimensions: int | None) -> None:
        self.asked = (model, dimensions)

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        return np.zeros((len(texts), 1), np.float32)


@pytest.mark.parametrize("model", ["small", "@host/large", "gecko@003", "odd (name)"])
@pytest.mark.parametrize("dimensions", [None, 512])
def test_a_stored_name_leads_back_to_the_model_and_its_dimensions(model: str, dimensions: int | None) -> None:
    found = Embedders(LOCAL_MODEL, local=None, remote=Numbered)[stored_name(model, dimensions)]
    assert isinstance(found, Numbered)
    assert found.asked == (model, dimensions)


@pytest.mark.parametrize("model", [None, LOCAL_MODEL])
def test_the_local_model_is_meant_where_none_or_itself_is_named(model: str | None) -> None:
    assert stored_name(model, None) == LOCAL_MODEL


def test_the_local_name_never_leads_to_the_endpoint() -> None:
    local = Numbered("local", None)
    assert LOCAL_MODEL not in Embedders("small", local=None, remote=Numbered)
    assert Embedders("small", local=local, remote=Numbered)[LOCAL_MODEL] is local


def test_without_an_endpoint_only_the_local_model_is_at_hand() -> None:
    embedders = Embedders(LOCAL_MODEL, local=Numbered("local", None), remote=None)
    assert embedders.get("small") is None
    assert list(embedders) == [LOCAL_MODEL]


def test_a_model_is_opened_once() -> None:
    embedders = Embedders("small", local=None, remote=Numbered)
    assert embedders["small"] is embedders["small"]


def test_a_private_tenants_base_is_to_have_the_local_model() -> None:
    embedders = Embedders("small", local=None, remote=Numbered)
    assert embedders.wanted_by(is_private=True) == LOCAL_MODEL
    assert embedders.wanted_by(is_private=False) == "small"
