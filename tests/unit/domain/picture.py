"""Draws docs/call-flow.md from the call's table: python -m tests.unit.domain.picture"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from agent.domain.call import TABLE, Stage
from agent.domain.events import EVENT_KINDS, CallerHungUp, Silent

PATH = Path("docs/call-flow.md")
#: Drawn once as a sentence: arrows from every stage would hide the flow.
EVERYWHERE = (Silent, CallerHungUp)


def draw() -> str:
    """The page: a diagram of stages and the table itself."""
    arrows: dict[tuple[Stage, Stage], list[str]] = defaultdict(list)
    for (stage, kind), rule in TABLE.items():
        if kind in EVERYWHERE:
            continue
        for target in Stage:
            if target in rule.to and target is not stage:
                arrows[stage, target].append(kind.__name__)
    edges = [f"    {a.value} --> {b.value}: {', '.join(names)}" for (a, b), names in arrows.items()]
    rows = []
    for stage in Stage:
        for kind in EVENT_KINDS:
            row = TABLE.get((stage, kind))
            if row is not None:
                targets = ", ".join(target.value for target in Stage if target in row.to)
                rows.append(f"| {stage.value} | {kind.__name__} | {targets} | {row.handler.__doc__} |")
    return "\n".join(
        [
            "# The call, stage by stage",
            "",
            "Drawn from the table in `agent/domain/call.py` by `python -m tests.unit.domain.picture`; a test",
            "compares the two. An event without a row changes nothing. In every stage that waits for the caller,",
            "silence asks again, then asks whether anybody is there, then ends the call; and the caller may hang up.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {Stage.RINGING.value}",
            *edges,
            f"    {Stage.ENDED.value} --> [*]",
            "```",
            "",
            "| stage | event | leads to | what happens |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    PATH.write_text(draw(), encoding="utf-8")
