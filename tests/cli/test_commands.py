"""The commands as people and timers run them: what they print, where, and how they end."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_rig import SHEET, Cli
from openpyxl import load_workbook
from register_rig import PG_PROGRAMS
from sqlalchemy import text

from devreg.store import locks
from devreg.store.engine import connect


def test_init_makes_everything_once_and_overwrites_nothing(cli: Cli) -> None:
    first = cli.process("init", "city")
    folder = cli.folder / "city"
    assert first.code == 0, first.err
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}["devreg.toml"] == 0o600
    assert stat.S_IMODE((folder / "devreg.db").stat().st_mode) == 0o600
    (folder / "devreg.toml").write_text('[registry]\nlanguage = "en"\n')
    assert cli("add", "--config", "city/devreg.toml", "serial=PF3KX9AB").out == "D000001\n"
    again = cli("init", "city")
    assert again.code == 0
    assert "kept as it is" in again.out
    assert (folder / "devreg.toml").read_text() == '[registry]\nlanguage = "en"\n'
    assert cli("show", "PF3KX9AB", "--config", "city/devreg.toml").code == 0


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nothing", "/dev/null"])
def test_init_where_no_folder_can_be_is_told(cli: Cli, place: str) -> None:
    (cli.folder / "file").write_text("x")
    done = cli("init", place)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) <= 2


def test_collect_list_and_show_tell_what_a_source_said(register: Cli) -> None:
    done = register.process("collect")
    assert (done.code, done.err) == (0, "")
    assert done.lines == [
        "R000001 papers: complete; seen 3, new 3, changed 0, same 0, to review 0, rejected 0, missing 0"
    ]
    again = register("collect", "papers")
    assert "same 3" in again.out
    listed = register("list", "devices", "--columns", "name,price_cents,unit", "--sort", "-name", "--format", "csv").out
    assert [
        line["price_cents"]
        for line in csv.DictReader(io.StringIO(listed.lstrip("\ufeff")), delimiter=_delimiter(listed))
    ]
    assert "Ääkkönen" in listed
    shown = register("show", "pf3kx9ab")
    assert "Ääkkönen" in shown.out
    assert "(papers; only source)" in shown.out


def test_a_pipe_gets_plain_lines_without_escape_codes(register: Cli) -> None:
    register("collect")
    done = register.process("list", "devices", env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert "\x1b" not in done.out + done.err
    assert len(done.lines) == 4
    assert all(line.count("\t") == done.lines[0].count("\t") for line in done.lines)
    assert {"[/]", "=1+1", "Ääkkönen"} <= set(done.out.replace("\n", "\t").split("\t"))


def test_json_and_json_lines_keep_stored_words_and_types(register: Cli) -> None:
    register("collect")
    rows = register("list", "devices", "--sort", "name", "--format", "json").json()
    assert {"id", "asset_tag", "kind", "use", "stage", "manufacturer", "model", "serial", "imei", "name", "state", "unit", "holder",
            "ownership", "os", "os_version", "support_end", "managed_by", "last_seen", "sources"} <= rows[0].keys()  # fmt: skip
    by_serial = {row["serial"]: row for row in rows}
    assert by_serial["PF3KX9AB"]["id"].startswith("D00000")
    assert "source" in register("list", "runs", "--where", "id=R000001", "--format", "json").json()[0]
    assert by_serial["PF3KX9AB"]["price_cents"] == 99990
    assert by_serial["PF3KX9AC"]["price_cents"] is None
    lines = [json.loads(line) for line in register("list", "devices", "--sort", "name", "--format", "jsonl").lines]
    assert lines == rows


def test_show_as_json_has_the_promised_shape(register: Cli) -> None:
    register("collect")
    told = register("show", "PF3KX9AB", "--format", "json").json()
    assert told.keys() >= {"id", "fields", "identifiers", "records", "history", "contracts", "actions"}
    assert told["id"].startswith("D00000")
    assert told["fields"]["name"] == {
        "value": "Ääkkönen",
        "source": "papers",
        "rule": "only source",
        "word": None,
        "losers": [],
    }
    assert told["identifiers"] == [{"type": "serial", "value": "PF3KX9AB"}]
    assert told["records"][0].keys() >= {"source", "native_id", "first_seen", "last_seen", "gone_at"}


def test_add_gives_a_number_and_refuses_the_same_serial_again(register: Cli) -> None:
    register("collect")
    added = register("add", "serial=5CD1294QWE", "kind=laptop", "unit=kasavuori", "--reason", "found in a cupboard")
    assert (added.code, added.out) == (0, "D000004\n")
    again = register("add", "serial= 5cd1294qwe ")
    assert (again.code, again.out) == (1, "")
    assert "serial:5CD1294QWE (D000004)" in again.err
    history = register("show", "D4", "--format", "json").json()["history"]
    assert {line["field"] for line in history} == {"registered", "added"}


@pytest.mark.parametrize(
    "fields",
    [("serial",), ("shoe_size=44",), ("serial=",), ("serial=0000000",), ("kind=spaceship",), ("ram_bytes=many",), ("vat_rate=nan",),
     ("ram_bytes=99999999999999999999999",), ("support_end=soon",), ("name=a", "name=b"),
     ("enrolled_at=2026-01-01T00:00:00",), ("imei=1",)],
)  # fmt: skip
def test_add_says_what_is_wrong_with_a_field(empty: Cli, fields: tuple[str, ...]) -> None:
    done = empty("add", *fields)
    assert (done.code, done.out) == (2, "")
    assert fields[0].split("=")[0] in done.err or fields[0].split("=")[1] in done.err


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (2, ("list", "laptops")),
        (2, ("list", "devices", "--format", "xml")),
        (2, ("list", "devices", "--sort", "nothing")),
        (2, ("list", "devices", "--where", "kind")),
        (2, ("list", "devices", "--where", "ports=many")),
        (2, ("list", "devices", "--columns", "name,nothing")),
        (2, ("list",)),
        (2, ("no-such-command",)),
        (2, ("collect", "nothing")),
        (2, ("collect", "--accept-held", "x")),
        (2, ("collect", "--accept-held", "9" * 30)),
        (1, ("collect", "--accept-held", "7")),
        (2, ("show", "D1", "--format", "xml")),
        (2, ("report", "equality", "--out", "x.xlsx", "--lang", "de")),
        (1, ("show", "D1")),
        (1, ("show", "")),
        (1, ("show", "\udcff\udcfe")),
        (1, ("collect", "--accept-held", "R000099")),
        (0, ("list", "devices", "--search", "\udcff")),
        (0, ("list", "devices", "--where", "kind=")),
        (0, ("equality",)),
        (0, ("db", "status")),
        (0, ("collect", "--due")),
    ],
    ids=str,
)
def test_commands_end_with_the_promised_code(empty: Cli, code: int, args: tuple[str, ...]) -> None:
    done = empty(*args)
    assert done.code == code, done
    assert (done.err == "") == (code == 0)


def test_the_process_itself_ends_with_each_code(empty: Cli) -> None:
    assert empty.process("list", "devices").code == 0
    assert empty.process("show", b"\xff\xfe").code == 1
    assert empty.process("list", "laptops").code == 2
    (empty.folder / "devreg.db").unlink()
    assert empty.process("list", "devices").code == 4


def test_wrong_settings_end_with_2_and_name_every_fault(cli: Cli) -> None:
    cli.settings("[sources.x]\nkind = 'jamf'", "[telemetry]")
    for command in (("collect",), ("list", "devices"), ("check",), ("db", "status")):
        done = cli(*command)
        assert (done.code, done.out) == (2, ""), command
    assert "sources.x.kind" in cli("collect").err
    assert "telemetry" in cli("collect").err


def test_no_settings_at_all_says_what_to_do(cli: Cli) -> None:
    done = cli("list", "devices", env={"HOME": str(cli.folder), "XDG_CONFIG_HOME": str(cli.folder)})
    assert done.code == 2
    assert "devreg init" in done.err


def test_settings_are_found_by_option_and_by_variable(register: Cli) -> None:
    elsewhere = register.folder / "else" / "where.toml"
    elsewhere.parent.mkdir()
    register.config.rename(elsewhere)
    (register.folder / "papers.csv").rename(elsewhere.parent / "papers.csv")
    assert register("collect", "--config", str(elsewhere)).code == 0
    assert len(register("list", "devices", env={"DEVREG_CONFIG": "else/where.toml"}).lines) == 4


def test_a_held_run_ends_with_1_until_it_is_accepted(register: Cli) -> None:
    register.sheet(*(f"SERIAL{i:03d};pc-{i};laptop;;" for i in range(30)))
    assert register("collect").code == 0
    register.sheet(*(f"SERIAL{i:03d};pc-{i};laptop;;" for i in range(12)))
    held = register("collect")
    assert held.code == 1
    assert "devreg collect --accept-held R000002" in held.err
    assert "missing 0" in held.out
    accepted = register("collect", "--accept-held", "R000002")
    assert (accepted.code, accepted.err) == (0, "")
    assert "missing 18" in accepted.out
    assert register("collect", "--accept-held", "R000002").code == 1


def test_a_source_that_is_running_already_ends_with_3_and_says_who_has_it(register: Cli) -> None:
    sessions = connect(register.database, register.folder)
    with locks.hold(sessions, "papers"):
        done = register("collect")
    sessions.close()
    assert (done.code, done.out) == (3, "")
    assert "papers is being collected by" in done.err


@pytest.mark.parametrize("command", [("collect",), ("list", "devices"), ("add", "serial=PF3KX9AB"), ("equality",)])
def test_a_database_that_is_no_register_ends_with_4_and_a_next_step(cli: Cli, command: tuple[str, ...]) -> None:
    cli.settings(SHEET)
    done = cli(*command)
    assert (done.code, done.out) == (4, "")
    assert "devreg init" in done.err


def test_a_database_server_that_is_not_there_ends_with_4(cli: Cli) -> None:
    cli.database = f"postgresql+psycopg://u@/d?host={cli.folder}"
    cli.settings()
    for command in (("list", "devices"), ("db", "status"), ("db", "upgrade")):
        done = cli(*command)
        assert (done.code, done.out) == (4, ""), command
        assert "server is running" in done.err


def test_a_database_that_fails_in_the_middle_ends_with_4(empty: Cli) -> None:
    sessions = connect("sqlite:///devreg.db", empty.folder)
    with sessions.write.begin() as session:
        session.execute(text("DROP TABLE change"))
    sessions.close()
    empty.settings(SHEET)
    empty.sheet("PF3KX9AB;a;laptop;;")
    done = empty("collect")
    assert (done.code, done.out) == (4, "")
    assert "no such table: change" in done.err


def test_db_status_and_upgrade_say_where_the_database_stands(cli: Cli) -> None:
    cli.settings()
    assert cli("db", "status").code == 1
    upgraded = cli("db", "upgrade")
    assert upgraded.code == 0
    assert "→ 0001" in upgraded.out
    assert "nothing to do" in cli("db", "upgrade").out
    assert cli("db", "status").code == 0


def test_a_backup_is_made_told_of_and_restored(register: Cli, fresh_register: Callable[[str], str]) -> None:
    register("collect")
    never = register("check")
    assert "never backed up" in never.out
    register.settings(SHEET, f'[tools]\npostgresql = "{PG_PROGRAMS}"')
    done = register("backup", "b.bak")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == "Backed up to b.bak."
    assert done.lines[1].startswith("3 devices, ")
    assert "row counts" in done.lines[2]
    assert "never backed up" not in register("check").out
    assert register("backup", "b.bak").code == 2
    assert register("restore", "b.bak").code == 1
    listed = register("list", "devices", "--format", "csv").out
    register.database = fresh_register("postgresql" if register.database.startswith("postgresql") else "sqlite")
    register.settings(SHEET, f'[tools]\npostgresql = "{PG_PROGRAMS}"')
    assert register("restore", "b.bak").lines[0] == "Restored b.bak."
    assert register("list", "devices", "--format", "csv").out == listed
    assert "never backed up" not in register("check").out


def test_what_a_backup_replaces_is_kept_and_numbers_go_on(empty: Cli) -> None:
    empty("add", "serial=SER1")
    empty("backup", "b.bak")
    empty("add", "serial=SER2")
    done = empty("restore", "b.bak", "--replace")
    assert (done.code, done.err) == (0, "")
    assert any(line.startswith("What was there before is kept in ") for line in done.lines)
    assert [line["serial"] for line in empty("list", "devices", "--format", "json").json()] == ["SER1"]
    assert empty("add", "serial=SER3").out.startswith("D000003")


def test_a_renamed_source_is_read_on_once_the_settings_name_it_so(register: Cli) -> None:
    register("collect")
    early = register("db", "rename-source", "papers", "purchases")
    assert early.code == 0
    assert early.out.startswith("papers is now purchases: 3 records.")
    assert "Call it purchases in " in early.err
    register.settings(SHEET.replace("sources.papers", "sources.purchases"))
    assert "purchases: complete; seen 3, new 0" in register("collect").out
    assert register("db", "rename-source", "papers", "x").code == 1
    assert register("db", "rename-source", "purchases", "two words").code == 2


def test_a_dry_run_tells_and_keeps_nothing(register: Cli) -> None:
    done = register("collect", "--dry-run")
    assert done.code == 0
    assert "new 3" in done.out
    assert len(register("list", "devices").lines) == 1
    assert len(register("list", "runs").lines) == 1


def test_due_reads_only_what_has_waited_long_enough(register: Cli) -> None:
    assert "papers: complete" in register("collect", "--due").out
    assert register("collect", "--due").out == ""


def test_equality_prints_a_line_a_unit(register: Cli) -> None:
    register("collect")
    assert register("equality", "--format", "json").json() == []
    assert len(register("equality").lines) == 1


def test_reports_are_written(register: Cli) -> None:
    register("collect")
    assert register("report", "inventory", "--out", "all.xlsx").code == 0
    done = register("report", "equality", "--out", "eq.xlsx", "--lang", "all")
    assert [Path(line).name for line in done.lines] == ["eq-fi.xlsx", "eq-sv.xlsx", "eq-en.xlsx"]
    assert all((register.folder / name).stat().st_size > 5_000 for name in ("all.xlsx", "eq-fi.xlsx"))


def test_each_workbook_says_where_the_audit_trail_ended_when_it_was_made(register: Cli) -> None:
    register("collect")
    ends = []
    for report in (("inventory", "--out", "all.xlsx"), ("equality", "--out", "eq.xlsx", "--lang", "sv")):
        register("report", *report)  # which is itself a row of the trail
        ends.append(register("audit", "anchor").lines[0])
    books = [load_workbook(register.folder / name) for name in ("all.xlsx", "eq.xlsx")]
    assert [book.properties.keywords for book in books] == [f"audit {end}" for end in ends]
    end = ends[1]
    cells = [str(cell.value) for row in books[1]["Definitioner"].iter_rows() for cell in row if cell.value]
    assert [text for text in cells if end in text] == [f"Händelseloggens sista rad när detta gjordes: {end}"]
    assert register("audit", "verify", "--anchor", end).code == 0


def test_check_finds_the_machine_and_the_register_sound(register: Cli) -> None:
    done = register("check", "--format", "json")
    assert done.code == 0, done
    assert {"ok", "advice"} >= {finding["severity"] for finding in done.json()}
    assert register("check").out.startswith("✓ ok")


def test_check_tells_that_the_settings_weigh_otherwise_until_a_replay_does_too(register: Cli) -> None:
    register("collect")
    assert "[provenance]" not in register("check").out
    register.settings(SHEET, '[provenance.price_cents]\nlocked = "papers"')
    assert "the devices were merged by another [provenance] than the settings'" in register("check").out
    register("db", "replay")
    assert "[provenance]" not in register("check").out


def test_a_reader_that_stops_reading_ends_nothing_badly(empty: Cli) -> None:
    empty.settings(SHEET)
    empty.sheet(*(f"SERIAL{i:05d};pc-{i};laptop;;" for i in range(4_000)))
    empty("collect")
    command = f'"{sys.executable}" -m devreg list devices --format csv | head -1'
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, shell=True, cwd=empty.folder, env=env, capture_output=True, timeout=60)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_a_terminal_that_knows_no_letters_of_ours_still_gets_the_rest(empty: Cli) -> None:
    assert empty.process("check", env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}).code == 0


def test_a_language_changes_what_people_read_and_not_what_programs_read(register: Cli) -> None:
    register("collect")
    english = register("list", "devices", "--format", "json").json()
    register.config.write_text(register.config.read_text().replace('language = "en"', 'language = "fi"'))
    assert register("list", "devices", "--format", "json").json() == english
    assert "Sarjanumero" in register("list", "devices").lines[0]


def test_the_version_and_the_help_need_no_settings(cli: Cli) -> None:
    assert cli("--version").out.startswith("devreg ")
    assert "collect" in cli("--help").out


def _delimiter(text: str) -> str:
    return ";" if ";" in text.splitlines()[0] else ","
