"""What LiveKit's messages about participants mean to us."""

from __future__ import annotations

import pytest
from livekit import api

from sip.rooms import ParticipantKind, participant_of

_State = api.ParticipantInfo.State
_Kind = api.ParticipantInfo.Kind
_TRACK = [api.TrackInfo(sid="TR_1")]


@pytest.mark.parametrize(
    ("state", "tracks", "is_joined"),
    [
        (_State.JOINING, [], False),
        (_State.JOINED, [], False),
        (_State.ACTIVE, [], False),
        (_State.ACTIVE, _TRACK, True),
        (_State.DISCONNECTED, _TRACK, False),
    ],
)
def test_a_sip_leg_has_joined_only_with_its_track(
    state: api.ParticipantInfo.State, tracks: list[api.TrackInfo], is_joined: bool
) -> None:
    message = api.ParticipantInfo(identity="sip_1", kind=_Kind.SIP, state=state, tracks=tracks)
    leg = participant_of(message)
    assert (leg.kind, leg.is_joined) == (ParticipantKind.SIP, is_joined)


def test_an_agent_has_joined_without_a_track() -> None:
    agent = participant_of(api.ParticipantInfo(kind=_Kind.AGENT, state=_State.ACTIVE))
    assert (agent.kind, agent.is_joined) == (ParticipantKind.AGENT, True)


def test_a_legs_call_status_is_read_from_its_attributes() -> None:
    leg = participant_of(api.ParticipantInfo(kind=_Kind.SIP, attributes={"sip.callStatus": "ringing"}))
    assert leg.sip_call_status == "ringing"
