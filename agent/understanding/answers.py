"""Yes and no, choices among offers, and wishes about the conversation itself."""

from __future__ import annotations

import re

from agent.domain.facts import Expect, Wish
from agent.understanding.dates import MONTHS
from agent.understanding.numbers import ORDINALS

#: One word alone is a yes only near an end of what was said: in the middle of a sentence it was misheard, or is of it.
_YES_WORDS = frozenset(["yes", "yeah", "yep", "yup", "yea", "mhm", "correct", "exactly", "indeed"])
_YES_EDGE = 2
_YES_PHRASE = re.compile(
    r"\b(absolutely|definitely|of course|thats right|that is right"
    r"|i think so|i believe so|sounds (?:good|great|right|perfect)|go ahead|please do"
    r"|book it|thatll work|that works|works for me"
    r"|that would work|id like that|id love to|you(?:ve| have)? got it|its right|all correct|sure thing"
    r"|(?:please|do) proceed|by all means|you bet|affirmative|spot on|go for it|sounds like a plan|i suppose so"
    r"|(?<!not )accurate|i can confirm"
    r"|(?:im|i am) (?:happy|okay|ok|fine|good) with (?:that|it|this)|(?:it|that|this) (?:suits|would suit) (?:me|us)"
    r"|(?:its|thats|(?:it|that) is) (?:okay|ok|fine|good|great|alright|all right) (?:with|by|for) (?:me|us)"
    r"|thatd be (?:okay|ok|fine|good|great|perfect|lovely)"
    r"|(?:(?<!as )(?<!how )it is|that is it)(?: right| correct| indeed| please| thank you| thanks| fine)?$"
    r"|(?:go|going) with (?:this|that|it)|(?<!cant )(?<!not )take (?:it|that|this)(?! off))\b"
)
_PRAISE = r"great|good|fine|perfect|wonderful|excellent|lovely|cool|nice|awesome|amazing|brilliant|fantastic|okay|ok"
_YES_ALONE = re.compile(
    rf"^(?!is (?:that|it|this)\b)(?:(?:{_PRAISE}|oh|alright|all right|sure|right|thats|that|this|is|its|looks|sounds"
    r"|seems|lets|do|it|please|one|and|thank|thanks|you|i|guess|so|then|will|would|should|works|work|be|really|very"
    r"|much appreciated|now|for me|confirm|confirmed) ?)+$"
)
_YES_CORE = re.compile(
    rf"\b({_PRAISE}|alright|all right|sure|right|please|do|works|confirm|confirmed|(?:will|would|should) work)\b"
)
#: "Perfect, all set" is pleased with what was said, or wants no more; which of them, the words do not tell.
_PLEASED = re.compile(rf"^(?:{_PRAISE})\b.*\ball set\b")
_PARTING = re.compile(r"\b(?:good ?bye|bye|see you(?: then| later| soon)?|have a \w+ \w+)\b")
_NO_START = re.compile(r"^(?:(?:oh|well|um|sorry|actually|wait|ok|okay) )*(?:no|nope|nah|neither|negative|nothing)\b")
_NO_ANYWHERE = re.compile(
    r"\b(not right|not correct|isnt right|isnt correct|incorrect|wrong|not really|not quite|none of|neither"
    r"|doesnt work|dont work|wont work|not what i|cant make (?:it|that|those|either)|dont want|not good|not anymore"
    r"|dont think so|guess not|rather not|not that(?: one)?$"
    r"|(?:leave|keep) (?:it|that|everything) (?:as|alone|like|where|how))\b"
)
_NO_BUT_YES = re.compile(r"\bno (?:problem|worries|doubt)\b|\bno changes?(?: needed| please| thanks)?$")
_NO_AT_ALL = re.compile(
    r"\b(im good|im fine|im okay|im all set|all set|nothing (?:else|more)|im done|not today"
    r"|(?:thats|that is|that was|thatll be|that will be) (?:all|everything)|thatll be it)\b"
)
_NO_THANKS = re.compile(r"^(?:no|nope|nah) (?:thanks|thank you)$")
_UNSURE = re.compile(r"\b(not sure|dont know|no idea|maybe)\b")
_NOT_KNOWN = re.compile(
    r"\b(?:dont|do not|didnt|cant|cannot|not sure)(?: \w+){0,2} (?:know|remember|recall|have)\b|\bnot sure\b"
    r"|\bno idea\b|\bi forgot\b|\bno clue\b"
)
_TAKEN_BACK = r"but|wait|not|isnt|wrong|no|nope|never|nevermind|dont|change|forget|another time|call (?:back|again)"
#: "If possible" is only polite.
_ON_CONDITION = (
    r"except|unless|apart from|other than|although|as long as|provided|if (?!possible|its|thats|that (?:is|works)"
    r"|you (?:can|could|would|will|like|please)|i (?:can|could|may|might)\b)"
)
_WANTS_TIME = (
    r"(?:hold|hang) on|bear with me|still thinking|think about|let me (?:just |quickly )?(?:check|see|look|think|ask"
    r"|find|get|grab|finish|pull)|(?:a|one|another) (?:quick |short |little )?(?:sec|second|moment|minute|min|bit)"
)
#: About our words; what is asked about the business takes nothing back. "That's what I said" asks nothing.
_ASKS_BACK = (
    r"(?:can|could|may) (?:i|we) (?:just |quickly |first )?ask|(?:a|one|another|quick) question|remind me"
    r"|(?<!thats )(?<!that is )(?<!exactly )(?:(?:what|which|when|where|who|whose|why|how)(?: \w+){0,2}"
    r" (?:was|were|did|you say|you said|again|is (?:that|it)|are you (?:say|ask|do))|(?:what|why|who|how come)$)"
)
_DOUBT = re.compile(rf"\b(?:{_TAKEN_BACK}|{_ON_CONDITION}|{_WANTS_TIME}|{_ASKS_BACK})\b")
_QUESTION = re.compile(r"^(?:is|was|are|did|do|does|what|which|when|who|can|could|would)\b.*")

_MONTH = f"(?:{'|'.join(MONTHS)})"
_NUMBER = rf"(?:(?:twenty|thirty) )?(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th)?)"
#: "The one on July 2nd" picks by its day; "the one in December, the second one" by its place.
_DATE = re.compile(rf"\b{_MONTH} (?:the )?{_NUMBER}\b(?! one\b)|\b{_NUMBER} of {_MONTH}\b")
#: "The twenty first" is a day.
_FIRST = r"(?:(?<!twenty )(?<!thirty )first|1st|former|earliest|earlier)"
#: "Hang on a second" picks nothing.
_SECOND = r"(?:(?<!twenty )(?<!\ba )(?<!\bone )(?<!\banother )second|2nd)"
_CHOICES = (
    (re.compile(rf"\b{_SECOND}\b|\b(?:number|option) (?:2|two)\b|^(?:the )?(?:2|two)$"), 1),
    (re.compile(rf"\b{_FIRST}\b|\b(?:number|option) (?:1|one)\b|^(?:the )?(?:1|one)$"), 0),
    (re.compile(r"\b(last|latter|later|latest)\b"), -1),
    (
        re.compile(r"\b(either|any of (?:them|those)|whichever|doesnt matter|dont mind|you (?:choose|pick))\b"),
        0,
    ),
)
_MORE = re.compile(r"\b(?:anything|something|any|have|got|no|not|a) (?:\w+ )?(?:earlier|later)\b")

#: "I need to see the dentist" is how people ask for an appointment.
_NEED = r"(?:(?:need|want|like|love|wish|hope|have|got) to|gotta|wanna|can i|could i|may i)"
_PROVIDER = (
    r"(?:a|an|the|my|your|one of your)"
    r" (?:doctor|dentist|hygienist|stylist|hairdresser|barber|mechanic|technician|specialist)"
)
_WISH_TO_BOOK = re.compile(
    r"\b(book|booking|appointment|schedule|make a reservation|reserve|come in|another one|set something up)\b"
    rf"|(?<!dont )(?<!not )\b{_NEED} (?:see|visit|(?:go|get|come)(?: in)? to(?: see)?) {_PROVIDER}\b"
    rf"|(?<!dont )(?<!not )\b(?:need|want|find|looking for)(?: me)? {_PROVIDER}\b"
)
_WISHES = (
    (Wish.REPEAT, re.compile(
        r"\b(repeat|say (?:that|it|this) again|say again|come again|one more time|what was that|what did you say"
        r"|didnt (?:catch|hear|get) (?:that|you|it|what)|couldnt hear|pardon|excuse me|say that once more)\b"
        # a "please" that came after its sentence was answered has only cut the answer off
        r"|^(?:sorry|what|huh|im sorry|please)$")),
    (Wish.GOODBYE, re.compile(
        r"\b(bye|goodbye|good bye|bye bye|hang up|talk to you later|see you"
        r"|have a (?:good|nice|great) (?:day|one|evening)|nevermind|never mind|forget it)\b")),
    (Wish.HUMAN, re.compile(
        r"\b(human|real person|live person|a person|representative|operator|reception(?:ist)?|manager"
        r"|(?:speak|talk) (?:directly )?(?:to|with) (?:someone|somebody|a|the|an)|transfer me|connect me"
        r"|front desk|(?:get|put|pass|hand) me (?:over |through )?to (?:someone|somebody|anyone|anybody)"
        r"|(?:stop|quit|done|tired of|sick of) (?:talking|speaking|dealing) (?:to|with) (?:an? |the |this )?"
        r"(?:bots?|robots?|machines?|computers?)"
        r"|(?:shar(?:e|ing)|giv(?:e|ing)|comfortable)(?: \w+){0,5} (?:to|with) an? (?:bot|robot|machine|computer))\b")),
    (Wish.BOOK, _WISH_TO_BOOK),
    (Wish.WAIT, re.compile(
        r"\b(?:wait(?:ing)? ?list|cancellation list|standby)\b"
        r"|\b(?:if|when|in case) (?:some|any)(?:thing|body|one) (?:else )?(?:opens|cancels|comes up)\b"
        r"|\b(?:if|when|in case) (?:a spot|an opening|a slot) (?:opens|comes up)\b")),
    (Wish.NO_RECORDING, re.compile(
        r"\b(?:dont|do not|not|no|stop|without|turn off)\b(?: \w+){0,5} record(?:ing|ed)?\b")),
    (Wish.OTHER, re.compile(
        r"\b(?:calling|call|called|its|it is|this is|here)(?: you)? (?:about|regarding|for)"
        r" (?:(?:something|someone|somebody) (?:else|different|new)|(?:another|a different|a new)"
        r" (?:matter|thing|reason))\b"
        r"|^(?:(?:no|nope|oh|well|um|sorry|its|actually) )*(?:something|someone|somebody) (?:else|different|new)"
        r"(?: entirely| please| today)?$")),
    (Wish.THANKS, re.compile(
        r"\b(thank you|thanks|thats all|thats it|thats everything|thatll be all|all set|nothing else|all good|im good"
        r"|im done)\b")),
)  # fmt: skip

#: Questions whose answer names an appointment that exists.
_NAMING = frozenset({Expect.CHOICE, Expect.WHEN, Expect.NAME, Expect.PHONE})
_DEFINITE = re.compile(r"\b(?<!make )(?:the|my|our|that|this) (?:\w+ ){0,2}appointment\b")

_CORRECTION = re.compile(
    r"\b(actually|i meant|i mean|make (?:it|that)|change|instead|rather|wait|correction|not what i said|sorry"
    r"|switch|move it)\b"
)
_SAME_NUMBER = re.compile(
    r"\b(?:(?:this|same|that) (?:number|phone)|(?:number|one|phone) (?:that )?(?:im|i am|youre|ive been) (?:calling"
    r"|on)"
    r"|this one|(?:number|one) (?:i called|i am calling|you (?:have|see)))\b"
)
_CALLING_NUMBER = re.compile(
    r"(?<!not )(?<!not on )(?<!not from )\b(?:the|this|my) (?:number|phone|one) (?:that )?(?:im"
    r"|i am) calling (?:from|on|with)\b"
)


def read_answer(text: str, *, is_asked: bool, may_part: bool, has_question_mark: bool) -> bool | None:
    """Yes, no, or neither; doubtful mixtures ("yes, no, wait") are neither.

    Args:
        text: normal forms.
        is_asked: a yes-or-no question is open, so that "sure" and "nothing else" answer it.
        may_part: "okay, bye" then is a yes with a goodbye, rather than a goodbye alone.
    """
    if _UNSURE.search(text):
        return None
    is_yes, said_no = _says_yes(text), _NO_START.search(text) is not None
    if _NO_BUT_YES.search(text):
        return True if is_asked else None
    if said_no:
        return None if re.search(r"\b(yes|yeah|yep|yup)\b", text) else False
    is_no_at_all = _NO_AT_ALL.search(text) is not None and _PLEASED.search(text) is None
    if _NO_ANYWHERE.search(text) or (is_asked and not is_yes and is_no_at_all):
        return False
    if has_question_mark and not re.search(r"\b(yes|yeah|yep|yup)\b", text):
        return None
    if is_yes:
        is_plain = _DOUBT.search(text) is None and _QUESTION.match(text) is None
        return True if is_plain else None
    if may_part:
        text = _PARTING.sub(" ", text).strip()
    if is_asked and _YES_ALONE.match(text) and _YES_CORE.search(text):
        return True
    return None


def _says_yes(text: str) -> bool:
    words = text.split()
    edges = {*words[: _YES_EDGE + 1], *words[-_YES_EDGE - 1 :]}
    return _YES_PHRASE.search(text) is not None or not edges.isdisjoint(_YES_WORDS)


def reads_yes_first(sentences: list[str]) -> bool:
    """ "That's correct. What's your address?": a yes, and something else that takes nothing of it back.

    Args:
        sentences: normal forms of each.
    """
    if len(sentences) < 2:
        return False
    first, rest = sentences[0], " ".join(sentences[1:])
    is_taken_back = _DOUBT.search(rest) is not None or _NO_ANYWHERE.search(rest) is not None
    return not is_taken_back and read_answer(first, is_asked=True, may_part=True, has_question_mark=False) is True


def read_choice(text: str) -> int | None:
    """Which offer is picked, by place; -1 is the last. Call it only when a choice is open."""
    if _MORE.search(text) or re.search(r"\b(?:not|neither|none)\b", text):
        return None
    places = _DATE.sub(" ", text)
    for pattern, index in _CHOICES:
        if pattern.search(places):
            return index
    return None


def read_wishes(text: str, expects: Expect) -> frozenset[Wish]:
    """Every wish about the conversation; "the Friday appointment" names one, it wishes for none."""
    wishes = frozenset(wish for wish, pattern in _WISHES if pattern.search(text))
    if expects in _NAMING and Wish.BOOK in wishes:
        return wishes if _WISH_TO_BOOK.search(_DEFINITE.sub(" ", text)) else wishes - {Wish.BOOK}
    return wishes


def reads_not_knowing(text: str) -> bool:
    """Whether the caller cannot tell what was asked for."""
    return _NOT_KNOWN.search(text) is not None


def reads_correction(text: str) -> bool:
    """Whether the words announce a change of what was said; "no, that's all" announces none."""
    is_parting = _NO_AT_ALL.search(text) is not None or _NO_THANKS.search(text) is not None
    return _CORRECTION.search(text) is not None or (_NO_START.search(text) is not None and not is_parting)


def reads_same_number(text: str, *, is_asked: bool) -> bool:
    """Whether the caller means the number called from; unasked, only when it is plainly called so."""
    return (_SAME_NUMBER if is_asked else _CALLING_NUMBER).search(text) is not None
