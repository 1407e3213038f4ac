"""Handing devices over from the command line, and a page of what somebody has."""

import pytest
from cli_rig import Cli
from openpyxl import load_workbook
from register_rig import NOON, page, row, run

from devreg.domain.observation import Subject
from devreg.store.engine import connect

AINO = "aino.koski@city.example"


@pytest.fixture
def city(register: Cli) -> Cli:
    sessions = connect(register.database, register.folder)
    phone = row("1", serial="SER1", kind="phone", model="iPhone 15", imei="356938035643809", asset_tag="KA-1")
    aino = row("u1", Subject.PERSON, "users", name="Aino Koski", email=AINO, active=True, department="Kirjasto")
    run(sessions, page(phone, aino, row("s1", Subject.UNIT, id="kasavuori", name_fi="Kasavuoren koulu")), now=NOON)
    sessions.close()
    return register


def test_a_device_is_handed_over_shown_with_its_holder_and_taken_back(city: Cli) -> None:
    assert city("assign", "KA-1", "--person", "Aino Koski", "--reason", "new phone").lines == [
        "Holder: – → Aino Koski",
        f"Holder's e-mail: – → {AINO}",
    ]
    told = city("person", AINO).lines
    assert told[:3] == ["Aino Koski", f"  {AINO}", "  intune: open, Kirjasto"]
    assert told[-1] == "  D000001  KA-1 phone iPhone 15  SER1"
    assert city("assign", "KA-1", "--none").code == 0
    told = city("person", AINO).lines
    assert "No devices" in told
    assert told[-1].startswith("  D000001  ")
    assert "Aino Koski" in told[-1]
    assert "new phone" in city("show", "KA-1").out.partition("Who had it")[2]
    assert city("person", AINO, "--format", "json").json()["had"][0]["device"] == "D000001"


def test_who_gets_it_must_be_said_once(city: Cli) -> None:
    for to in ((), ("--none", "--unit", "kasavuori"), ("--none", "--person", AINO)):
        done = city("assign", "KA-1", *to)
        assert (done.code, "Say who gets it" in done.err) == (2, True)


def test_a_receipt_says_the_same_as_text_and_as_a_sheet_in_the_readers_language(city: Cli) -> None:
    city("assign", "KA-1", "--person", AINO, "--receipt", "kuitti.txt")
    text = (city.folder / "kuitti.txt").read_text(encoding="utf-8")
    assert "Received by: Aino Koski, " in " ".join(text.split())
    assert city("receipt", "KA-1", "--kind", "return", "--out", "kvitto.xlsx", "--lang", "sv").code == 0
    assert city("receipt", "KA-1", "--kind", "return", "--out", "kvitto.txt", "--lang", "sv").code == 0
    cells = list(load_workbook(city.folder / "kvitto.xlsx").active.iter_rows(values_only=True))
    kept = [" ".join(str(value) for value in line if value) for line in cells if any(line)]
    said = (city.folder / "kvitto.txt").read_text(encoding="utf-8").splitlines()
    plain = [" ".join(line.replace(":", "", 1).split()) for line in said if line.strip() and set(line) != {"="}]
    assert kept == plain
    assert any(line.startswith("Återlämnad av Aino Koski, ") for line in plain)
    assert {"SER1", "356938035643809", "KA-1"} <= {line.split()[-1] for line in plain}
    trail = city("list", "audit", "--where", "act=receipt", "--format", "json").json()
    assert [line["about"] for line in trail] == ["D000001"] * 3


def test_a_receipt_for_what_came_back_names_who_had_it(city: Cli) -> None:
    city("assign", "KA-1", "--person", AINO)
    assert city("assign", "KA-1", "--none", "--receipt", "back.txt").code == 0
    assert "Aino Koski" in (city.folder / "back.txt").read_text(encoding="utf-8")


def test_nothing_that_nobody_has_is_handed_over_on_paper(city: Cli) -> None:
    done = city("receipt", "KA-1", "--kind", "handover", "--out", "x.txt")
    assert (done.code, "Nobody has D000001" in done.err) == (1, True)
    assert not (city.folder / "x.txt").exists()


def test_who_looked_at_a_person_or_took_a_report_out_stands_in_the_trail(city: Cli) -> None:
    """Before it is shown: what can't be told is not shown (safety.md 32)."""
    assert city("person", AINO).code == 0
    assert city("list", "devices", "--where", f"holder_email={AINO}").code == 0
    assert city("list", "devices").code == 0
    assert city("report", "phones", "--out", "phones.xlsx").code == 0
    trail = city("list", "audit", "--where", "right=look", "--sort", "seq", "--format", "json").json()
    assert [(line["act"], line["about"], AINO in str(line["after"])) for line in trail] == [
        ("look at a person", "person", True),
        ("list devices", "person", True),
        ("report phones", "report", False),
    ]
    assert "phones.xlsx" in trail[2]["after"]
    text = city.config.read_text(encoding="utf-8")
    city.config.write_text(f'{text}\n[audit]\nfile = "no/such/folder/audit.jsonl"\n', encoding="utf-8")
    for call in (("person", AINO), ("report", "phones", "--out", "again.xlsx")):
        done = city(*call)
        assert (done.code, done.out) == (1, ""), call
        assert "audit trail can't be told" in done.err, call
    assert not (city.folder / "again.xlsx").exists()
