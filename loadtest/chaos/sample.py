"""One call for each of a few faults, all at the same time: each business has providers of its own, so that no fault
meets another call. It needs a stack whose emulators run, whatever the fleet's own providers are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loadtest.caller.script import Line
from loadtest.chaos import business, plan
from loadtest.chaos.calling import Errand, Made, says
from loadtest.chaos.plan import GOOD, HOURS, Kind, Pair, Target, Trial
from loadtest.chaos.stage import Stage
from loadtest.chaos.telephone import Order
from loadtest.chaos.trial import FAULTED_LINE, Outcome, errand, judged

_FLUX, _NOVA = "deepgram/flux-general-en", "deepgram/nova-3"
_GPT, _FLASH, _WHISPER = "groq/openai/gpt-oss-120b", "elevenlabs/eleven_flash_v2_5", "openai/gpt-4o-mini-transcribe"


@dataclass(frozen=True, slots=True)
class Sampled:
    """One fault.

    Attributes:
        number: of the business.
        providers: of the business, in place of the fleet's.
        is_last: nobody is left who does the same; the keys are to be offered, and the caller hangs up.
    """

    number: str
    pair: Pair
    providers: Mapping[str, list[str]]
    is_last: bool = False

    @property
    def slug(self) -> str:
        """Of the business."""
        return f"{self.pair.target.served}-dental"


#: No two strike the same kind of emulator, and none one that another's call needs.
SAMPLE = (
    Sampled(
        "+15550100913", Pair(Target(Kind.RECOGNISER, _FLUX, "flux"), "mute"),
        {"stt": [_FLUX, "local"], "tts": ["local"]},
    ),
    Sampled(
        "+15550100914", Pair(Target(Kind.VOICE, _FLASH, "elevenlabs"), "stalling"),
        {"stt": [_NOVA, "local"], "tts": [_FLASH, "local"]},
    ),
    Sampled(
        "+15550100915", Pair(Target(Kind.MODEL, _GPT, "chat"), "hanging"),
        {"stt": [_NOVA, "local"], "tts": ["local"], "models": [_GPT]},
    ),
    Sampled(
        "+15550100916", Pair(Target(Kind.RECOGNISER, _WHISPER, "openai-listen"), "failing"),
        {"stt": [_WHISPER], "tts": ["local"]}, is_last=True,
    ),
)  # fmt: skip


def run(stage: Stage) -> int:
    """All of them; leaves `sample.json`. Returns: the exit code."""
    codes = business.codes(stage.dice)
    for each in SAMPLE:
        written = business.document(each.slug, each.number, codes, providers=dict(each.providers))
        business.open_business(stage.folder, written)
    emulators = stage.emulators
    had = [emulators.faults_had(each.pair.target.served, each.pair.fault) for each in SAMPLE]
    trials = [plan.trials(each.pair, [0], codes)[0] for each in SAMPLE]
    try:
        made = stage.calling.make_at_once(
            [_errand(each, trial, stage) for each, trial in zip(SAMPLE, trials, strict=True)]
        )
    finally:
        emulators.mend()
    struck = [
        emulators.faults_had(each.pair.target.served, each.pair.fault) - before
        for each, before in zip(SAMPLE, had, strict=True)
    ]
    results = [_result(*each) for each in zip(SAMPLE, trials, made, struck, strict=True)]
    file = stage.folder / "sample.json"
    file.write_text(json.dumps(results, indent=2) + "\n")
    for result in results:
        stage.console.print(f"{result['fault']:20} {result['heard_ms']} ms  {'; '.join(result['faults']) or 'ok'}")
    stage.console.print(str(file), soft_wrap=True)
    return 1 if any(result["faults"] for result in results) else 0


def _errand(sampled: Sampled, trial: Trial, stage: Stage) -> Errand:
    target, fault = sampled.pair.target, sampled.pair.fault
    order = Order(FAULTED_LINE, lambda: stage.emulators.strike(target.served, fault))
    if not sampled.is_last:
        return errand(trial, sampled.number, order)
    return Errand(f"last-{target.served}", sampled.number, [*says(GOOD, HOURS), Line(hangup=True)], order)


def _result(sampled: Sampled, trial: Trial, made: Made, struck: int) -> dict[str, Any]:
    outcome = judged(trial, made, struck)
    return {
        "fault": f"{sampled.pair.target.kind.value}:{sampled.pair.fault}",
        "provider": sampled.pair.target.name,
        "call_id": outcome.call_id,
        "heard_ms": outcome.heard_ms,
        "faults": _faults_of_last(made, struck) if sampled.is_last else _faults(outcome, made),
        "said": made.stored.said if made.stored else "",
    }


def _faults(outcome: Outcome, made: Made) -> list[str]:
    """What was not as it should be; that the machine was busy is no such thing where no time is judged."""
    unreached = [sentence for sentence in outcome.void if sentence not in made.heard.report["void"]]
    found = [*unreached, *outcome.sentences]
    if not found and not outcome.ended_well:
        found.append(f"the call did not end well: {made.stored.call if made.stored else 'it was not stored'}")
    return found


def _faults_of_last(made: Made, struck: int) -> list[str]:
    found = list(made.heard.report["failures"])
    if not struck:
        found.append("nobody was struck")
    if made.stored is None or not made.stored.answers("press"):
        found.append("the keys were not offered")
    return found
