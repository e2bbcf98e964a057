"""Sentences that mean the same, together."""

from __future__ import annotations

from kb.embedding import FloatArray

#: From this cosine on two questions ask the same; of paraphrases in BANKING77's train part nine in ten lie above it.
_ALIKE = 0.60


def grouped(vectors: FloatArray) -> list[list[int]]:
    """Rows whose vectors are alike, as lists of their indices: the largest group first, its most typical row first.

    Each row joins the group whose middle it is most like, if that is alike enough, else begins one.
    """
    groups: list[list[int]] = []
    for row in range(len(vectors)):
        likeness = [float(vectors[group].mean(axis=0) @ vectors[row]) for group in groups]
        if likeness and max(likeness) >= _ALIKE:
            groups[likeness.index(max(likeness))].append(row)
        else:
            groups.append([row])
    for group in groups:
        middle = vectors[group].mean(axis=0)
        group.sort(key=lambda row: -float(vectors[row] @ middle))
    return sorted(groups, key=lambda group: (-len(group), group[0]))
