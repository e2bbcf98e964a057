"""Question sets: lines of JSON, each a question and the passages that answer it.

    {"question": "do you take delta", "expects": ["insurance.md#do-you-take-delta-dental"]}
    {"question": "can you fix my tv", "expects": []}

Of several passages each alone answers the question; with none of them it is to be refused. A passage is named by the
end of its source's path and its key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.domain.errors import Blame, FleetError
from agent.storage.kb_questions import SetQuestion

#: A run of more holds up whatever comes after it.
MOST_QUESTIONS = 5000
_LONGEST_QUESTION_CHARS = 500
_MOST_EXPECTED = 20
_FIELDS = frozenset({"question", "expects"})
#: Faults of one file that are named.
_MOST_NAMED = 10


class BrokenSet(FleetError):
    """A question set cannot be used."""

    default_blame = Blame.CLIENT


class _Fault(Exception):
    """What is wrong with one line."""


def read_set(path: Path) -> tuple[SetQuestion, ...]:
    """The questions of a file, in its order. Raises BrokenSet as `parse_set`, or when the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BrokenSet(f"{path}: cannot be read: {(error.strerror or type(error).__name__).lower()}") from None
    except UnicodeDecodeError:
        raise BrokenSet(f"{path}: cannot be read: not UTF-8") from None
    return parse_set(text, str(path))


def parse_set(text: str, name: str) -> tuple[SetQuestion, ...]:
    """The questions of a text; lines of nothing but blanks are left out.

    Raises: BrokenSet: naming every broken line (the first ten of many), or that there are none or too many.
    """
    questions: list[SetQuestion] = []
    faults: list[str] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            question = _question(line)
            if question.words in line_of:
                raise _Fault(f"the same question as in line {line_of[question.words]}")
        except _Fault as fault:
            faults.append(f"{name}: line {number}: {fault}")
            continue
        line_of[question.words] = number
        questions.append(question)
    if len(faults) > _MOST_NAMED:
        faults[_MOST_NAMED:] = [f"and {len(faults) - _MOST_NAMED} more lines"]
    if faults:
        raise BrokenSet("\n".join(faults))
    if not questions:
        raise BrokenSet(f"{name}: no questions in it")
    if len(questions) > MOST_QUESTIONS:
        raise BrokenSet(f"{name}: {len(questions)} questions, at most {MOST_QUESTIONS} can be run")
    return tuple(questions)


def digest(questions: Sequence[SetQuestion]) -> str:
    """The sha256 of a set; their order does not count."""
    return hashlib.sha256("\n".join(sorted(question.id for question in questions)).encode()).hexdigest()


def _question(line: str) -> SetQuestion:
    value = _read(line)
    words, expects = value["question"], value["expects"]
    if not isinstance(words, str) or not words.strip():
        raise _Fault('"question" is to be the words of a question')
    words = " ".join(words.split())
    if not words.isprintable():
        raise _Fault('"question" holds a character that cannot be printed')
    if len(words) > _LONGEST_QUESTION_CHARS:
        raise _Fault(f'"question" has {len(words)} characters, at most {_LONGEST_QUESTION_CHARS} are read')
    if not isinstance(expects, list):
        raise _Fault('"expects" is to be a list of passages, empty when the question is to be refused')
    if len(expects) > _MOST_EXPECTED:
        raise _Fault(f'"expects" names {len(expects)} passages, at most {_MOST_EXPECTED}')
    for each in expects:
        if not _is_name(each):
            raise _Fault(f'"expects" holds {json.dumps(each)[:80]}, which is no passage like "file.md#key"')
    kept = tuple(dict.fromkeys(expects))
    return SetQuestion(_id_of(words, kept), words, kept)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and all(part.strip() for part in value.rpartition("#"))


def _read(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Fault(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise _Fault("not an object with a question and what it expects")
    for field in sorted(_FIELDS - value.keys()):
        raise _Fault(f'"{field}" is missing')
    for field in sorted(value.keys() - _FIELDS):
        raise _Fault(f"{json.dumps(field)[:80]} is no field of a question")
    return value


def _id_of(words: str, expects: Sequence[str]) -> str:
    """Begins with a letter: whoever masks telephone numbers in a log leaves it alone."""
    content = json.dumps([words, sorted(expects)], ensure_ascii=False)
    return "q" + hashlib.sha256(content.encode()).hexdigest()[:16]
