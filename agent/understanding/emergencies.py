"""Emergencies, read from words alone, so that half a sentence is enough.

A table of what people say when somebody is in danger. It asks for the present tense ("is having a seizure",
never "had one last year"), to which minutes and hours ago belong, leaves denials alone, and leaves to the business
what is its trade: a broken water heater, a tooth knocked out, whatever its document lists as a service or as an
emergency of its own. What is a danger in this trade only, the document says too (`trade_emergencies`).

While the caller still speaks, words to come may take it back: "I can't breathe … through my nose", "he got shot … last
year", "I smell gas … from my truck". Then it counts once it has stood for some words, and a bare "it's an emergency"
never does: what kind of one it is comes next.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from agent.domain.facts import Emergency
from agent.domain.tenant import Tenant
from agent.understanding.trade_emergencies import is_ours, own_emergency
from agent.understanding.words import joined, split_words

_KIN = (
    r"husband|wife|partner|mom|mother|mommy|dad|father|daddy|parents?|grandma|grandpa|grandmother|grandfather|son"
    r"|daughter|baby|kid|child|brother|sister|friend|neighbor|roommate|coworker|boss|patient|customer|girlfriend"
    r"|boyfriend|toddler|uncle|aunt|man|woman|guy|lady|person|boy|girl"
)
_WHO = rf"(?:he|she|someone|somebody|grandma|grandpa|mom|dad|(?:a|an|the|this|some|my|our|her|his) (?:\w+ )?(?:{_KIN}))"
#: "He is", "he's", "my son is"; the words come without apostrophes.
_IS = (
    rf"\b(?:(?:{_WHO}s?|they|we|i)(?: is| are| am| was just| just| has(?: been)?| got| have been)?"
    rf"|{_WHO} (?:\w+ ){{1,5}}?and(?: now)?(?: is| was just)?"
    r"|im|ive(?: been)?|theyre|theyve(?: been)?|people are)"
)
_CANNOT = r"(?:cant|cannot|can not|isnt|is not|not|wont|will not|stopped|doesnt|can barely|barely)"
_ATTACK = r"(?:heart attack|stroke|seizure|asthma attack|allergic reaction|convulsion|panic attack)"
_TRADE = re.compile(
    r"\b(?:sink|toilet|pipes?|drain|faucet|water|heater|heating|heat|furnace|boiler|ac|air|cooling|roof|lock|locked"
    r"|car|truck|brakes?|tires?|engine|transmission|battery|tooth|teeth|dental|crown|filling|braces|denture|plumbing"
    r"|sewer|sewage|power|outlet|garage|appliance|fridge|freezer)\b"
)
#: "An emergency contact" is none.
_NOUN = (
    r"(?! (?:contact|appointments?|visits?|plumber|number|fee|exam|call|service|repair|job|room|line|kit|slot|rate)\b)"
)
_NO_FIRE = r"(?! (?:pit|drill|station|place|extinguisher|sale|alarm|hydrant|door|code|truck))"

_SUICIDE = (
    r"\b(?:kill|killing|hurt|hurting|harm|harming) (?:myself|himself|herself|themselves)\b",
    r"\b(?:end|ending|take|taking) (?:my|his|her) (?:own )?life\b",
    r"\bsuicid(?:e|al)\b",
    r"\b(?:dont|do not) want to (?:live|be alive|be here anymore|wake up)\b",
    r"\bi (?:just )?want(?:ed)? to die$",
    r"\bwanna die$",
    r"\b(?:going to|gonna|want to|wanna) end it(?: all)?$",
    r"\b(?:better off dead|nothing to live for|no reason to live|self harm)\b",
)
_GAS = (
    r"\bsmell(?:s|ing|ed)?(?: (?:of|like|some|a|strong|lot|really|rotten|eggs?|and|natural|propane)){0,6} gas\b"
    r"(?! (?:mileage|station|cap|tank))",
    r"\brotten eggs?\b",
    r"\bgas (?:smell|odor)\b",
    r"\bgas (?:leak|is leaking)\b(?! (?:test|check|inspection|detector))",
    r"\bgas (?:line|pipe|main)s? (?:\w+ )?(?:broke|burst|leaking|leaks|ruptured|hissing)\b",
    r"\bcarbon monoxide (?:alarm|detector)s? (?:is|are|keeps?|wont|went|just)\b(?! (?:need|old|expired))",
)
_DANGER = (
    # heart, brain, breath
    r"\bchest (?:\w+ ){0,2}(?:hurts?|hurting|tight|crushing|pains?|pressure|tightness)\b",
    r"\b(?:pressure|pain|tightness) in (?:my|his|her) chest\b",
    rf"\b(?:having|just had) (?:an? )?(?:\w+ )?{_ATTACK}\b",
    r"\b(?:its|could be|might be|maybe) a (?:heart attack|stroke)\b",
    r"\bface is drooping\b",
    r"\b(?:heart stopped|no pulse|anaphyla\w+)\b",
    rf"{_IS} {_CANNOT} (?:breathe|breathing)\b(?! through| out of| in that| with)",
    r"\b(?:is not|isnt|hasnt been|has not been|no longer|barely|hardly) breathing\b(?! through| out of| in that| with)",
    r"\b(?:trouble|difficulty|hard time) breathing\b(?! through)",
    rf"{_IS} choking\b(?! up)",
    r"\b(?:throat|tongue) is (?:closing|swelling|swollen)\b",
    r"\bcant swallow or breathe\b|\bcant (?:feel|move) (?:my|his|her) (?:\w+ )?(?:legs?|arms?|side|body)\b",
    # not answering
    r"\bunconscious\b|\bunresponsive\b",
    rf"\b{_WHO} (?:(?:\w+ ){{1,5}}?and )?(?:just )?(?:collapsed|passed out|fainted)\b",
    rf"{_IS} (?:turning blue|bleeding out|in labor)\b",
    rf"{_IS} dying\b(?! to\b| for\b| of\b)",
    r"\bdrowning\b(?! in\b(?! (?:the|our|a) ))",
    r"\b(?:wont|isnt|not|doesnt|cant) (?:wake up|waking up|responding|respond|moving|answering me)\b",
    # poison
    r"\boverdos(?:e|ed|ing)\b|\bpoisoned\b",
    r"\b(?:took|swallowed) (?:too many|a (?:whole |full )?(?:bottle|bunch|handful)|all)"
    r"(?: \w+){0,3} (?:pills|meds|medicine|tablets)\b",
    r"\b(?:swallowed|drank|ate|drinking) (?:\w+ ){0,2}(?:bleach|poison|batteries|battery|antifreeze|detergent)\b",
    # fire, crime, accident
    rf"\b(?:theres|there is|we have|we got) (?:a |been a )?(?:\w+ )?fire\b{_NO_FIRE}",
    r"\b(?:is|are|s|its|kitchens|houses|cars|buildings|somethings) on fire\b(?! sale)",
    r"\bcaught (?:on )?fire\b|\bflames\b|\bexplosion\b",
    r"\bsmoke (?:is )?(?:pouring|billowing|filling|everywhere)\b",
    r"\b(?:is|are|s|somebodys|someones|hes|theyre) breaking in(?:to)?\b|\btrying to break in(?:to)?\b",
    r"\b(?:an intruder|a burglar)\b|\b(?:in|inside) my (?:house|home|apartment) (?:right now|with a)\b",
    r"\b(?:has|with|pulled|pointing|got) a (?:gun|knife)\b",
    r"\b(?:been|got|was just|is|just) (?:shot|stabbed|electrocuted|kidnapped|raped|assaulted|attacked)\b",
    r"\b(?:attacking|hitting|beating|strangling|threatening|following) (?:me|us|her|him)\b",
    r"\b(?:people|we|im|hes|shes|theyre|is|are) (?:are |am )?(?:hurt bad(?:ly)?|badly hurt|badly injured|trapped)\b",
    r"\bpeople are (?:hurt|injured)\b",
    # asking for it
    r"\b(?:call|dial|calling|is this|get me) (?:911|9 1 1|nine one one|nine eleven)\b"
    r"(?! ?\d| \w+ (?:street|st|avenue|road|drive|lane))",
    r"\b(?:911|9 1 1|nine one one) (?:please|help|now|emergency)\b",
    r"\b(?:need|get|call|send)(?: me| us)?(?: an| the)? (?:ambulance|paramedics|police|cops|fire department)\b",
    rf"\bmedical emergency\b{_NOUN}",
    r"\blife (?:or|and) death\b",
)
_BLOOD = (
    r"\bbleeding (?:really |very |pretty |so |quite )*"
    r"(?:badly|bad|heavily|a lot|out|to death|everywhere|like crazy|nonstop)\b",
    r"\bblood (?:is )?everywhere\b|\b(?:losing|lost) (?:a lot of|so much|too much) blood\b",
    r"\b(?:coughing|throwing|vomiting)(?: up)? blood\b",
    r"\b(?:cant|cannot|wont) (?:seem to )?(?:stop the bleeding|get the bleeding to stop)\b",
    r"\bbleeding (?:wont|doesnt|will not|isnt) stop(?:ping)?\b",
)
_BARE = re.compile(
    rf"\b(?:this is|its|it is|i have|ive got|we have) an? (?:real |actual |true |serious |big )?emergency\b{_NOUN}"
)
_CAR = re.compile(r"\b(?:car|truck|suv|van|exhaust|tank|pump|mower|engine|hood|dashboard)\b")
_MOUTH = re.compile(r"\b(?:gums?|brush|brushing|floss|flossing)\b")

_Kind: TypeAlias = "tuple[Emergency, re.Pattern[str], re.Pattern[str] | None]"
#: What is read, and the words with which it is a matter for the business instead.
_KINDS: tuple[_Kind, ...] = (
    (Emergency.SUICIDE, re.compile("|".join(_SUICIDE)), None),
    (Emergency.GAS, re.compile("|".join(_GAS)), _CAR),
    (Emergency.DANGER, re.compile("|".join(_DANGER)), None),
    (Emergency.DANGER, re.compile("|".join(_BLOOD)), _MOUTH),
    (Emergency.DANGER, _BARE, _TRADE),
)
_NO_TRADE = tuple(kind for kind in _KINDS if kind[2] is None)
_ANY_TRADE = tuple(kind for kind in _KINDS if kind[1] is not _BARE)
#: Before the words: it is denied, or asked for whoever it may concern.
_DENIED = re.compile(
    r"\b(?:no|no more|not|not an?|not having(?: any)?|isnt an?|dont have(?: any| an?)?|without(?: any)?"
    r"|never had(?: an?)?|any|had an?)$"
)
_DOUBTED = re.compile(
    r"\b(?:dont think|not sure|doubt|not saying|whether|(?:medicine|meds|medication|pills?|something) for)$"
)
_STATEMENT = re.compile(r"(?:i|im|ive|he|hes|she|shes|they|theyre|my|the|this|there|theres|we|someone|somebody|its)\b")
_PAST = re.compile(
    r"\b(?:ago|last (?:year|month|summer|winter)|(?<!since )last (?:week|night)|used to|years back|in the past"
    r"|history of)\b"
)
_JUST_NOW = re.compile(r"\b(?:moment|second|sec|minute|min|hour)s?(?: or (?:so|two)| and a half)? ago\b")
_AND_NOW = re.compile(r"\b(?:and|but|so) now\b")
#: What is told of the last minutes in the past tense.
_WAS, _HAD = re.compile(r"\b(was|were)\b(?! just\b)"), re.compile(r"(?<!just )\bhad\b")

#: So many more words an emergency in an unfinished turn must have outlived: "two years ago", "through my nose".
WORDS_STOOD = 3
#: The same where a word may yet make it the business's matter: "coming from under the hood".
WORDS_STOOD_OF_TRADE = 6


def read_emergency(text: str, tenant: Tenant) -> Emergency | None:
    """Whether somebody may be in danger now, and what kind of help they need.

    Args:
        text: as recognised so far, a part of a sentence perhaps.
        tenant: what it sells is its trade, and no emergency; its document may name others.
    """
    return _read(joined(split_words(text)), tenant, _KINDS)


def read_emergency_so_far(text: str, tenant: Tenant) -> Emergency | None:
    """The same of words that more will follow: only what these will hardly take back.

    Args:
        text: the turn as recognised so far.
    """
    words = split_words(text)
    for kinds, stood in ((_ANY_TRADE, WORDS_STOOD_OF_TRADE), (_NO_TRADE, WORDS_STOOD)):
        kind = _read(joined(words), tenant, kinds)
        if kind is None:
            break
        if _read(joined(words[:-stood]), tenant, kinds) is kind:
            return kind
    return None


def _read(said: str, tenant: Tenant, kinds: tuple[_Kind, ...]) -> Emergency | None:
    said = _of_now(said)
    words = _without_services(said, tenant)
    for kind, pattern, trade in kinds:
        is_trade = trade is not None and trade.search(words) is not None
        is_trade = is_trade or (pattern is _BARE and is_ours(said, tenant.emergencies))
        if not is_trade and any(not _is_denied(words, match) for match in pattern.finditer(words)):
            return kind
    own = own_emergency(said, tenant.emergencies)
    return own[0] if own is not None and not _is_denied(said, own[1]) else None


def _of_now(said: str) -> str:
    """What is told of now: minutes and hours ago in the present tense; of a past, only what it led to."""
    if _JUST_NOW.search(said):
        said = _HAD.sub("just had", _WAS.sub(r"\1 just", _JUST_NOW.sub("just now", said)))
    if _PAST.search(said):
        said = _AND_NOW.split(said, maxsplit=1)[-1]
    return "" if _PAST.search(said) else said


def _is_denied(words: str, match: re.Match[str]) -> bool:
    before = words[: match.start()].rstrip()
    if _DOUBTED.search(before):
        return True
    if _STATEMENT.match(match[0]):  # "no, there's a fire"
        return False
    return _DENIED.search(before) is not None


def _without_services(words: str, tenant: Tenant) -> str:
    for service in tenant.services:
        for name in (service.name, *service.aliases):
            sold = joined(split_words(name))
            if sold:
                words = re.sub(rf"\b{re.escape(sold)}\b", "|", words)
    return words
