"""News that a caller talked over: what was booked, moved, cancelled or passed on is said once more."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.lines import LineKey
from agent.domain.state import CallState, Transition

NEWS = frozenset(
    {LineKey.BOOKED, LineKey.MOVED, LineKey.CANCELLED, LineKey.LISTED, LineKey.MESSAGE_TAKEN}
)  # fmt: skip


def told_again(before: CallState, transition: Transition) -> Transition:
    """What follows the words that cut the news off, with the news before it; unchanged when they had been heard.

    Args:
        before: the state that the words met.
    """
    news = tuple(said for said in before.last_lines if said.key in NEWS)
    if before.is_outcome_heard or not news or any(said in transition.say for said in news):
        return transition
    state = replace(transition.state, is_outcome_heard=True, last_lines=(*news, *transition.state.last_lines))
    return replace(transition, state=state, say=(*news, *transition.say))
