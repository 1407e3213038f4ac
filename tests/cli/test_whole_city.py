"""The whole of the main job against the demo's stand-ins: real HTTP, TLS and UDP, four kinds of source, one register."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli_rig import Cli, Done, process

from collectors.http import Limits
from devreg.commands.demo_counting import count
from devreg.commands.demo_paperwork import sign
from devreg.demo.rig import Rig, start
from devreg.demo.server import Fault, FaultKind
from devreg.domain.circulation import NextStep, Reserve
from devreg.domain.phones import OF_NOBODY
from devreg.domain.tools import Overlap
from devreg.services.browse import Browser, Query
from devreg.wiring import collector_class, open_app

SOURCES = ("intune", "network", "purchases", "leases", "units", "headcounts", "daycare")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with start(tmp_path_factory.mktemp("city"), devices=300) as rig:
        yield rig


@pytest.fixture(scope="module")
def collected(city: Rig, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """The first collection of everything by a process of its own, and a copy of its register."""
    text = city.config.read_text(encoding="utf-8")
    city.config.write_text(text.replace('language = "fi"', 'language = "en"'), encoding="utf-8")
    shutil.copyfile(sqlite_template, city.folder / "devreg.db")
    done = process(city.folder, "collect")
    kept = tmp_path_factory.mktemp("collected") / "devreg.db"
    with closing(sqlite3.connect(city.folder / "devreg.db")) as source, closing(sqlite3.connect(kept)) as copy:
        source.backup(copy)
    return done, kept


@pytest.fixture
def town(cli: Cli, city: Rig, collected: tuple[Done, Path], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The city as it stands after its first collection; retries wait for nothing."""
    for kind in ("intune", "google"):
        monkeypatch.setattr(collector_class(kind), "limits", Limits(tries=2, pause=lambda _: None))
    city.graph.clear_faults()
    city.google.clear_faults()
    for path in city.folder.glob("devreg.db*"):
        path.unlink()
    shutil.copyfile(collected[1], city.folder / "devreg.db")
    cli.folder, cli.config = city.folder, city.config
    return cli


def verdicts(done: Done) -> dict[str, str]:
    """Source -> the rest of its line."""
    return {
        line.split(":")[0].split()[1]: line.split(":", 1)[1].strip() for line in done.lines if line.startswith("R0")
    }


def counted(line: str, what: str) -> int:
    return int(
        next(part.rsplit(maxsplit=1)[1] for part in line.replace(";", ",").split(",") if part.strip().startswith(what))
    )


def test_the_second_collection_finds_everything_the_same(town: Cli, collected: tuple[Done, Path]) -> None:
    first, _ = collected
    told = verdicts(first)
    assert first.code == 0, first
    assert set(SOURCES) <= told.keys()
    assert len(told) == 10
    assert all(line.startswith("complete") for line in told.values()), told
    assert all(counted(line, "new") == counted(line, "seen") - counted(line, "rejected") > 0 for line in told.values())
    before = town("list", "devices", "--format", "json").json()
    told_before = town("list", "history", "--format", "jsonl").out
    again = verdicts(town("collect"))
    for name, line in again.items():
        assert counted(line, "seen") == counted(told[name], "seen"), name
        assert (counted(line, "new"), counted(line, "changed"), counted(line, "missing")) == (0, 0, 0), (name, line)
    after = town("list", "devices", "--format", "json").json()
    still = [{key: value for key, value in row.items() if key not in {"last_seen", "page_count"}} for row in after]
    assert still == [
        {key: value for key, value in row.items() if key not in {"last_seen", "page_count"}} for row in before
    ]
    assert town("list", "history", "--where", "field=registered", "--format", "jsonl").out.count("\n") == len(after)
    assert town("list", "history", "--format", "jsonl").out == told_before


def test_one_city_stands_in_every_list(town: Cli) -> None:
    for view in (
        "devices",
        "phones",
        "chromebooks",
        "network",
        "ports",
        "units",
        "persons",
        "contracts",
        "runs",
        "records",
        "history",
    ):
        assert len(town("list", view).lines) > 1, view
    kinds = {row["kind"] for row in town("list", "devices", "--format", "json").json()}
    assert {"laptop", "phone", "chromebook", "switch", "access_point", "printer"} <= kinds
    rows = town("equality", "--format", "json").json()
    assert rows
    assert all(row["coverage"] is None or row["coverage"] >= 0 for row in rows)


def test_wrong_secrets_and_unreachable_services_fail_alone_and_lose_nothing(town: Cli, city: Rig) -> None:
    before = town("list", "devices", "--format", "json").json()
    secret = city.folder / "intune.secret"
    good = secret.read_bytes()
    settings = city.config.read_text(encoding="utf-8")
    try:
        secret.write_bytes(b"wrong")
        (city.folder / "purchases.xlsx").rename(city.folder / "purchases.away")
        unreachable = settings.replace(f'admin_url = "{city.google.url}"', 'admin_url = "http://127.0.0.1:1"')
        city.config.write_text(unreachable, encoding="utf-8")
        done = town("collect")
    finally:
        secret.write_bytes(good)
        (city.folder / "purchases.away").rename(city.folder / "purchases.xlsx")
        city.config.write_text(settings, encoding="utf-8")
    told = verdicts(done)
    assert done.code == 1
    failed = {name for name, line in told.items() if line.startswith("failed")}
    assert failed >= {"intune", "purchases"}
    assert len(failed) == 5  # and the three consoles
    assert all(line.startswith("complete") for name, line in told.items() if name not in failed)
    assert all(counted(line, "missing") == 0 for line in told.values())
    said = {line.partition(": ")[0]: line.partition(": ")[2] for line in done.err.splitlines()}
    assert "secret" in said["intune"].lower()
    assert "purchases.xlsx" in said["purchases"]
    assert "127.0.0.1:1" in said["chrome-old"]
    assert "wrong" not in done.out
    still = town("list", "devices", "--format", "json").json()
    assert [row["serial"] for row in still] == [row["serial"] for row in before]
    assert all(row["missing_since"] is None for row in still)
    errors = {
        row["source"]: row for row in town("list", "runs", "--where", "verdict=failed", "--format", "json").json()
    }
    assert errors["intune"]["error"]
    assert errors["intune"]["next_step"]


@pytest.mark.parametrize("kind", [FaultKind.HTML, FaultKind.TRUNCATE, FaultKind.STATUS], ids=str)
def test_a_service_that_breaks_in_the_middle_calls_nothing_missing(town: Cli, city: Rig, kind: FaultKind) -> None:
    city.graph.faults.append(Fault(kind=kind, path_contains="managedDevices", times=99, status=403, body=b"{}"))
    done = town("collect", "intune")
    line = verdicts(done)["intune"]
    assert done.code == 1
    assert not line.startswith("complete")
    assert counted(line, "missing") == 0
    assert len(done.err.splitlines()) >= 1
    assert len(town("list", "missing").lines) == 1
    city.graph.clear_faults()
    assert verdicts(town("collect", "intune"))["intune"].startswith("complete")


def test_check_tells_of_each_source_and_names_the_one_that_fails(town: Cli, city: Rig) -> None:
    assert town("check").code == 0
    secret = city.folder / "intune.secret"
    good = secret.read_bytes()
    secret.write_bytes(b"wrong")
    try:
        done = town("check", "--format", "json")
    finally:
        secret.write_bytes(good)
    assert done.code == 1
    assert {finding["about"] for finding in done.json() if finding["severity"] == "fault"} == {"intune"}


def test_a_city_whose_devices_all_leave_a_service_is_held(town: Cli, city: Rig) -> None:
    empty = b'{"value": []}'
    city.graph.faults.append(
        Fault(
            path_contains="managedDevices",
            times=99,
            status=200,
            headers={"Content-Type": "application/json"},
            body=empty,
        )
    )
    done = town("collect", "intune")
    city.graph.clear_faults()
    assert done.code == 1
    assert verdicts(done)["intune"].startswith("held")
    assert len(town("list", "missing").lines) == 1


def test_where_names_the_port_a_printer_is_plugged_into(town: Cli) -> None:
    printers = town("list", "devices", "--where", "kind=printer", "--format", "json", "--columns", "id,name,mac").json()
    printer = next(line for line in printers if line["name"] == "prn-granhult-1")
    for asked in (printer["id"], printer["mac"], printer["mac"].replace(":", "").upper()):
        (line,) = town("where", asked, "--format", "json").json()
        assert (line["device"], line["port"], line["vlan"], line["certainty"], line["current"]) == (
            "sw-granhult-1", "Gi1/0/3", 110, "edge", True,
        )  # fmt: skip
    shown = town("where", printer["mac"])
    assert (shown.code, "sw-granhult-1" in shown.out, printer["id"] in shown.err) == (0, True, True)


def test_where_says_so_when_no_switch_has_seen_an_address(town: Cli) -> None:
    done = town("where", "00:11:22:33:44:55")
    assert (done.code, "No switch has seen 00:11:22:33:44:55." in done.err) == (1, True)
    assert town("where", "nothing-of-the-kind").code == 1


def test_switches_are_listed_with_the_neighbours_they_are_cabled_to(town: Cli) -> None:
    lines = town("list", "neighbours", "--where", "device=sw-granhult-1", "--format", "json").json()
    assert [(line["port"], line["remote_name"], line["matched_kind"]) for line in lines] == [
        ("Gi1/0/2", "ap-granhult-1", "access_point"),
        ("Te1/1/1", "sw-core-1", "switch"),
    ]


def test_the_city_has_a_closed_and_an_open_stocktake_with_each_outcome(town: Cli) -> None:
    app = open_app(town.config)
    count(app)
    app.sessions.close()
    lines = town("list", "counted", "--format", "json").json()
    said = {(line["stocktake"], line["outcome"]) for line in lines}
    both = {
        (number, one)
        for number in ("S000001", "S000002")
        for one in ("found", "misplaced", "unexpected", "unknown_code")
    }
    assert said >= both | {("S000001", "not_found"), ("S000002", "not_found_yet")}, said
    first, second = town("list", "stocktakes", "--sort", "id", "--format", "json").json()
    assert first["closed"] is not None
    assert second["closed"] is None


def test_the_city_shows_leases_in_every_state_and_what_its_devices_and_tools_need(town: Cli) -> None:
    app = open_app(town.config)
    sign(app)
    browser = Browser(app.sessions, "en")

    def shown(view: str, column: str) -> set[object]:
        return {row[column] for row in browser.rows(view, browser.keys(view, Query()))}

    try:
        assert shown("leases", "state") >= {
            "running", "notice_due", "decided", "return_window", "returned", "overdue", "missing", "bought_out",
        }  # fmt: skip
        assert shown("overlaps", "finding") == set(map(str, Overlap))
        assert shown("circulation", "next_step") == {None, *map(str, NextStep)}
        assert shown("spares", "reserve") >= set(map(str, Reserve))
        assert shown("cliffs", "is_cliff") == {True, False}
        assert shown("coverage", "gap") == {None, "no_contract"}
        assert shown("suggestions", "rule") >= {"wiped", "deprovisioned", "holder_left", "silent_long"}
        assert shown("unmanaged_phones", "why") == {OF_NOBODY}
        assert shown("leavers", "why")
        assert shown("conflicts", "field")
    finally:
        app.sessions.close()
