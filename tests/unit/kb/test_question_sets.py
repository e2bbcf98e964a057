"""Question sets as files: what is read of them, and what is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.runtime.logs import mask_numbers
from kb.evaluation.question_sets import MOST_QUESTIONS, BrokenSet, digest, parse_set, read_set

FROZEN = sorted(Path("tests/data/knowledge").glob("*/*.jsonl"))


def line(question: str = "do you park", *expects: str, **more: object) -> str:
    return json.dumps({"question": question, "expects": list(expects), **more})


def test_a_question_without_a_passage_is_to_be_refused_and_blank_lines_are_nothing() -> None:
    first, second = parse_set(f"\n{line('where do  i park ', 'a.md#parking')}\n\n{line('is it open')}\n", "set")
    assert (first.words, first.expects) == ("where do i park", ("a.md#parking",))
    assert second.expects == ()


def test_line_ends_of_either_kind_and_separators_inside_a_question_do_not_make_lines() -> None:
    first, second = parse_set(line("one") + "\r\n" + '{"question": "two\u2028parts", "expects": []}', "set")
    assert (first.words, second.words) == ("one", "two parts")


def test_a_question_keeps_its_id_while_its_words_and_what_it_expects_stay() -> None:
    (before,) = parse_set(line("one", "a#b", "a#c"), "set")
    (same,) = parse_set(line(" one ", "a#c", "a#b"), "set")
    (other_words,) = parse_set(line("ones", "a#b", "a#c"), "set")
    (other_answer,) = parse_set(line("one", "a#b"), "set")
    assert before.id == same.id
    assert len({before.id, other_words.id, other_answer.id}) == 3


def test_the_digest_of_a_set_changes_with_a_question_and_not_with_their_order() -> None:
    one, two, three = (parse_set(line(words), "set")[0] for words in ("one", "two", "three"))
    assert digest([one, two]) == digest([two, one])
    assert digest([one, two]) != digest([one, three])


def test_no_id_looks_like_a_telephone_number_to_whoever_masks_the_log() -> None:
    text = "\n".join(line(f"question {number}") for number in range(2000))
    ids = [question.id for question in parse_set(text, "set")]
    assert [mask_numbers(each) for each in ids] == ids
    assert mask_numbers("2025550123") != "2025550123"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ('{"question": "one", "expects": []', "not JSON: "),
        ("[" * 100_000, "not JSON: "),
        ('["one"]', "not an object"),
        ('{"question": "one"}', '"expects" is missing'),
        ('{"expects": []}', '"question" is missing'),
        (line("one", expected=[]), '"expected" is no field'),
        (line("  "), '"question" is to be'),
        (line("x" * 501), '"question" has 501 characters'),
        (line("bell \x07"), '"question" holds a character'),
        ('{"question": "\\ud800", "expects": []}', '"question" holds a character'),
        ('{"question": 1, "expects": []}', '"question" is to be'),
        ('{"question": "one", "expects": "a#b"}', '"expects" is to be a list'),
        ('{"question": "one", "expects": [1]}', '"expects" holds 1,'),
        (line("one", "parking"), '"expects" holds "parking"'),
        (line("one", "#parking"), '"expects" holds "#parking"'),
        (line("one", "a.md#"), '"expects" holds "a.md#"'),
        (line("one", *(f"a#{number}" for number in range(21))), '"expects" names 21 passages'),
        (line("where do i park"), "the same question as in line 1"),
    ],
)
def test_a_broken_line_is_named_with_its_number_and_its_reason(broken: str, why: str) -> None:
    with pytest.raises(BrokenSet) as caught:
        parse_set(f"{line('where do i park')}\n\n{broken}\n{line('another')}", "set.jsonl")
    (message,) = str(caught.value).splitlines()
    assert message.startswith(f"set.jsonl: line 3: {why}")


def test_of_many_broken_lines_ten_are_named_and_the_others_counted() -> None:
    with pytest.raises(BrokenSet) as caught:
        parse_set("\n".join(["{"] * 25), "set.jsonl")
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[9].startswith("set.jsonl: line 10: ")
    assert lines[10] == "and 15 more lines"


def test_an_empty_set_and_an_endless_one_are_refused() -> None:
    with pytest.raises(BrokenSet, match=r"^set: no questions in it$"):
        parse_set("\n \n", "set")
    parse_set("\n".join(line(str(number)) for number in range(MOST_QUESTIONS)), "set")
    with pytest.raises(BrokenSet, match=f"^set: {MOST_QUESTIONS + 1} questions, at most {MOST_QUESTIONS} "):
        parse_set("\n".join(line(str(number)) for number in range(MOST_QUESTIONS + 1)), "set")


def test_a_file_that_is_not_there_or_is_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenSet, match=r"gone\.jsonl: cannot be read: no such file"):
        read_set(tmp_path / "gone.jsonl")
    (tmp_path / "picture.jsonl").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BrokenSet, match=r"picture\.jsonl: cannot be read: not UTF-8"):
        read_set(tmp_path / "picture.jsonl")


def test_a_byte_order_mark_is_no_part_of_the_first_question(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(line("one"), encoding="utf-8-sig")
    assert [question.words for question in read_set(file)] == ["one"]


@pytest.mark.parametrize("file", FROZEN, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_the_sets_of_the_demo_businesses_are_whole(file: Path) -> None:
    questions = read_set(file)
    assert sum(1 for question in questions if question.expects) >= 100
    assert sum(1 for question in questions if not question.expects) >= 30
