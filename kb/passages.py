"""What a knowledge base is made of: sources, and the passages that are read out of them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum

#: Spoken in about 12 s; a longer answer is not remembered by ear.
LONGEST_SPOKEN_CHARS = 200


class PassageKind(Enum):
    """What a passage is for."""

    FAQ = "faq"
    OBJECTION = "objection"
    POLICY = "policy"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Passage:
    """One answer, with the question or topic it belongs to: the smallest thing that is spoken, cited and changed.

    Attributes:
        key: its lasting name within its source, e.g. "do-you-take-delta-dental"; unique there.
        title: the question as a website would have it, or the topic.
        text: the answer as it was written, without markup.
        spoken: the same as it is said on the telephone: whole sentences, no links, no tables.
        questions: other ways to ask for it.
    """

    key: str
    kind: PassageKind
    title: str
    text: str
    spoken: str
    questions: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Of everything that is searched or said; a passage is unchanged when this is."""
        content = [self.kind.value, self.title, self.text, self.spoken, *self.questions]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """A file, page or table as it was read.

    Attributes:
        name: under which its passages are cited: a path within the folder that was added, or an address.
        sha256: of its bytes; an unchanged source is not read again.
    """

    name: str
    sha256: str
    passages: tuple[Passage, ...]


def key_of(title: str) -> str:
    """A heading as the name of its passage; "passage" when nothing is left of it."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "passage"
