"""Questions about the business: what they ask, and the words left when they are taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from agent.domain.questions import Question, Topic
from agent.domain.tenant import Tenant
from agent.understanding.clauses import QUESTION_START, split_clauses
from agent.understanding.days import read_days
from agent.understanding.free_facts import FactMatcher
from agent.understanding.holiday_names import named_holiday
from agent.understanding.numbers import with_numerals
from agent.understanding.services import find_service
from agent.understanding.whereabouts import ADDRESS, NUMBER, PLACE
from agent.understanding.words import Word, joined, split_words

#: Callers say "they" of the business they speak to.
_YOU = r"(?:you(?: guys| all)?|they)"
_PEOPLE = (
    r"(?:doctors?|dentists?|hygienists?|stylists?|barbers?|mechanics?|technicians?|agents?|people|staff|team|lawyers?"
    r"|attorneys?|therapists?|providers?)"
)
#: In order: the first topic whose form is said is the one asked for. Forms are of normal words.
_TOPICS: tuple[tuple[Topic, re.Pattern[str]], ...] = tuple(
    (topic, re.compile(form))
    for topic, form in (
        (
            Topic.HOLIDAYS,
            r"\b(?:open|close|closed|hours)\b.*\b(?:the )?holidays?\b(?! inn)|\bholiday hours\b"
            r"|\b(?:which|what) holidays\b",
        ),
        (
            Topic.CLOSES,
            rf"\bhow late (?:are|do|is|will|can|{_YOU}|youre)\b|\b(?:what time|when) (?:do|does|are|is|will) "
            rf"(?:{_YOU}|the {PLACE}|it|they)(?: be)? (?:close|closing|shut)\b|\b(?:what time|when) {_YOU} close\b"
            rf"|\b(?:until|till|til) (?:what time|when) (?:are|do|is) (?:{_YOU}|the {PLACE})\b"
            r"|\bclosing time\b|\bopen (?:until|till|til) (?:what|when)\b",
        ),
        (
            Topic.OPENS,
            rf"\bhow early (?:are|do|is|will|can|{_YOU}|youre)\b|\b(?:what time|when) (?:do|does|will) "
            rf"(?:{_YOU}|the {PLACE}|it|they) open\b(?! (?:and|or|to|until|till)\b)"
            rf"|\b(?:what time|when) {_YOU} open\b|\bopening time\b",
        ),
        (
            Topic.HOURS,
            r"\b(?:your|the|business|opening|office|store|shop|what|weekend|weekday|evening|saturday"
            r"|sunday)(?: \w+)? hours\b"
            r"|\bwhat(?:s| is| are)(?: \w+){0,2} hours\b"
            rf"|\bhours (?:are|of operation)\b|\bare {_YOU} (?:still |ever |also )?(?:open|closed)\b(?! to\b)"
            rf"|\bopen (?:and|or) closed?\b"
            rf"|\bwhen are {_YOU} open\b|\b(?:do|will) {_YOU} (?:be )?open\b|\b(?:if|that) (?:{_YOU} are"
            rf"|youre) open\b"
            rf"|\b(?:what|which) days are {_YOU}\b|\bis the {PLACE} (?:open|closed)\b"
            rf"|\bdo {_YOU} (?:work|open) (?:on )?(?:the )?(?:weekends?|saturdays?|sundays?)\b",
        ),
        (Topic.PHONE, NUMBER.pattern),
        (Topic.ADDRESS, ADDRESS.pattern),
        (
            Topic.DURATION,
            r"\bhow (?:long|much time|many minutes|many hours) (?:does|do|is|are|will|would|for|it)\b"
            r"(?!.*\b(?:open|wait|been|ago)\b)|\bhow long .*\b(?:take|takes|last|lasts)\b",
        ),
        (
            Topic.PRICE,
            r"\bhow much (?:is|are|does|do|would|will|for|to|its?|that|a|an|the|whats)\b|^how much$"
            r"|\bwhat(?:s| is| are)? (?:the |your )?(?:price|prices|pricing|cost|costs|fee|fees|rates?|charge"
            r"|charges)\b"
            r"|\bwhat (?:do|does|would|will|is|s)\b.*\b(?:cost|charge|run me)\b|\bhow (?:expensive|pricey)\b"
            r"|\b(?:price|cost) (?:is )?(?:of|for)\b|\b(?:price|prices|cost) (?:list|range)\b",
        ),
        (
            Topic.SERVICES,
            r"\b(?:what|which) (?:other |all )?(?:kinds? of |types? of |sorts? of )?"
            rf"(?:services|treatments|procedures|appointments) (?:do {_YOU}|are|can|{_YOU})\b"
            rf"|\bwhat (?:else )?(?:do|can|kind of things do) {_YOU} (?:do|offer|provide|have to offer)\b"
            r"|\b(?:your|list of) services\b",
        ),
        (Topic.OFFERED, rf"\b(?:do|does|can) (?:{_YOU}|they) (?:also |even )?(?:do|offer|provide|perform|handle)\b"),
        (
            Topic.STAFF,
            rf"\bwho (?:works|is working|(?:is|are) your|does|do {_YOU} have)\b"
            r"|\bwho (?:will|would) i (?:see|be seeing|be with)\b"
            rf"|\b(?:which|what|how many) {_PEOPLE} (?:do|does|work|works|are|is)\b|\bwhos (?:your|the) {_PEOPLE}\b"
            rf"|\bnames? of (?:your|the) {_PEOPLE}\b|\bwho are (?:your|the) {_PEOPLE}\b",
        ),
        (
            Topic.BUSINESS,
            r"\bwho(?:s| is) this\b|\bwho am i (?:speaking|talking) (?:to|with)\b|\bwho did i (?:call|reach)\b"
            r"|\bwhat (?:company|business|place|office) is this\b",
        ),
    )
)
_DAY_TOPICS = frozenset({Topic.HOURS, Topic.OPENS, Topic.CLOSES, Topic.HOLIDAYS})
#: "Are you open?" of this moment.
_NOW = re.compile(rf"\bare {_YOU} (?:still |currently )?(?:open|closed)(?: right)?(?: now| at the moment)?$")
_ASKS = re.compile(
    rf"^(?:(?:and|but|also|or|so|oh|hi|hello|hey|okay|ok|um|well|wait|actually|yes|no) )*"
    rf"(?:(?:until|till|til|on|at|in|by|for) (?:what|which|when)|{QUESTION_START})\b"
    r"|\b(?:wondering|tell me|curious|question about|asking about|(?:want|like) to know|i need|give me|know (?:if"
    r"|what|where|how|whether)|(?:check|confirm|verify|sure|find out) (?:that|if|whether|what|where|when|how))\b"
)
#: "I want to park my car somewhere" asks how; "I need an appointment as a new patient" asks for an appointment.
_NEEDS = r"\b(?:(?:i|we)(?:ll| will)? (?:want|need|wanna|have to)|(?:id|we would|i would) (?:like|love))\b"
_NEED = re.compile(_NEEDS)
#: "The parking is free, right?", of which a recogniser drops the question mark.
_TAG = re.compile(r"\w \w+ (?:right|correct|huh|isnt it|arent you|dont you)$")
_PLAN = re.compile(
    rf"{_NEEDS} (?:\w+ ){{0,3}}(?:appointments?|book|schedule|reschedule|cancel|move|change|come|see|visit|talk|speak"
    r"|message|call)\b"
)
#: Begins like a question, and asks us to do something.
_REQUEST = re.compile(
    r"\b(?:can|could|would|will|do|did|are|is|have) (?:you|we|i|it|that|this)(?: please)? (?:book|make|get|put"
    r"|schedule"
    r"|move|change|cancel|repeat|say|hear|help|hold|come|mean|sure|there|right|okay|ok|correct|like|take it|be"
    r"|see|want|please|again)\b"
)
#: Asks for a time, or after our own words.
_ABOUT_TIMES = re.compile(
    r"\b(?:earlier|later|sooner|available|availability|opening|openings|slots?|times?|free|else|anything|something"
    r"|appointments?|that|this|day|date|one|name|said|say)\b"
)
#: What introduces a question and tells nothing by itself.
_PREAMBLE = re.compile(
    r"^(?:(?:oh|um|so|well|okay|ok|and|but|also|wait|hi|hello|hey|actually|sorry|just|real|first|quick|quickly"
    r"|by the way|before (?:that|(?:i|we) do(?: that)?)"
    r"|(?:i (?:have|had|got) )?(?:a|one|another)(?: quick)?(?: more)? question|quick question"
    r"|can i ask(?: you)?(?: something)?|i was(?: just)? wondering|do you know|(?:can|could) you tell me"
    r"|let me ask(?: you)?)\b ?)+$"
)
#: "Your hours, please" asks without a question's words; "the address of the salon is …" tells.
_MOST_BARE_WORDS = 6
#: Fewer words are a fragment, not a question nobody can answer.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of an utterance.

    Attributes:
        rest: its words without them; the whole text when there are none.
    """

    questions: tuple[Question, ...]
    rest: str


def read_questions(text: str, *, tenant: Tenant, today: date, matcher: FactMatcher) -> Asked:
    """Take the questions about the business out of an utterance.

    Args:
        today: in the tenant's zone; "are you open on Saturday" means the one to come.
    """
    clauses = split_clauses(text)
    found = [_question(clause, tenant, today, matcher) for clause in clauses]
    questions = tuple(question for question in found if question is not None)
    if not questions:
        return Asked((), text)
    rest = [clause for clause, question in zip(clauses, found, strict=True) if question is None]
    kept = [clause for clause in rest if not _PREAMBLE.match(joined(split_words(clause)))]
    return Asked(questions, " ".join(kept))


def asks_something(text: str) -> bool:
    """Whether an utterance nobody understood was at least a question: it deserves "I don't know"."""
    words = joined(split_words(text))
    is_long = len(words.split()) >= _LEAST_WORDS
    return is_long and _ASKS.search(words) is not None and not _is_request(words)


def _is_request(words: str) -> bool:
    return _REQUEST.search(words) is not None or _ABOUT_TIMES.search(words) is not None


def _question(clause: str, tenant: Tenant, today: date, matcher: FactMatcher) -> Question | None:
    words = split_words(clause)
    text = joined(words)
    is_asking = _ASKS.search(text) is not None or clause.rstrip().endswith("?")
    service = find_service(words, tenant, is_asked=False)
    is_request = service is not None and _REQUEST.search(text) is not None  # "can I get a haircut for my kids?"
    is_need = service is None and _NEED.search(text) is not None
    is_tagged = service is None and _TAG.search(text) is not None
    may_be_fact = (is_asking or is_need or is_tagged) and not is_request and _PLAN.search(text) is None
    match = matcher.match(clause, tenant.knowledge.facts) if may_be_fact else None
    if match is not None:
        return Question(Topic.FACT, clause, fact_id=match.fact_id)
    topic = next((topic for topic, form in _TOPICS if form.search(text)), None)
    if topic is None or not (is_asking or len(words) <= _MOST_BARE_WORDS):
        return None
    if topic in _DAY_TOPICS:
        return _about_days(topic, clause, words, today)
    service_id = service.service_id if service else None
    if topic is Topic.OFFERED and (_names_a_day(words, today) or _ABOUT_TIMES.search(text)):
        return None  # "do you do cleanings on Thursday?" wishes for one
    if topic is Topic.OFFERED and service_id is None:
        topic = Topic.UNKNOWN
    return Question(topic, clause, service_id)


def _about_days(topic: Topic, clause: str, words: list[Word], today: date) -> Question:
    holiday = named_holiday(joined(words), today)
    if holiday is not None:
        return Question(Topic.HOURS if topic is Topic.HOLIDAYS else topic, clause, None, holiday, holiday)
    days, _ = read_days(with_numerals(words), today)
    if topic is Topic.HOURS and days.first_on is None and _NOW.search(joined(words)):
        topic = Topic.OPEN_NOW
    if topic is Topic.HOLIDAYS and days.first_on is not None:
        topic = Topic.HOURS
    return Question(topic, clause, None, days.first_on, days.last_on)


def _names_a_day(words: list[Word], today: date) -> bool:
    days, _ = read_days(with_numerals(words), today)
    return days.first_on is not None
