"""Templates are whole documents, whatever the business is called and wherever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.bootstrap.tenant_document import document_of
from agent.bootstrap.tenants import new_tenant
from agent.cli import main
from agent.domain.errors import ConfigError
from agent.tenants.conversion import to_tenant
from agent.tenants.templates import STAND_IN_NUMBER, Blanks, fill_in, slug_of, template_names
from agent.tenants.us_states import us_states

NAMES = ("Joe's Plumbing & Heating", 'The "Best" $5 Cuts: #1', "Café Ölmühle → Zürich", "\\n \t {name}", "日本")


@pytest.mark.parametrize("template", template_names())
@pytest.mark.parametrize("name", NAMES)
def test_a_template_filled_in_passes_every_check(template: str, name: str) -> None:
    document = document_of(fill_in(template, Blanks(name)), template)
    assert document.name == " ".join(name.split())
    assert document.numbers == [STAND_IN_NUMBER]
    assert document.slug == slug_of(name)


@pytest.mark.parametrize("state", [*us_states(), ""])
def test_a_state_brings_its_time_zone(state: str) -> None:
    text = fill_in("salon", Blanks("X", state=state))
    assert f'timezone: "{us_states()[state].zone if state else "America/New_York"}"' in text


@pytest.mark.parametrize("template", template_names())
def test_a_template_suits_the_strictest_states(template: str) -> None:
    for state in ("CA", "UT"):
        assert to_tenant(document_of(fill_in(template, Blanks("X", state=state)), template)).state == state


def test_there_are_the_five_verticals() -> None:
    assert template_names() == ("auto-repair", "dental", "home-services", "real-estate-leads", "salon")


def test_what_is_given_is_filled_in() -> None:
    blanks = Blanks("Joe's", number="+12125550100", state="CA", timezone="America/Denver", slug="joe")
    tenant = to_tenant(document_of(fill_in("salon", blanks), "salon"))
    assert (tenant.slug, tenant.numbers, tenant.area_code) == ("joe", ("+12125550100",), "212")
    assert (tenant.state, tenant.timezone) == ("CA", "America/Denver")


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Joe's Plumbing & Heating", "joes-plumbing-heating"), ("Café Ölmühle", "cafe-olmuhle"), ("日本", "business"),
     ("A" * 50, "a" * 40), ("a" * 39 + " b", "a" * 39)],
)  # fmt: skip
def test_a_slug_is_made_of_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_an_unknown_template_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no template 'bakery'; there are: auto-repair, dental"):
        fill_in("bakery", Blanks("X"))


def test_a_wrong_blank_is_refused_by_the_check() -> None:
    with pytest.raises(ConfigError, match='timezone: expected an IANA time zone such as "America/New_York"'):
        new_tenant("salon", Blanks("X", timezone="Mars"))
    with pytest.raises(ConfigError, match="state: expected the two letters of a state"):
        new_tenant("salon", Blanks("X", state="ZZ"))


def test_new_prints_a_file_that_check_accepts_and_names_what_stands_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["tenant", "new", "--template", "dental", "--name", "Dr. Smith & Sons"]) == 0
    printed = capsys.readouterr()
    file = tmp_path / "smith.yaml"
    file.write_text(printed.out, encoding="utf-8")
    assert printed.err.splitlines() == [
        "numbers: +15550100999 stands in; put the number callers dial",
        "state: unknown, so the strictest law holds; put your state's two letters",
    ]
    assert main(["tenant", "check", str(file)]) == 0
    assert "Dr. Smith & Sons, 4 services, +15550100999" in capsys.readouterr().out


def test_new_with_everything_given_has_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--template", "salon", "--name", "Cut", "--number", "+12125550100", "--state", "ny"]
    assert main(["tenant", "new", *words]) == 0
    assert capsys.readouterr().err == ""
