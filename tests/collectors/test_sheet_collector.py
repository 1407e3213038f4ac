"""Sheets as people send them: real xlsx and csv files, whole, odd and hostile."""

import csv
import io
import os
import time
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from collector_rig import loaded, read_until_error, records, sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from collectors import sheet_files
from collectors.sheet import SheetCollector, SheetOptions, check_profile
from devreg.demo.city import City
from devreg.demo.sheets import HEADCOUNTS, LEASES, PURCHASES, UNITS, write_sheets
from devreg.domain.observation import Observation, Subject
from devreg.errors import Broken, DevregError, Misconfigured, Retryable
from devreg.ports import Severity
from devreg.settings import Profile

LEASE = {
    "Sarjanumero": "serial", "IMEI": "imei", "Kuukausivuokra": "lease.monthly_fee", "Vuokranantaja": "lease.supplier",
    "Alkaa": "lease.start", "Päättyy": "lease.end",
}  # fmt: skip
PROFILE: dict[str, Any] = {"match": ["serial", "imei"], "columns": LEASE}
ROW = ["PF3KX9AB", None, "18,45 €", "Keksitty Rahoitus", "1.8.2025", date(2028, 7, 31)]


def xlsx(folder: Path, rows: Sequence[Sequence[Any]], title: str = "Sopimukset", name: str = "s.xlsx") -> Path:
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    for row in rows:
        page.append(list(row))
    book.save(folder / name)
    return folder / name


def observed(folder: Path, *rows: Sequence[Any], profile: dict[str, Any] = PROFILE) -> list[Observation]:
    xlsx(folder, [list(profile["columns"]), *rows])
    collector = sheet(folder, "s.xlsx", profile)
    return [collector.observe(record) for page in collector.pages(None) for record in page.records]


def rejections(folder: Path, *rows: Sequence[Any], profile: dict[str, Any] = PROFILE) -> list[str]:
    xlsx(folder, [list(profile["columns"]), *rows])
    pages = sheet(folder, "s.xlsx", profile).pages(None)
    return [bad.reason for page in pages for bad in page.rejected]


def failing(
    folder: Path,
    kind: type[DevregError],
    *words: str,
    profile: dict[str, Any] = PROFILE,
    path: str = "s.xlsx",
    **options: Any,
) -> None:
    given_pages, error = read_until_error(sheet(folder, path, profile, **options).pages(None))
    assert given_pages == []
    assert isinstance(error, kind), repr(error)
    assert error.what.startswith("papers: ")
    assert error.next_step
    for word in words:
        assert word in str(error), str(error)


# Rows


def test_a_lease_row_becomes_identifiers_and_a_contract(tmp_path: Path) -> None:
    (seen,) = observed(tmp_path, ROW)
    assert [key.key for key in seen.keys] == ["serial:PF3KX9AB"]
    assert seen.contract is not None
    assert (seen.contract.kind, seen.contract.monthly_fee_cents, seen.contract.supplier) == (
        "lease",
        1845,
        "Keksitty Rahoitus",
    )
    assert (seen.contract.start, seen.contract.end) == (date(2025, 8, 1), date(2028, 7, 31))
    assert seen.contract.number == "papers PF3KX9AB"
    assert not seen.manages


def test_the_demos_sheets_are_read_whole(small_city: City, tmp_path: Path) -> None:
    write_sheets(small_city, tmp_path)
    expected = {
        "purchases.xlsx": (PURCHASES, ["serial", "imei"], Subject.DEVICE, len(small_city.purchases)),
        "leases.xlsx": (LEASES, ["serial", "imei"], Subject.DEVICE, len(small_city.leases)),
        "units.xlsx": (UNITS, ["unit.id"], Subject.UNIT, len(small_city.units)),
        "headcounts.xlsx": (HEADCOUNTS, ["headcount.unit"], Subject.HEADCOUNT, None),
        "daycare.csv": (HEADCOUNTS, ["headcount.unit"], Subject.HEADCOUNT, None),
    }
    for path, (columns, match, subject, count) in expected.items():
        collector = sheet(tmp_path, path, {"match": match, "columns": columns})
        pages = list(collector.pages(None))
        kept = records(pages, subject)
        rejected = [bad.reason for page in pages for bad in page.rejected]
        assert kept, path
        assert count is None or len(kept) + len(rejected) == count, rejected
        assert all("stands in row" in reason for reason in rejected), rejected
        assert all(collector.observe(record).claims or collector.observe(record).contract for record in kept)


def test_a_row_is_known_by_its_first_matching_value_else_by_its_number(tmp_path: Path) -> None:
    rows = [
        ["pf3kx9ab ", None, "1"], ["To be filled by O.E.M.", "356741081122334", "1"], [None, None, "1"], ["0", None, "1"],
    ]  # fmt: skip
    xlsx(tmp_path, [list(LEASE), *rows])
    pages = list(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))
    assert [record.native_id for record in records(pages)] == ["PF3KX9AB", "35674108112233", "row 4", "row 5"]
    assert "4, 5" in pages[0].warnings[0]


def test_two_rows_about_one_thing_are_not_both_believed(tmp_path: Path) -> None:
    (reason,) = rejections(tmp_path, ROW, ["PF3KX9AB", None, "99", "Other", None, None])
    assert reason == "row 3: PF3KX9AB stands in row 2 already"


def test_a_bad_cell_is_named_by_row_and_column_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = ["R5CX0EXMPL7", None, "halpa", None, None, None]
    assert rejections(tmp_path, bad, ROW) == ["row 2, column “Kuukausivuokra”: “halpa” is not a number"]
    assert len(observed(tmp_path, bad, ROW)) == 1


def test_empty_rows_and_unmapped_columns_are_passed_over(tmp_path: Path) -> None:
    xlsx(tmp_path, [["Huom.", *LEASE], ["note", *ROW], [], ["only a note"], [None, " ", ""], ["", "R5CX0EXMPL7"]])
    kept = records(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))
    assert [record.native_id for record in kept] == ["PF3KX9AB", "R5CX0EXMPL7"]
    assert "note" not in str(kept)


def test_a_row_longer_than_its_header_is_likely_shifted_and_refused(tmp_path: Path) -> None:
    (reason,) = rejections(tmp_path, [*ROW, "extra"])
    assert "row 2 has more cells than the header" in reason


def test_defaults_fill_what_a_row_does_not_say(tmp_path: Path) -> None:
    profile = {
        "match": ["serial"],
        "columns": {"SN": "serial", "Laji": "kind"},
        "defaults": {"kind": "puhelin", "use": "staff"},
    }
    first, second = observed(tmp_path, ["PF3KX9AB", None], ["PF3KX9AC", "tabletti"], profile=profile)
    assert (first.claims["kind"], first.claims["use"]) == ("phone", "staff")
    assert second.claims["kind"] == "tablet"


def test_purchases_claim_price_date_and_vat(tmp_path: Path) -> None:
    columns = {
        "SN": "serial",
        "Hinta": "price",
        "ALV": "vat_rate",
        "Ostettu": "purchase_date",
        "Kriittinen": "critical",
    }
    (seen,) = observed(
        tmp_path,
        ["PF3KX9AB", 649.0, 0.255, datetime(2025, 8, 11), "x"],
        profile={"match": ["serial"], "columns": columns},
    )
    assert seen.claims == {
        "serial": "PF3KX9AB", "price_cents": 64900, "vat_rate": 25.5, "purchase_date": date(2025, 8, 11), "critical": True,
    }  # fmt: skip
    assert seen.contract is None


def test_units_and_headcounts_are_subjects_of_their_own(tmp_path: Path) -> None:
    units = {"match": ["unit.id"], "columns": {"Tunnus": "unit.id", "Nimi": "unit.name_fi"}}
    (unit,) = observed(tmp_path, ["mantymaki", "Mäntymäen koulu"], profile=units)
    assert (unit.subject, unit.claims) == (Subject.UNIT, {"id": "mantymaki", "name_fi": "Mäntymäen koulu"})
    assert rejections(tmp_path, [None, "nameless"], profile=units) == ["row 2 has no unit.id"]
    counts = {
        "match": ["headcount.unit"],
        "columns": {"Yksikkö": "headcount.unit", "Aste": "headcount.stage", "Pvm": "headcount.date", "Oppilaita": "headcount.pupils"},
    }  # fmt: skip
    low, high = observed(
        tmp_path, ["mantymaki", "1–2", "20.9.2026", 148.0], ["mantymaki", "3-6", "20.9.2026", "212"], profile=counts
    )
    assert (low.claims["stage"], low.claims["pupils"], low.claims["date"]) == ("1-2", 148, date(2026, 9, 20))
    assert high.claims["file"] == "s.xlsx"
    assert len(str(high.claims["file_hash"])) == 64


def test_another_file_with_the_same_counts_is_no_change(tmp_path: Path) -> None:
    profile = {"match": ["headcount.unit"], "columns": {"U": "headcount.unit", "N": "headcount.pupils"}}
    xlsx(tmp_path, [["U", "N"], ["a", 5]])
    (one,) = records(sheet(tmp_path, "s.xlsx", profile).pages(None), Subject.HEADCOUNT)
    xlsx(tmp_path, [["U", "N"], ["a", 5], ["b", 6]])
    two = records(sheet(tmp_path, "s.xlsx", profile).pages(None), Subject.HEADCOUNT)[0]
    assert one.body == two.body


@pytest.mark.parametrize("name", ["[/]", "=1+1", "@SUM(A1)", "Åsa's iPad", "a\u202eb"])
def test_odd_names_are_kept_as_text_and_harmless(tmp_path: Path, name: str) -> None:
    (tmp_path / "s.csv").write_text(f"SN;Nimi\nPF3KX9AB;{name}\n", encoding="utf-8")
    collector = sheet(tmp_path, "s.csv", {"match": ["serial"], "columns": {"SN": "serial", "Nimi": "name"}})
    (record,) = records(collector.pages(None))
    assert str(collector.observe(record).claims["name"]).isprintable()


# Files that are not as expected


def test_a_missing_column_is_named_with_those_there_and_the_nearest(tmp_path: Path) -> None:
    xlsx(tmp_path, [["Sarjanumerot", "IMEI", "Kuukausivuokra", "Vuokranantaja", "Alkaa", "Päättyy"], ROW])
    failing(
        tmp_path,
        Broken,
        "“Sopimukset” in s.xlsx, row 1",
        "no column “Sarjanumero”",
        "“IMEI”, “Kuukausivuokra”",
        "Is it “Sarjanumerot” now?",
    )


def test_column_names_compare_without_case_and_blanks(tmp_path: Path) -> None:
    xlsx(tmp_path, [[f" {column.upper()}  " for column in LEASE], ROW])
    assert records(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))


def test_a_doubled_column_is_named(tmp_path: Path) -> None:
    xlsx(tmp_path, [[*LEASE, "IMEI"], ROW])
    failing(tmp_path, Broken, "column “IMEI” more than once")


def test_the_header_may_stand_lower(tmp_path: Path) -> None:
    xlsx(tmp_path, [["Leasinglista 2026"], [], list(LEASE), ROW])
    kept = records(sheet(tmp_path, "s.xlsx", PROFILE | {"header_row": 3}).pages(None))
    assert [record.native_id for record in kept] == ["PF3KX9AB"]
    failing(tmp_path, Broken, "row 9", "none", profile=PROFILE | {"header_row": 9})


@pytest.mark.parametrize("rows", [[], [list(LEASE)], [list(LEASE), [], [None, " "]]])
def test_a_sheet_without_rows_is_broken_not_empty(tmp_path: Path, rows: list[list[Any]]) -> None:
    xlsx(tmp_path, rows)
    failing(tmp_path, Broken, "s.xlsx")


def test_a_missing_worksheet_is_named_with_those_there(tmp_path: Path) -> None:
    xlsx(tmp_path, [list(LEASE), ROW], title="Taul1")
    failing(tmp_path, Broken, "no worksheet “Sopimukset”", "“Taul1”", profile=PROFILE | {"sheet": "Sopimukset"})


def test_a_missing_file_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    failing(tmp_path, Broken, f"there is no file {tmp_path / 's.xlsx'}", "what is known from it is kept")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a file its reader may not read")
def test_a_locked_file_is_worth_another_try(tmp_path: Path) -> None:
    xlsx(tmp_path, [list(LEASE), ROW]).chmod(0)
    failing(tmp_path, Retryable, "Close it in Excel")


def test_a_folder_in_place_of_the_file_is_worth_another_try(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").mkdir()
    failing(tmp_path, Retryable, "can't be read")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), bytes(5000)])
def test_what_is_no_workbook_is_broken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.xlsx").write_bytes(content)
    failing(tmp_path, Broken, "damaged, or not an Excel workbook")


def test_a_protected_or_old_workbook_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    failing(tmp_path, Broken, "password")


def test_another_kind_of_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.ods").write_bytes(b"x")
    failing(tmp_path, Broken, "Save it as .xlsx or .csv", path="s.ods")


# Hostile workbooks


def with_parts(folder: Path, **parts: bytes) -> None:
    """A good workbook with parts put in its place: `sheet` is the worksheet, other names are paths with __ for /."""
    good = xlsx(folder, [list(LEASE), ROW]).read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            replaced = parts.get("sheet") if entry.filename.startswith("xl/worksheets/") else None
            target.writestr(entry.filename, replaced or source.read(entry))
        for name, content in parts.items():
            if name != "sheet":
                target.writestr(name.replace("__", "/"), content)
    (folder / "s.xlsx").write_bytes(out.getvalue())


def worksheet(cells: str) -> bytes:
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'.encode()


def quickly(read: Any) -> None:
    began = time.monotonic()
    read()
    assert time.monotonic() - began < 5


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    with_parts(tmp_path, sheet=worksheet("<row/>" * 20_000_000))
    quickly(lambda: failing(tmp_path, Broken, "it was not opened"))


def test_ten_thousand_parts_are_not_opened(tmp_path: Path) -> None:
    with_parts(tmp_path, **{f"xl__x{n}.xml": b"" for n in range(10_000)})
    quickly(lambda: failing(tmp_path, Broken, "10"))


def test_macros_are_refused(tmp_path: Path) -> None:
    with_parts(tmp_path, xl__vbaProject=b"", **{"xl__vbaProject.bin": b"macro"})
    failing(tmp_path, Broken, "holds macros")


def test_a_link_to_another_file_never_reaches_the_reader(tmp_path: Path) -> None:
    with_parts(tmp_path, **{"xl__externalLinks__externalLink1.xml": b"<x"})
    assert records(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_one_stray_cell_far_away_does_not_make_billions(tmp_path: Path, quote: str) -> None:
    with_parts(
        tmp_path,
        sheet=worksheet(
            f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r={quote}XFD1048576{quote}><v>1</v></c></row>'
        ),
    )
    quickly(lambda: failing(tmp_path, Broken, "1048576 rows and 16384 columns", "stray cells"))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'.encode()
    with_parts(tmp_path, sheet=head + worksheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'))
    quickly(lambda: failing(tmp_path, Broken))


def test_a_lying_size_in_the_zip_is_found_out(tmp_path: Path) -> None:
    with_parts(tmp_path, sheet=worksheet('<row r="1"/>' * 2_000_000))
    packed = bytearray((tmp_path / "s.xlsx").read_bytes())
    with zipfile.ZipFile(io.BytesIO(packed)) as book:
        entry = next(e for e in book.infolist() if e.filename.startswith("xl/worksheets/"))
    lie, truth = (100).to_bytes(4, "little"), entry.file_size.to_bytes(4, "little")
    assert truth in packed
    (tmp_path / "s.xlsx").write_bytes(bytes(packed).replace(truth, lie))
    quickly(lambda: failing(tmp_path, Broken))


def test_a_file_over_the_cap_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_files, "FILE_MAX", 1 << 20)
    (tmp_path / "s.xlsx").write_bytes(bytes(2 << 20))
    failing(tmp_path, Broken, "1 MiB")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=5000)
@given(edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=30))
def test_a_damaged_workbook_gives_rows_or_our_error_only(tmp_path: Path, edits: list[tuple[int, int]]) -> None:
    content = bytearray(xlsx(tmp_path, [list(LEASE), ROW]).read_bytes())
    for place, value in edits:
        content[place % len(content)] = value
    (tmp_path / "s.xlsx").write_bytes(content)
    read_until_error(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=5000)
@given(
    part=st.integers(0, 20),
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=6)), min_size=1, max_size=10),
)
def test_a_workbook_with_damaged_parts_gives_rows_or_our_error_only(
    tmp_path: Path, part: int, edits: list[tuple[int, bytes]]
) -> None:
    good = xlsx(tmp_path, [list(LEASE), ROW]).read_bytes()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(tmp_path / "s.xlsx", "w") as target:
        names = source.namelist()
        for name in names:
            content = bytearray(source.read(name))
            for place, value in edits if name == names[part % len(names)] else []:
                content[place % len(content) : place % len(content) + len(value)] = value
            target.writestr(name, bytes(content))
    read_until_error(sheet(tmp_path, "s.xlsx", PROFILE).pages(None))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=5000)
@given(content=st.binary(max_size=300))
def test_any_bytes_as_csv_give_rows_or_our_error_only(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.csv").write_bytes(
        b"Sarjanumero;IMEI;Kuukausivuokra;Vuokranantaja;Alkaa;P\xc3\xa4\xc3\xa4ttyy\n" + content
    )
    read_until_error(sheet(tmp_path, "s.csv", PROFILE).pages(None))


# csv


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csvs_encoding_and_separator_are_told_from_it(tmp_path: Path, encoding: str, separator: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(
        [
            ["Päättyy", "Sarjanumero", "Huom, tai muu; tieto"],
            ["24.11.2026", "PF3KX9AB", 'rivi\n"kaksi"; ja, muuta'],
            ["1.1.2027", "Å5CX0EXMPL", ""],
        ]
    )
    (tmp_path / "s.csv").write_bytes(out.getvalue().encode(encoding))
    profile = {
        "match": ["serial"],
        "columns": {"Sarjanumero": "serial", "Päättyy": "lease.end", "Huom, tai muu; tieto": "notes"},
    }
    kept = records(sheet(tmp_path, "s.csv", profile).pages(None))
    assert [record.native_id for record in kept] == ["PF3KX9AB", "Å5CX0EXMPL"]
    assert kept[0].body["contract.end"] == "2026-11-24"
    assert kept[0].body["notes"] == 'rivi "kaksi"; ja, muuta'


def test_a_doubtful_encoding_is_refused_until_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes("SN;Nimi\nPF3KX9AB;Mäki\n".encode("cp850") + b"\x81")
    profile = {"match": ["serial"], "columns": {"SN": "serial", "Nimi": "name"}}
    failing(tmp_path, Broken, "can't be told", "encoding", profile=profile, path="s.csv")
    (record,) = records(sheet(tmp_path, "s.csv", profile, encoding="cp850").pages(None))[:1]
    assert record.body["name"] == "Mäki"


def test_utf16_without_a_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes("SN;Nimi\n".encode("utf-16-le"))
    failing(tmp_path, Broken, "can't be told", path="s.csv")


def test_an_unknown_encoding_name_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(b"SN\n1")
    failing(tmp_path, Broken, "latin-99", path="s.csv", encoding="latin-99")


# Profiles


def profile_faults(**profile: Any) -> list[str]:
    return check_profile(Profile.model_validate({"match": ["serial"], "columns": {"SN": "serial"}} | profile))


def test_a_good_profile_has_no_faults() -> None:
    assert profile_faults() == []
    assert (
        profile_faults(match=["native_id"], columns={"Id": "native_id", "Vuokra": "lease.monthly_fee", "X": "imei2"})
        == []
    )


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ({"columns": {"SN": "serial", "H": "lease.montly_fee"}}, "lease.montly_fee is no field; did you mean lease.monthly_fee?"),
        ({"columns": {"SN": "serial", "H": "price_cents"}}, "price_cents is no field; did you mean price?"),
        ({"columns": {"SN": "serial", "U": "unit.id"}}, "columns mix device, unit"),
        ({"columns": {"SN": "serial", "S": "serial"}}, "columns name serial twice"),
        ({"match": ["name"]}, "match: name does not identify a row"),
        ({"match": ["imei"]}, "match: no column is mapped to imei"),
        ({"match": []}, "match names no field"),
        ({"match": ["serial"], "columns": {"U": "unit.id"}}, "match: serial does not identify a row; allowed: unit.id"),
        ({"defaults": {"kind": "leipäkone"}}, "defaults: kind: “leipäkone” is not one of"),
        ({"defaults": {"knd": "phone"}}, "knd is no field; did you mean kind?"),
    ],
)  # fmt: skip
def test_a_profiles_fault_is_named(profile: dict[str, Any], words: str) -> None:
    assert [fault for fault in profile_faults(**profile) if words in fault], profile_faults(**profile)


def test_a_profile_that_is_not_there_is_a_settings_fault(tmp_path: Path) -> None:
    options = SheetOptions(kind="sheet", path="s.xlsx", profile="lease")
    collector = SheetCollector("papers", options, loaded(tmp_path, profiles={"leases": PROFILE}))
    _, error = read_until_error(collector.pages(None))
    assert isinstance(error, Misconfigured)
    assert "there is no [profiles.lease]; did you mean leases?" in error.what


def test_every_fault_of_a_profile_is_a_settings_fault_before_anything_is_read(tmp_path: Path) -> None:
    bad = {"match": ["name"], "columns": {"SN": "seral", "X": "unit.id"}}
    options = SheetOptions(kind="sheet", path="s.xlsx", profile="p")
    faults = list(SheetCollector.faults(options, loaded(tmp_path, profiles={"p": bad})))
    assert {where for where, _ in faults} == {"profile"}
    assert [problem for _, problem in faults if "profile p: seral is no field; did you mean serial?" in problem]
    assert len(faults) == 2


def test_check_counts_usable_rows_and_shows_bad_cells(tmp_path: Path) -> None:
    xlsx(tmp_path, [list(LEASE), ROW, ["R5CX0EXMPL7", None, "halpa"]])
    good, bad = sheet(tmp_path, "s.xlsx", PROFILE).check()
    assert good.what == "papers: 1 rows of s.xlsx can be used."
    assert (bad.severity, "column “Kuukausivuokra”" in bad.what) == (Severity.ADVICE, True)
    (tmp_path / "s.xlsx").unlink()
    (fault,) = sheet(tmp_path, "s.xlsx", PROFILE).check()
    assert fault.severity is Severity.FAULT
