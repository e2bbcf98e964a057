"""Scenario files: what is accepted, and one clear sentence for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest.caller import script
from loadtest.caller.errors import CallerError

_SCENARIOS = Path(script.__file__).parent / "scenarios"


def _load(tmp_path: Path, text: str, values: dict[str, str] | None = None) -> script.Scenario:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    return script.load(path, values)


@pytest.mark.parametrize("path", sorted(_SCENARIOS.glob("*.yaml")), ids=lambda path: path.name)
def test_every_scenario_in_the_house_loads(path: Path) -> None:
    scenario = script.load(path)
    assert scenario.name == path.stem


def test_the_demo_asks_for_what_its_goal_says() -> None:
    scenario = script.load(_SCENARIOS / "demo.yaml", {"service": "whitening", "phone": "5559876543"})
    assert scenario.goal["service"] == "whitening"
    assert any("whitening" in text for text in scenario.spoken())
    assert any("5559876543" in text for text in scenario.spoken())
    assert any(line.barge_in for line in scenario.lines)


def test_everything_left_out_has_a_default(tmp_path: Path) -> None:
    scenario = _load(tmp_path, "name: x\nlines: [{say: hello}, {dtmf: '12#'}]\n")
    assert (scenario.limits.silence_ms, scenario.limits.reply_s, scenario.caller.voice) == (800, 5.0, "hibari")
    assert scenario.spoken() == ["hello"]
    assert not scenario.needs_ear


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: x\nlinez: []\n", "linez is not a key a scenario has"),
        ("name: x\nlines: [{say: hi, expects: [a]}]\n", "lines[1].expects is not a key a scenario has"),
        ("name: x\nlines: [{say: hi, dtmf: '1'}]\n", "lines[1]: give exactly one of say, dtmf, wait_s, hangup"),
        ("name: x\nlines: [{expect: [a]}]\n", "lines[1]: give exactly one of say, dtmf, wait_s, hangup"),
        ("name: x\nlines: [{dtmf: '12x'}]\n", "lines[1].dtmf: '12x' has 'X', which no telephone has"),
        ("name: x\nlines: [{expect: ['('], say: hi}]\n", "lines[1].expect[1]: '(' is not a regular expression"),
        ("name: x\nlimits: {reply_s: soon}\n", "limits.reply_s: input should be a valid number"),
        ("name: x\notherwise: [{when: [a], at_most: 2}]\n", "otherwise[1]: give exactly one of"),
        ("name: x\ncaller: {voice: alan}\n", "caller.voice: input should be 'hibari' or 'joe'"),
        ("lines: []\n", "name: field required"),
        ("name: x\nlines: [{say: '${who}'}]\n", "${who} has no value; add it under values: or pass --set"),
        ("- a\n", "must be a mapping"),
        ("name: [", "is not YAML"),
    ],
)
def test_a_bad_file_gets_one_sentence_that_names_the_key(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CallerError) as caught:
        _load(tmp_path, text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "x.yaml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CallerError, match=r"cannot read .*nowhere.yaml: No such file"):
        script.load(tmp_path / "nowhere.yaml")


def test_values_given_by_hand_win_over_the_file_s(tmp_path: Path) -> None:
    text = "name: x\nvalues: {who: Dana}\nlines: [{say: 'I am ${who}'}]\ngoal: {name: '${who}'}\n"
    assert _load(tmp_path, text).spoken() == ["I am Dana"]
    changed = _load(tmp_path, text, {"who": "Lee"})
    assert (changed.spoken(), changed.goal) == (["I am Lee"], {"name": "Lee"})
