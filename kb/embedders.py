"""The models whose vectors can be made here, by the names they are stored under.

A name says all that makes two vectors comparable: the model, and the number of dimensions where one was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from kb.embedding import LOCAL_MODEL, Embedder

#: Makes the embedder of a model at the endpoint, with as many dimensions; None leaves their number to the model.
Remote = Callable[[str, int | None], Embedder]
_WITH_DIMENSIONS = re.compile(r"(?P<model>.+) \((?P<dimensions>\d+)\)")


def stored_name(model: str | None, dimensions: int | None) -> str:
    """Under which name vectors are stored; without a model they are the local one's."""
    if model is None or model == LOCAL_MODEL:
        return LOCAL_MODEL
    return model if dimensions is None else f"{model} ({dimensions})"


class Embedders(Mapping[str, Embedder]):
    """The local model, if it is at hand, and every other name at the endpoint, if there is one.

    So a base can be searched by the model it was made with while the settings name another of the same endpoint.

    Args:
        wanted: the name of the model that bases are to have.
        remote: None without an endpoint.
    """

    def __init__(self, wanted: str, *, local: Embedder | None, remote: Remote | None) -> None:
        self.wanted = wanted
        self._remote = remote
        self._made: dict[str, Embedder] = {} if local is None else {LOCAL_MODEL: local}

    def wanted_by(self, *, is_private: bool) -> str:
        """The model a tenant's base is to have: a private tenant's callers are not quoted to anybody outside."""
        return LOCAL_MODEL if is_private else self.wanted

    def __getitem__(self, name: str) -> Embedder:
        if name not in self._made:
            if name == LOCAL_MODEL or self._remote is None:
                raise KeyError(name)
            fits = _WITH_DIMENSIONS.fullmatch(name)
            model, dimensions = (fits["model"], int(fits["dimensions"])) if fits else (name, None)
            self._made[name] = self._remote(model, dimensions)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)
