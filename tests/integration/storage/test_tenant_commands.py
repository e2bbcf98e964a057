"""`voicefleet tenant`: begun, applied, shown, changed and brought back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from agent.bootstrap.tenant_document import load_tenant
from agent.bootstrap.tenants import apply_tenants, show_tenant
from agent.domain.errors import ConfigError
from agent.storage.pool import Pool, tenant_tx
from agent.storage.tenants import load_tenant as stored_tenant
from agent.tenants.templates import Blanks, fill_in, template_names

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)


def written(folder: Path, template: str, number: str, *, name: str | None = None, **changes: str) -> Path:
    file = folder / f"{template}.yaml"
    text = fill_in(template, Blanks(name or f"The {template} place", number=number, state="NY"))
    for old, new in changes.items():
        text = text.replace(f"{old}: ", f"{old}: {new}  # ", 1)
    file.write_text(text, encoding="utf-8")
    return file


async def show(capsys: Capture, name: str | None, *, number: str | None = None, version: int | None = None) -> str:
    capsys.readouterr()
    assert await show_tenant(name, number, version=version, is_yaml=False) == 0
    return capsys.readouterr().out


async def yaml_of(capsys: Capture, name: str, *, version: int | None = None) -> str:
    capsys.readouterr()
    assert await show_tenant(name, None, version=version, is_yaml=True) == 0
    return capsys.readouterr().out


async def test_every_template_applies_and_is_what_the_application_finds(pool: Pool, tmp_path: Path) -> None:
    files = [written(tmp_path, name, f"+1212555010{n}") for n, name in enumerate(template_names())]
    assert await apply_tenants(files) == 0
    for file in files:
        tenant = load_tenant(file)
        async with tenant_tx(pool, tenant.id) as connection:
            stored = await stored_tenant(connection, tenant.id)
            staff = await connection.fetch("SELECT id FROM staff WHERE active")
        assert stored
        assert stored.slug == tenant.slug
        assert {row["id"] for row in staff} == {person.id for person in tenant.staff}


async def test_what_is_live_is_shown_by_slug_by_name_and_by_number(capsys: Capture, tmp_path: Path) -> None:
    assert await apply_tenants([written(tmp_path, "salon", "+12125550200", name="Hair There")]) == 0
    by_slug = await show(capsys, "hair-there")
    assert by_slug == await show(capsys, "HAIR there")
    assert by_slug == await show(capsys, None, number="+12125550200")
    for part in (
        "name                 Hair There", "+12125550200", "America/New_York, NY", "I'm an AI assistant.",
        "announced, as one party's consent is enough in New York", "color     color      120 min  0 before, 15 after",
        "tuesday    09:00-19:00", "sunday     closed", "thanksgiving-day",
        "ana  Ana    tue 09:00-17:00, wed 09:00-17:00, thu 11:00-20:00, fri",
        "messages             taken, asked whether urgent", "messages, urgent     running late, allergic",
        "texts                none", "overflow             none",
    ):  # fmt: skip
        assert part in by_slug, by_slug
    assert by_slug.splitlines()[-1].startswith("  1  20")
    assert by_slug.endswith("live\n")


async def test_a_number_that_belongs_to_another_keeps_every_file_from_being_stored(
    capsys: Capture, tmp_path: Path
) -> None:
    assert await apply_tenants([written(tmp_path, "salon", "+12125550500", name="Owner")]) == 0
    capsys.readouterr()
    right = written(tmp_path, "dental", "+12125550501", name="Right")
    wrong = written(tmp_path, "salon", "+12125550500", name="Taker")
    with pytest.raises(ConfigError, match=r"\+12125550500"):
        await apply_tenants([right, wrong])
    assert "version" not in capsys.readouterr().out
    with pytest.raises(ConfigError, match="no tenant is called 'right'"):
        await show_tenant("right", None, version=None, is_yaml=False)


async def test_the_ways_out_of_a_call_are_shown(capsys: Capture, tmp_path: Path) -> None:
    file = written(tmp_path, "real-estate-leads", "+12125550250", name="Homes")
    text = file.read_text(encoding="utf-8").replace("messages: ", "messages:\n  enabled: false\n#")
    text += 'sms: {enabled: true, booking_link: "https://book.example/homes"}\noverflow_number: "+12125550251"\n'
    file.write_text(text, encoding="utf-8")
    assert await apply_tenants([file]) == 0
    shown = await show(capsys, "homes")
    for part in (
        "messages   not taken",
        "texts      to who agrees, https://book.example/homes",
        "overflow   +12125550251",
    ):
        assert part in shown, shown


async def test_the_document_comes_back_and_an_earlier_version_can_be_live_again(
    capsys: Capture, tmp_path: Path
) -> None:
    file = written(tmp_path, "dental", "+12125550300", name="Smile")
    assert await apply_tenants([file]) == 0
    before = await yaml_of(capsys, "smile")
    (tmp_path / "back.yaml").write_text(before, encoding="utf-8")
    assert load_tenant(tmp_path / "back.yaml") == load_tenant(file)
    changed = written(tmp_path, "dental", "+12125550300", name="Smile", notice_min="90")
    assert await apply_tenants([changed]) == 0
    assert yaml.safe_load(await yaml_of(capsys, "smile"))["notice_min"] == 90
    assert await yaml_of(capsys, "smile", version=1) == before
    assert await apply_tenants([tmp_path / "back.yaml"]) == 0
    assert await yaml_of(capsys, "smile") == before
    assert [line.split()[0] for line in (await show(capsys, "smile")).splitlines()[-3:]] == ["3", "2", "1"]
    with pytest.raises(ConfigError, match="smile has no version 9; the latest are: 3, 2, 1"):
        await show_tenant("smile", None, version=9, is_yaml=False)


@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [
        ("nobody", None, "no tenant is called 'nobody', by slug or by name"),
        (None, "+19995550100", "no tenant owns the number [+]19995550100"),
        ("6f1c0f5e-5b0a-5c1e-9d0b-7f0e5a2c41d7", None, "no tenant is called '6f1c"),
    ],
)
async def test_an_unknown_tenant_is_refused_in_one_sentence(
    name: str | None, number: str | None, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        await show_tenant(name, number, version=None, is_yaml=False)
    assert "\n" not in str(caught.value)


async def test_a_name_that_several_bear_is_answered_with_their_slugs(tmp_path: Path) -> None:
    for slug, number in (("twin-one", "+12125550401"), ("twin-two", "+12125550402")):
        file = tmp_path / f"{slug}.yaml"
        file.write_text(fill_in("salon", Blanks("Twins", number=number, slug=slug)), encoding="utf-8")
        assert await apply_tenants([file]) == 0
    with pytest.raises(ConfigError, match="several tenants are called 'twins': twin-one, twin-two"):
        await show_tenant("twins", None, version=None, is_yaml=False)
