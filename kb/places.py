"""Where a business's knowledge is: files, folders of them, and pages of its website."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from agent.domain.errors import Blame, DependencyUnavailable, FleetError
from kb.reading import SUFFIXES

#: As large as the largest that is read, a PDF.
_MOST_BYTES = 64_000_000
_FETCH_S = 20.0
_MOST_REDIRECTS = 5


class Unreadable(FleetError):
    """A source cannot be read."""

    default_blame = Blame.CLIENT


@dataclass(frozen=True, slots=True)
class Place:
    """A file or an address, and the name its passages are cited under."""

    name: str
    path: Path | None = None
    url: str | None = None


def places_of(words: Sequence[str]) -> list[Place]:
    """Files as given, those of folders in order of their names, addresses as given; each name once.

    A file is named by its path from above the folder that was given, one given by itself by that from above its own: so
    adding either again finds it, wherever from.
    Raises: Unreadable: there is no such file or folder, or a folder holds nothing that can be read.
    """
    found: dict[str, Place] = {}
    for word in words:
        if word.startswith(("http://", "https://")):
            found[word] = Place(word, url=word)
            continue
        path = Path(word)
        if path.is_dir():
            files = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())
            if not files:
                raise Unreadable(f"{word}: no Markdown, CSV, HTML or PDF in this folder")
            found |= {name: Place(name, path=each) for each in files if (name := _name(each, path))}
        elif path.is_file():
            name = _name(path, path.parent)
            found[name] = Place(name, path=path)
        else:
            raise Unreadable(f"{word}: no such file or folder")
    return list(found.values())


def folder_names(words: Sequence[str]) -> tuple[str, ...]:
    """What the names of files from the folders among these begin with."""
    return tuple(f"{Path(word).resolve().name}/" for word in words if Path(word).is_dir())


def _name(file: Path, folder: Path) -> str:
    return (Path(folder.resolve().name) / file.relative_to(folder)).as_posix()


async def contents(place: Place) -> tuple[bytes, str | None]:
    """The bytes of a place, and its media type when its server says one.

    Raises:
        Unreadable: it cannot be read, or is too large.
        DependencyUnavailable: its server does not answer, blamed on the client: the address is theirs.
    """
    if place.url is not None:
        return await _fetched(place.url)
    assert place.path is not None
    try:
        if place.path.stat().st_size > _MOST_BYTES:
            raise Unreadable(f"{place.name}: larger than {_MOST_BYTES // 1_000_000} MB; split it")
        return await asyncio.to_thread(place.path.read_bytes), None
    except OSError as error:
        raise Unreadable(f"{place.name}: {(error.strerror or type(error).__name__).lower()}") from None


async def _fetched(url: str) -> tuple[bytes, str | None]:
    try:
        async with (
            asyncio.timeout(_FETCH_S),
            httpx.AsyncClient(
                follow_redirects=True, trust_env=False, max_redirects=_MOST_REDIRECTS, timeout=_FETCH_S
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise Unreadable(f"{url}: its server answered {response.status_code}")
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    raise Unreadable(f"{url}: larger than {_MOST_BYTES // 1_000_000} MB")
            return bytes(body), response.headers.get("content-type") or None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        reason = str(error) or "it did not answer in time"
        raise DependencyUnavailable(f"{url}: {reason}", blame=Blame.CLIENT) from None
