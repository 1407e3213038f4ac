"""Old registers read in by hand: what is shown, what is written, what is left alone."""

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from cli_rig import SHEET, Cli, Done
from openpyxl import Workbook
from register_rig import actor, dump

from devreg import wiring
from devreg.domain.rights import Role
from devreg.errors import Refused
from devreg.services.importing import Wish, import_sheet
from devreg.store import locks
from devreg.store.engine import connect

PROFILES = """
[profiles.old]
match = ["serial", "imei", "asset_tag"]
[profiles.old.columns]
"Sarjanumero" = "serial"
"IMEI" = "imei"
"MAC" = "mac"
"Tunnus" = "asset_tag"
"Nimi" = "name"
"Hinta" = "price"
"Ostettu" = "purchase_date"
"Huom" = "notes"

[profiles.leases]
match = ["serial"]
columns = { "SN" = "serial", "Vuokra" = "lease.monthly_fee", "Päättyy" = "lease.end" }

[profiles.places]
match = ["unit.id"]
columns = { "Tunnus" = "unit.id", "Nimi" = "unit.name_fi", "Kuuluu" = "unit.parent" }

[profiles.pupils]
match = ["headcount.unit"]
columns = { "Koulu" = "headcount.unit", "Päivä" = "headcount.date", "Oppilaita" = "headcount.pupils" }
"""
HEAD = ("Sarjanumero", "IMEI", "MAC", "Tunnus", "Nimi", "Hinta", "Ostettu", "Huom")
Cells = dict[str, str]


@pytest.fixture
def city(register: Cli) -> Cli:
    """Three devices from a list, and profiles to import by."""
    register.settings(SHEET, PROFILES)
    assert register("collect").code == 0
    return register


def write(cli: Cli, *rows: Cells, encoding: str = "utf-8", separator: str = ";", name: str = "old.csv") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(HEAD)
    writer.writerows([row.get(column, "") for column in HEAD] for row in rows)
    (cli.folder / name).write_bytes(out.getvalue().encode(encoding))
    return name


def text(cli: Cli, *lines: str, name: str = "old.csv") -> str:
    (cli.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def take(cli: Cli, *rows: Cells, more: tuple[str, ...] = ("--apply",), form: str = "json") -> Done:
    return cli("import", write(cli, *rows), "--profile", "old", "--format", form, *more)


def lines(done: Done) -> list[tuple[str | int | None, ...]]:
    return [
        (line["row"], line["result"], line["device"], line["field"], line["old"], line["new"]) for line in done.json()
    ]


def device(cli: Cli, ref: str) -> dict[str, str]:
    fields: dict[str, dict[str, str]] = cli("show", ref, "--format", "json").json()["fields"]
    return {name: field["value"] for name, field in fields.items()}


def everything(cli: Cli) -> str:
    sessions = connect(cli.database, cli.folder)
    try:
        return repr(dump(sessions, without=("completed_at", "last_seen")))
    finally:
        sessions.close()


# What is shown is what is done


def test_a_dry_run_shows_exactly_what_an_import_does_and_writes_nothing(city: Cli) -> None:
    rows = (
        {"Sarjanumero": "pf3kx9ab", "Nimi": "Uusi", "Ostettu": "24.11.2025"},
        {"Sarjanumero": "NEW1234", "Hinta": "12,50"},
        {"Nimi": "?"},
        {"Sarjanumero": "PF3KX9AC", "Hinta": "abc"},
    )
    before = everything(city)
    shown = take(city, *rows, more=())
    assert shown.code == 1
    assert "Nothing was written" in shown.err
    assert everything(city) == before
    assert (
        lines(shown)
        == [
            (2, "changed", "D000001", "purchase_date", None, "2025-11-24"),
            (2, "changed", "D000001", "name", "Ääkkönen", "Uusi"),
            (3, "new", "D000004", "serial", None, "NEW1234"),
            (3, "new", "D000004", "price_cents", None, "1250"),
            (4, "rejected", None, None, None, None),
            (5, "rejected", None, None, None, None),
        ]
        or lines(shown)[0][3] == "name"
    )
    done = take(city, *rows)
    assert (done.code, done.json()) == (1, shown.json())
    assert "Written." in done.err
    assert "Rows: new 1, changed 1, unchanged 0, rejected 2, ambiguous 0." in done.err
    assert device(city, "PF3KX9AB")["name"] == "Uusi"
    reasons = [line["reason"] for line in done.json() if line["result"] == "rejected"]
    assert "nothing would know it again" in reasons[0]
    assert "row 5, column “Hinta”" in reasons[1]


def test_the_same_file_again_changes_nothing_and_names_every_row(city: Cli) -> None:
    rows = ({"Sarjanumero": "PF3KX9AB", "Nimi": "Uusi"}, {"Tunnus": "KA-7", "Nimi": "tulostin"})
    assert take(city, *rows).code == 0
    before = everything(city)
    again = take(city, *rows)
    assert lines(again) == [
        (2, "unchanged", "D000001", None, None, None),
        (3, "unchanged", "D000004", None, None, None),
    ]
    assert everything(city) == before


def test_a_newer_file_updates_its_rows_and_neither_empty_cells_nor_missing_rows_take_anything_back(city: Cli) -> None:
    first = ({"Sarjanumero": "NEW1234", "Nimi": "Vanha", "Huom": "pidetään"}, {"Sarjanumero": "NEW5678", "Nimi": "jää"})
    assert take(city, *first).code == 0
    newer = take(city, {"Sarjanumero": "NEW1234", "Nimi": "Uusi"})
    assert lines(newer) == [(2, "changed", "D000004", "name", "Vanha", "Uusi")]
    assert device(city, "NEW1234")["notes"] == "pidetään"
    records = city("list", "records", "--where", "source=import:old", "--format", "json").json()
    assert [(record["native_id"], record["gone_at"]) for record in records] == [("NEW1234", None), ("NEW5678", None)]


def test_empty_cells_take_back_what_the_row_said_when_that_is_asked_for(city: Cli) -> None:
    assert take(city, {"Sarjanumero": "NEW1234", "Nimi": "Vanha", "Huom": "pois"}).code == 0
    done = take(city, {"Sarjanumero": "NEW1234", "Nimi": "Vanha"}, more=("--apply", "--clear-empty"))
    assert lines(done) == [(2, "changed", "D000004", "notes", "pois", None)]
    assert "notes" not in device(city, "NEW1234")


def test_what_another_sources_word_overrules_is_kept_and_said(city: Cli) -> None:
    assert city("add", "serial=HAND111", "notes=person").code == 0
    done = take(city, {"Sarjanumero": "HAND111", "Huom": "sheet", "Nimi": "uusi"})
    assert lines(done) == [
        (2, "changed", "D000004", "name", None, "uusi"),
        (2, "changed", "D000004", "notes", "person", "person"),
    ]
    assert "the row says sheet" in done.json()[1]["reason"]
    notes = city("show", "HAND111", "--format", "json").json()["fields"]["notes"]
    assert (notes["value"], [loser["value"] for loser in notes["losers"]]) == ("person", ["sheet"])
    assert lines(take(city, {"Sarjanumero": "HAND111", "Huom": "sheet"})) == [
        (2, "unchanged", "D000004", None, None, None)
    ]


def test_a_lease_shows_its_fee_and_end(city: Cli) -> None:
    text(city, "SN;Vuokra;Päättyy", "PF3KX9AB;18,45 €;31.7.2028")
    done = city("import", "old.csv", "--profile", "leases", "--apply", "--format", "json")
    assert [line[3:] for line in lines(done)] == [
        ("contract.end", None, "2028-07-31"),
        ("contract.kind", None, "lease"),
        ("contract.monthly_fee_cents", None, "1845"),
    ]
    text(city, "SN;Vuokra;Päättyy", "PF3KX9AB;19,00;31.7.2028")
    again = city("import", "old.csv", "--profile", "leases", "--apply", "--format", "json")
    assert lines(again) == [(2, "changed", "D000001", "contract.monthly_fee_cents", "1845", "1900")]
    assert [contract["end"] for contract in city("list", "contracts", "--format", "json").json()] == ["2028-07-31"]


def test_people_read_a_table_with_reasons_below(city: Cli) -> None:
    done = take(city, {"Sarjanumero": "NEW1234", "Hinta": "12,50"}, {"Nimi": "x"}, more=(), form="table")
    assert done.lines[0].split("\t") == ["Row", "Result", "Device", "Field", "Change"]
    assert "2\tnew\tD000004\tPrice\t€12.50" in done.lines
    assert done.lines[-1].startswith("row 3 has none of serial, imei, asset_tag")


# Identity


def test_a_row_that_names_two_devices_is_refused_with_both_and_the_rest_is_written(city: Cli) -> None:
    assert city("add", "serial=HAND111", "mac=a4:c3:f0:00:14:22").code == 0
    done = take(city, {"Sarjanumero": "PF3KX9AB", "MAC": "A4C3F0001422"}, {"Sarjanumero": "PF3KX9AC", "Nimi": "hyvä"})
    assert (done.code, lines(done)) == (
        1,
        [(2, "ambiguous", "D000001 D000004", None, None, None), (3, "changed", "D000002", "name", "[/]", "hyvä")],
    )
    assert "--ask" in done.json()[0]["reason"]
    assert len(city("list", "devices", "--format", "json").json()) == 4


def test_rows_that_only_together_would_join_two_devices_are_refused(city: Cli) -> None:
    assert city("add", "mac=a4:c3:f0:00:14:22").code == 0
    imei = "356741081122334"
    done = take(city, {"Sarjanumero": "PF3KX9AB", "IMEI": imei}, {"IMEI": imei, "MAC": "A4C3F0001422", "Nimi": "x"})
    results = {line["result"] for line in done.json()}
    assert "ambiguous" in results
    assert {line["id"] for line in city("list", "devices", "--format", "json").json()} >= {"D000001", "D000004"}


def test_the_same_serial_of_another_maker_is_refused_and_asked_only_when_wished(city: Cli) -> None:
    city.settings(SHEET, PROFILES.replace('"Huom" = "notes"', '"Huom" = "manufacturer"'))
    assert take(city, {"Sarjanumero": "PF3KX9AB", "Huom": "Lenovo"}).code == 0
    text(city, "SN;Maker", "PF3KX9AB;HP", name="hp.csv")
    other = '[profiles.hp]\nmatch = ["serial"]\ncolumns = { "SN" = "serial", "Maker" = "manufacturer" }\n'
    city.settings(SHEET, PROFILES.replace('"Huom" = "notes"', '"Huom" = "manufacturer"'), other)
    refused = city("import", "hp.csv", "--profile", "hp", "--apply", "--format", "json")
    assert refused.code == 1
    ((row, result, refs, *_),) = lines(refused)
    assert (row, result) == (2, "ambiguous")
    assert "D000001" in str(refs)
    assert city("review", "--format", "json").json() == []
    asked = city("import", "hp.csv", "--profile", "hp", "--apply", "--ask", "--format", "json")
    assert [line["result"] for line in asked.json()] == ["ambiguous"]
    assert "same serial number, another manufacturer" in city("review").out


def test_a_row_with_only_an_asset_tag_finds_the_device_that_has_it(city: Cli) -> None:
    assert city("add", "serial=HAND111", "asset_tag=KA-001").code == 0
    done = take(city, {"Tunnus": "KA-001", "Huom": "ikkunan alla"})
    assert lines(done) == [(2, "changed", "D000004", "notes", None, "ikkunan alla")]
    assert lines(take(city, {"Tunnus": "KA-001"})) == [(2, "unchanged", "D000004", None, None, None)]
    before = everything(city)
    assert city("db", "replay").code == 0
    assert everything(city) == before


def test_a_tag_of_a_device_with_another_serial_number_is_refused(city: Cli) -> None:
    assert city("add", "serial=HAND111", "asset_tag=KA-001").code == 0
    done = take(city, {"Sarjanumero": "OTHER12", "Tunnus": "KA-001"})
    assert lines(done) == [(2, "ambiguous", "D000004", None, None, None)]
    assert "another serial number" in done.json()[0]["reason"]


def test_an_import_is_rebuilt_by_a_replay_as_it_was(city: Cli) -> None:
    assert take(city, {"Sarjanumero": "NEW1234", "Nimi": "Vanha"}, {"Tunnus": "KA-9", "Nimi": "tulostin"}).code == 0
    before = everything(city)
    replayed = city("db", "replay")
    assert (replayed.code, "read differently now: 0" in replayed.out) == (0, True)
    assert everything(city) == before


# Units and head-counts


def test_a_list_of_units_adds_to_what_another_list_said(city: Cli) -> None:
    text(city, "Tunnus;Nimi;Kuuluu", "koulu;Koulu;kampus", "kampus;Kampus;")
    first = city("import", "old.csv", "--profile", "places", "--apply", "--format", "json")
    assert [line[:2] for line in lines(first)] == [(2, "new"), (2, "new"), (2, "new"), (3, "new"), (3, "new")]
    more = '[profiles.swedish]\nmatch = ["unit.id"]\ncolumns = { "Id" = "unit.id", "Namn" = "unit.name_sv" }\n'
    city.settings(SHEET, PROFILES, more)
    text(city, "Id;Namn", "koulu;Skolan")
    done = city("import", "old.csv", "--profile", "swedish", "--apply", "--format", "json")
    assert lines(done) == [(2, "changed", None, "unit.name_sv", None, "Skolan")]
    (school,) = city("list", "units", "--where", "unit=koulu", "--format", "json").json()
    assert (school["unit_name"], school["parent"]) == ("Koulu", "kampus")


def test_head_counts_name_what_was_and_what_is(city: Cli) -> None:
    text(city, "Koulu;Päivä;Oppilaita", "koulu;20.9.2026;100")
    assert city("import", "old.csv", "--profile", "pupils", "--apply").code == 0
    text(city, "Koulu;Päivä;Oppilaita", "koulu;20.9.2026;104")
    done = city("import", "old.csv", "--profile", "pupils", "--apply", "--format", "json")
    assert lines(done) == [(2, "changed", None, "headcount.pupils", "100", "104")]


# Files as people save them


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_common_csv_is_read_with_comma_decimals_finnish_dates_and_line_breaks(
    empty: Cli, encoding: str, separator: str
) -> None:
    empty.settings(PROFILES)
    row = {
        "Sarjanumero": "ÅÄÖ1234",
        "Nimi": "Mäntymäki 5",
        "Hinta": "1 234,50 €",
        "Ostettu": "5.1.2026",
        "Huom": 'a;b,\n"c" €',
    }
    name = write(empty, row, encoding=encoding, separator=separator)
    done = empty("import", name, "--profile", "old", "--apply", "--format", "json")
    assert done.code == 0, done.err
    kept = device(empty, "D000001")
    assert (kept["name"], kept["price_cents"], kept["purchase_date"]) == ("Mäntymäki 5", 123450, "2026-01-05")
    assert kept["notes"] == 'a;b, "c" €'


@pytest.mark.parametrize("encoding", ["cp850", "cp437", "mac_roman"])
def test_a_doubtful_encoding_is_refused_with_the_line_as_it_reads(empty: Cli, encoding: str) -> None:
    empty.settings(PROFILES)
    name = write(empty, {"Sarjanumero": "AAAA1"}, {"Sarjanumero": "PF3KX9AB", "Nimi": "Mäntymäki"}, encoding=encoding)
    done = empty("import", name, "--profile", "old", "--apply")
    assert done.code == 1
    assert "line 3 reads “PF3KX9AB;;;;M" in done.err
    assert "--encoding" in done.err
    assert empty("list", "devices", "--format", "json").json() == []
    assert empty("import", name, "--profile", "old", "--apply", "--encoding", encoding).code == 0
    assert device(empty, "PF3KX9AB")["name"] == "Mäntymäki"


def test_letters_saved_twice_in_utf8_are_refused(empty: Cli) -> None:
    empty.settings(PROFILES)
    name = write(empty, {"Sarjanumero": "PF3KX9AB", "Nimi": "Pöytä".encode().decode("cp1252")})
    done = empty("import", name, "--profile", "old", "--apply")
    assert (done.code, "doubtful" in done.err) == (1, True)
    (empty.folder / name).write_bytes("Sarjanumero;Nimi\nPF3KX9AB;Pöytä\nX;".encode() + b"\xe4\n")
    assert "doubtful" in empty("import", name, "--profile", "old").err


def test_a_zip_bomb_is_refused_before_it_is_opened(empty: Cli) -> None:
    empty.settings(PROFILES)
    with zipfile.ZipFile(empty.folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", bytes(300 << 20))
    done = empty("import", "bomb.xlsx", "--profile", "old", "--apply")
    assert (done.code, "it was not opened" in done.err) == (1, True)


def workbook(folder: Path, **parts: str) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(HEAD))
    page.append(["PF3KX9AB"])
    book.save(folder / "s.xlsx")
    with zipfile.ZipFile(folder / "s.xlsx", "a") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def test_a_cell_far_away_and_macros_are_refused_and_links_are_told(empty: Cli) -> None:
    empty.settings(PROFILES)
    book = Workbook()
    assert book.active is not None
    book.active["XFD1048576"] = "x"
    book.save(empty.folder / "far.xlsx")
    assert "spread over" in empty("import", "far.xlsx", "--profile", "old").err
    workbook(empty.folder, **{"xl/vbaProject.bin": "x"})
    assert "holds macros" in empty("import", "s.xlsx", "--profile", "old").err
    workbook(empty.folder, **{"xl/externalLinks/externalLink1.xml": "<x/>"})
    done = empty("import", "s.xlsx", "--profile", "old", "--apply")
    assert (done.code, "links to other files" in done.err) == (0, True)


# People


def test_codes_of_persons_are_masked_and_counted(city: Cli) -> None:
    done = take(
        city, {"Sarjanumero": "NEW1234", "Nimi": "010190-901R", "Huom": "x 240515F903H"}, {"Tunnus": "010190-901R"}
    )
    assert "Cells that held a personal identity code: 3" in done.err
    assert "901R" not in done.out + done.err + everything(city)
    assert [line["result"] for line in done.json()][-1] == "rejected"


def test_the_trail_names_the_file_its_hash_and_what_became_of_its_rows(city: Cli) -> None:
    row = {"Sarjanumero": "NEW1234"}
    assert take(city, row, more=()).code == 0
    assert city("list", "audit", "--where", "act=import", "--format", "json").json() == []
    assert take(city, row, more=("--apply", "--reason", "from the old list")).code == 0
    (line,) = city("list", "audit", "--where", "act=import", "--format", "json").json()
    digest = hashlib.sha256((city.folder / "old.csv").read_bytes()).hexdigest()
    assert (line["about"], line["reason"], line["outcome"]) == ("import:old", "from the old list", "done")
    assert digest in line["after"]
    assert '"file":"old.csv"' in line["after"]
    assert '"new":1' in line["after"]


def test_an_unknown_profile_is_named_with_the_nearest(city: Cli) -> None:
    done = city("import", write(city), "--profile", "olt")
    assert (done.code, "did you mean old?" in done.err) == (2, True)


def test_two_imports_by_one_profile_do_not_mix(city: Cli) -> None:
    sessions = connect(city.database, city.folder)
    with locks.hold(sessions, "import:old"):
        done = take(city, {"Sarjanumero": "NEW1234"})
    sessions.close()
    assert done.code == 3
    assert take(city, {"Sarjanumero": "NEW1234"}).code == 0


@pytest.mark.parametrize("apply", [True, False])
def test_a_viewer_may_not_import(city: Cli, apply: bool) -> None:
    app = wiring.open_app(city.config)
    reader, feed = wiring.importer(app, city.folder / write(city, {"Sarjanumero": "NEW1234"}), "old", None)
    with pytest.raises(Refused):
        import_sheet(app.sessions, actor(role=Role.VIEWER), feed, reader.read(), Wish(apply=apply), wiring.now())
    app.sessions.close()
