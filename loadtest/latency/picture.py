"""Where the delay goes, as a picture: a bar a condition, its stages in order, and the ear's mean and p95 on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_COLOURS = {
    "way_in": "#8da0b3", "words": "#d9822b", "understanding": "#7157d9", "commit": "#c23030", "text": "#00a396",
    "voice": "#0f9960", "capture": "#5c7080", "lead_in": "#a7b6c2", "way_out": "#8da0b3", "playout": "#bfccd6",
}  # fmt: skip
_LEFT, _WIDTH, _ROW, _BAR, _TOP = 330, 620, 46, 22, 64
_GOAL_MS = 600.0


def svg(conditions: Sequence[Mapping[str, Any]]) -> str:
    """The picture as a document of its own. A residual is not drawn: it may be negative."""
    drawn = [condition for condition in conditions if condition["budget"]]
    longest = max([c["ear"]["all"]["p95"] for c in drawn] + [_GOAL_MS]) * 1.05
    scale = _WIDTH / longest
    height = _TOP + _ROW * len(drawn) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 20}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_legend(),
    ]
    for index, condition in enumerate(drawn):
        parts += _bar(condition, _TOP + index * _ROW, scale)
    x = _LEFT + _GOAL_MS * scale
    bottom = _TOP + _ROW * len(drawn)
    parts.append(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{bottom}" stroke="#182026" stroke-dasharray="4"/>'
    )
    parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{_GOAL_MS:.0f} ms at the ear</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend() -> list[str]:
    parts, x = [], 12
    for name, colour in _COLOURS.items():
        label = name.replace("_", " ")
        parts.append(f'<rect x="{x}" y="14" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="24">{label}</text>')
        x += 30 + 7 * len(label)
    return parts


def _bar(condition: Mapping[str, Any], y: int, scale: float) -> list[str]:
    name = escape(f"{condition['profile']}, {condition['at_once']} at once")
    parts, x = [f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{name}</text>'], float(_LEFT)
    for stage, colour in _COLOURS.items():
        width = max(0.0, condition["budget"][stage]["mean"]) * scale
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>')
        x += width
    ear = condition["ear"]["all"]
    at = _LEFT + ear["p95"] * scale
    parts.append(
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y - 3}" y2="{y + _BAR + 3}" stroke="#182026" stroke-width="2"/>'
    )
    parts.append(
        f'<text x="{_LEFT}" y="{y + _BAR + 14}">mean {ear["mean"]:.0f}, p95 {ear["p95"]:.0f} ms, n {ear["n"]}</text>'
    )
    return parts
