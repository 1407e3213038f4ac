"""A person's value from the command line, and a device page that explains every value."""

import pytest
from cli_rig import SHEET, Cli


@pytest.fixture
def filled(register: Cli) -> Cli:
    assert register("collect").code == 0
    return register


def test_a_value_is_given_shown_with_who_and_why_and_taken_back(filled: Cli) -> None:
    done = filled("set", "PF3KX9AB", "unit=kasavuori", "room=A101", "--reason", "moved", "--until", "31.12.2099")
    assert (done.code, done.lines) == (
        0,
        ["Unit id: mantymaki → kasavuori, until 31 Dec 2099", "Room: – → A101, until 31 Dec 2099"],
    )
    page = filled("show", "PF3KX9AB").out
    at = page[page.index("Unit  ") :].splitlines()
    assert at[0].split() == ["Unit", "kasavuori", "(by", "hand;", "a", "person's", "word)"]
    assert ", until 31 Dec 2099: moved" in at[1]
    assert at[2].strip().startswith("≠ mantymaki  (papers, ")
    assert "1 value stands against a source:" in page
    listed = filled("list", "overridden", "--format", "json").json()
    assert [(line["field"], line["value"], line["other"], line["other_source"]) for line in listed] == [
        ("unit", "kasavuori", "mantymaki", "papers")
    ]
    assert filled("collect").code == 0
    assert filled("set", "PF3KX9AB", "unit=", "room=", "--reason", "back").lines == [
        "Unit id: kasavuori → mantymaki",
        "Room: A101 → –",
    ]
    assert filled("list", "overridden", "--format", "json").json() == []


def test_a_price_is_entered_in_euros_as_people_write_them(filled: Cli) -> None:
    assert filled("set", "PF3KX9AB", "price=1 012,50 €", "--reason", "found").lines == ["Price: €999.90 → €1,012.50"]
    assert filled("set", "PF3KX9AB", "price=12.5", "--reason", "found").lines == ["Price: €1,012.50 → €12.50"]
    assert filled("show", "PF3KX9AB", "--format", "json").json()["fields"]["price_cents"]["value"] == 1250
    assert filled("set", "PF3KX9AB", "price=", "--reason", "back").lines == ["Price: €12.50 → €999.90"]
    number = filled("add", "serial=NEW1", "price=7").lines[0]
    assert filled("show", number, "--format", "json").json()["fields"]["price_cents"]["value"] == 700


def test_lists_and_pages_say_what_a_value_was_and_is_in_the_readers_words(filled: Cli) -> None:
    filled("set", "PF3KX9AB", "price=12,50", "critical=yes", "kind=phone", "support_end=2030-01-31", "--reason", "x")
    filled.config.write_text(filled.config.read_text().replace('language = "en"', 'language = "fi"'))
    kept_out = filled("list", "overridden", "--columns", "field,value,other").lines[1:]
    assert [line.split("\t") for line in sorted(kept_out)] == [
        ["Hinta", "12,50\u00a0€", "999,90\u00a0€"],
        ["Laitetyyppi", "puhelin", "kannettava"],
    ]
    changed = filled("list", "history", "--columns", "field,old,new", "--search", "Ääkkönen", "--limit", "4").lines[1:]
    wanted = {
        "Hinta": ("999,90\u00a0€", "12,50\u00a0€"),
        "Kriittinen": ("", "kyllä"),
        "Laitetyyppi": ("kannettava", "puhelin"),
        "Päivitystuki päättyy": ("", "31.1.2030"),
    }
    assert {line.split("\t")[0]: tuple(line.split("\t")[1:]) for line in changed} == wanted
    page = filled("show", "PF3KX9AB").out
    for field, (old, new) in wanted.items():
        assert f"{field}: {old or '–'} → {new}" in page
    kept = filled("list", "history", "--format", "json", "--limit", "4").json()
    assert ("99990", "1250") in [(line["old"], line["new"]) for line in kept]


def test_a_device_page_as_json_gives_every_field_its_source_rule_losers_and_word(filled: Cli) -> None:
    filled("set", "PF3KX9AB", "name=Uusi", "--reason", "renamed")
    page = filled("show", "PF3KX9AB", "--format", "json").json()
    name = page["fields"]["name"]
    assert (name["value"], name["source"], name["rule"]) == ("Uusi", "by hand", "a person's word")
    assert [(loser["value"], loser["source"]) for loser in name["losers"]] == [("Ääkkönen", "papers")]
    assert name["losers"][0]["seen_at"]
    assert (name["word"]["reason"], name["word"]["until"]) == ("renamed", None)
    assert page["overridden"] == ["name"]
    assert page["fields"]["serial"]["word"] is None


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("room=A1",), 2, "--reason"),
        (("room=A1", "--reason", " "), 2, "A reason is missing."),
        (("serial=X", "--reason", "x"), 2, "decides which records are one device"),
        (("rom=X", "--reason", "x"), 2, "There is no field 'rom'."),
        (("price=1.234", "--reason", "x"), 2, "could be thousands or decimals"),
        (("price_cents=5", "--reason", "x"), 2, "Write price=999,90"),
        (("rom=", "--reason", "x"), 2, "There is no field 'rom'."),
        (("room", "--reason", "x"), 2, "is not FIELD=VALUE"),
        (("room=A1", "--reason", "x", "--until", "soon"), 2, "is no date"),
        (("room=A1", "--reason", "x", "--until", "2020-01-01"), 2, "has passed"),
        (("room=", "--reason", "x"), 1, "Nobody gave room"),
        (("price=5", "--reason", "x"), 1, "price is locked to papers"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_with_what_to_do(
    filled: Cli, args: tuple[str, ...], code: int, told: str
) -> None:
    filled.settings(SHEET, '[provenance.price_cents]\nlocked = "papers"')
    filled("db", "replay")
    done = filled("set", "PF3KX9AB", *args)
    assert (done.code, told in " ".join(done.err.split())) == (code, True), done
    assert filled("show", "PF3KX9AB", "--format", "json").json()["overridden"] == []
