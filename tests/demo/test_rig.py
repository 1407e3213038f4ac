import csv
import stat
import time
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from demo_clients import NOW

from devreg.demo.city import City
from devreg.demo.rig import start
from devreg.demo.settings_file import Addresses, Operator, write_settings
from devreg.demo.sheets import LEASES, write_sheets
from devreg.domain.fields import DEVICE_FIELDS, HEADCOUNT_FIELDS, UNIT_FIELDS
from devreg.secret import SecretRef
from devreg.settings import Profile, UnitRule, load
from devreg.wiring import collector_class


@pytest.fixture(scope="module")
def folder(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheets")
    write_sheets(city, folder)
    addresses = Addresses("https://localhost:1", "http://127.0.0.1:2", ("127.0.0.1:3",), ("127.0.0.1:4",))
    ids = dict.fromkeys(("tenant_id", "client_id"), "00000000-0000-4000-8000-000000000001")
    operator = Operator("somebody", "somebody@kaupunki.example", "00000000-0000-4000-8000-000000000002")
    write_settings(folder / "devreg.toml", city, addresses, ids, operator)
    return folder


def rows_of(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))


def test_everything_starts_within_seconds_from_the_second_time_on(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    start(tmp_path, 200, now=NOW, cache=cache).stop()
    began = time.perf_counter()
    with start(tmp_path, 2600, now=NOW, cache=cache) as rig:
        # 2.3 s on two idle cores; the rest is room for a busy machine.
        assert time.perf_counter() - began < 15
        assert rig.config.is_file()
        assert rig.agents is not None
        assert len(rig.agents.targets("3")) + len(rig.agents.targets("2c")) == len(rig.city.network)


def test_the_rig_can_leave_the_network_out(tmp_path: Path) -> None:
    with start(tmp_path, 200, now=NOW, snmp=False) as rig:
        loaded, faults = load(rig.config)
        assert (rig.agents, faults) == (None, [])
        assert "network" not in loaded.settings.sources


def test_a_rig_can_be_stopped_twice(tmp_path: Path) -> None:
    with start(tmp_path, 200, now=NOW, snmp=False) as rig:
        rig.stop()


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    with start(tmp_path, 200, now=NOW, snmp=False):
        private = [*tmp_path.glob("*.secret"), *tmp_path.glob("chrome-*.json"), tmp_path / "intune.pem"]
        assert len(private) == 8
        assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_the_settings_have_no_faults_and_every_kind_of_source(folder: Path) -> None:
    loaded, faults = load(folder / "devreg.toml")
    assert faults == []
    kinds = [source["kind"] for source in loaded.settings.sources.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {"intune": 1, "google": 3, "snmp": 1, "sheet": 5}
    assert set(loaded.settings.snmp) == {"demo", "legacy"}


def test_every_unit_rule_is_one_the_settings_know(folder: Path, city: City) -> None:
    units = {unit.id for unit in city.units}
    for source in load(folder / "devreg.toml")[0].settings.sources.values():
        collector_class(source["kind"]).Options.model_validate(source)
        rules = [UnitRule.model_validate(rule) for rule in source.get("units", ())]
        assert {rule.unit for rule in rules} <= units


def test_secrets_stand_in_the_settings_by_reference_only(folder: Path) -> None:
    sources = load(folder / "devreg.toml")[0].settings.sources
    for reference in (sources["intune"]["client_secret"], sources["chrome-city"]["key"]):
        assert SecretRef.model_validate(reference).file


def test_every_column_of_a_profile_is_in_its_sheet_and_every_field_exists(folder: Path) -> None:
    settings = load(folder / "devreg.toml")[0].settings
    for source in settings.sources.values():
        if source["kind"] != "sheet":
            continue
        profile: Profile = settings.profiles[source["profile"]]
        path = folder / source["path"]
        header = rows_of(path)[0] if path.suffix == ".xlsx" else csv_rows(path)[0]
        assert set(profile.columns) <= set(header)
        assert set(profile.match) <= set(profile.columns.values())
        assert all(is_known(field) for field in profile.columns.values())


def is_known(field: str) -> bool:
    group, dot, name = field.partition(".")
    known = {"unit": UNIT_FIELDS, "headcount": HEADCOUNT_FIELDS}
    if dot and group in known:
        return name in known[group]
    return group == "lease" or field == "price" or field in DEVICE_FIELDS


def csv_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="cp1252").splitlines(), delimiter=";"))


def test_leases_mix_numbers_and_dates_with_text_in_finnish_spelling(folder: Path, city: City) -> None:
    header, *rows = rows_of(folder / "leases.xlsx")
    assert header[:-1] == tuple(LEASES)
    fees = [row[header.index("Kuukausivuokra")] for row in rows if any(row)]
    starts = [row[header.index("Alkaa")] for row in rows if any(row)]
    assert {type(fee) for fee in fees} == {float, str}
    assert {type(day) for day in starts} == {datetime, str}
    assert any("," in fee for fee in fees if isinstance(fee, str))
    assert len(fees) == len(city.leases)


def test_day_care_numbers_come_as_an_old_program_writes_them(folder: Path) -> None:
    header, *rows = csv_rows(folder / "daycare.csv")
    assert header[0] == "Toimipaikka"
    assert {row[1] for row in rows} == {"ece", "pre"}
    assert {row[2] for row in rows} == {"20.9.2026"}
