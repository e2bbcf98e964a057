"""One call of one simulated caller, in a process of its own: ``python -m loadtest.voice_evaluation.telephone FOLDER``.

A pickled Job comes on standard input, a pickled Held is left as `held.pickle` in the folder, beside the caller's
`call.json` and `call.wav`; what happened goes to standard output as it happens. The call's own id is written to
`sip_call_id` before it is dialled: whoever dies on the way can still be found.
"""

from __future__ import annotations

import contextlib
import pickle
import random
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtest.caller import loop, report
from loadtest.caller.call import Call
from loadtest.caller.ear import Ear
from loadtest.caller.noise import NoiseMeter
from loadtest.caller.script import Caller as Telephone
from loadtest.caller.script import Limits, Scenario
from loadtest.caller.sip_message import Uri, parse_uri
from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.plans import Plan
from loadtest.voice_evaluation.conversation import LiveConversation
from loadtest.voice_evaluation.mind import Belief, Mind, Step
from loadtest.voice_evaluation.mouth import Mouth

RESULT = "held.pickle"
SIP_CALL_ID = "sip_call_id"
LONGEST_CALL_S = 420.0
#: Beyond it an agent that works at all has asked whether anybody is there.
_REPLY_S = 15.0
_TURN_ENDS_MS = 900
#: Who withholds his number sends this in its place (RFC 3323).
_WITHHELD = "anonymous"


@dataclass(frozen=True, slots=True)
class Job:
    """A call to make. `part` is of the corpus."""

    plan: Plan
    seed: int
    tenant: Path
    part: str
    to: str
    voice: str


@dataclass(frozen=True, slots=True)
class Held:
    """A call made.

    Attributes:
        caller: as he was at its end.
        last_heard: the agent's words that nothing of his followed.
        report: the document of `loadtest.caller`.
    """

    caller: Caller
    steps: tuple[Step, ...]
    beliefs: tuple[Belief, ...]
    repeats: int
    last_heard: str
    report: dict[str, Any]


def hold(job: Job, folder: Path) -> Held:
    """Dial, talk, hang up. Raises CallerError: the ear or the mouth failed."""
    rng = random.Random(f"{job.seed}/{job.plan.index}/talk")
    mind = Mind(Caller(job.plan, load_business(job.tenant), Corpus(job.part), rng))
    noise = NoiseMeter()
    with contextlib.ExitStack() as stack:
        mouth = stack.enter_context(contextlib.closing(Mouth(job.voice)))
        ear = stack.enter_context(contextlib.closing(Ear.start()))
        call = _call(job, mind, mouth, ear)
        (folder / SIP_CALL_ID).write_text(call.dialog.call_id, encoding="utf-8")
        loop.run([(0, call)], ear)
    last = call.record.agent[-1].text or "" if call.record.agent else ""
    is_heard = bool(mind.steps) and mind.steps[-1].heard == last
    if call.record.ended_by == "agent" and last and not is_heard:
        mind.hear([last], call.record.over_ns)
        mind.steps.pop()
    document = report.describe(call, noise, folder)
    call.write_recording(folder / "call.wav")
    report.write(document, folder / "call.json")
    return Held(
        mind.caller, tuple(mind.steps), tuple(mind.beliefs), mind.repeats, "" if is_heard else last, document
    )  # fmt: skip


def _call(job: Job, mind: Mind, mouth: Mouth, ear: Ear) -> Call:
    to = parse_uri(job.to)
    at = Uri(to.user, socket.gethostbyname(to.host), to.port, to.text)
    scenario = Scenario(
        name=f"eval-{job.plan.index:03d}",
        caller=Telephone.model_validate({"voice": job.voice, "from": job.plan.from_number or _WITHHELD}),
        limits=Limits(call_s=LONGEST_CALL_S, reply_s=_REPLY_S, silence_ms=_TURN_ENDS_MS),
    )
    printer = report.announcer(1, 1)
    call = Call(1, scenario, at, at.host, mouth.clips, ear, lambda at_ns, who, text: None)
    call.announce = lambda at_ns, who, text: printer(call.record.invited_ns, at_ns, who, text)
    call.conversation = LiveConversation(scenario, call.tracker, call.record, mind, mouth)
    return call


def main() -> int:
    """Child: one call."""
    folder = Path(sys.argv[1])
    job: Job = pickle.load(sys.stdin.buffer)
    held = hold(job, folder)
    (folder / RESULT).write_bytes(pickle.dumps(held))
    return 0


if __name__ == "__main__":
    # Pickled names are those of the module, not of __main__.
    from loadtest.voice_evaluation import telephone

    sys.exit(telephone.main())
