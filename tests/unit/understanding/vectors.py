"""Writes the embeddings of every sentence that never changes: python -m tests.unit.understanding.vectors

To be run after an inventory was changed; a test says when that was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.bootstrap.tenant_document import load_tenant
from agent.understanding.inventory import load_inventory
from agent.understanding.meaning import VECTORS, ServiceNames
from agent.understanding.vectors import store
from tests.unit.understanding import nlupp

CALLERS = Path("tests/data/callers")
TENANTS = {
    "dental": "infra/local/tenants/riverside-dental.yaml",
    "garage": "infra/local/tenants/bayview-auto-repair.yaml",
}


def files() -> dict[Path, list[str]]:
    """Each file of vectors with the sentences it is to hold, once each and in order."""
    names = [name for path in TENANTS.values() for _, name in ServiceNames.named(load_tenant(Path(path)))]
    return {
        VECTORS: _once(text for name in ("wishes", "emergencies") for text in load_inventory(name).texts),
        nlupp.VECTORS: _once(
            row.text
            for domain in nlupp.DOMAINS
            for part in ("development", "held_back")
            for row in nlupp.rows(domain, part)
        ),
        CALLERS / "vectors.npz": _once(callers_texts() + names),
    }


def callers_texts() -> list[str]:
    """What callers say, of the sentences that are kept back."""
    tables, plain = sorted(CALLERS.glob("*_held_back.*sv")), sorted(CALLERS.glob("*_held_back.txt"))
    return [line.rsplit("\t", 1)[-1] for path in tables for line in _lines(path)] + [
        line for path in plain for line in _lines(path)
    ]


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


if __name__ == "__main__":
    from agent.inference.minilm import MiniLmEngine

    engine = MiniLmEngine()
    for path, texts in files().items():
        store(path, texts, engine.embed(texts))
        print(f"{path}: {len(texts)} sentences, {path.stat().st_size // 1024} KiB")
