"""Seven days of timers over the demo's city: the clock is simulated, the stand-ins and their sockets are real."""

import json
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cli_rig import Cli

from collectors.http import Limits
from devreg import wiring
from devreg.demo.rig import Rig, start
from devreg.demo.server import Fault, FaultKind
from devreg.wiring import collector_class

LOOKS = timedelta(hours=2)
START = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0)
"""The stand-ins' devices are as old as the day on which the test runs."""
PACES = {
    "1h": '"8h"',
    "6h": '"12h"',
    "1d": '"1d"',
    "{": '{ probe = "1d", inventory = "1d", location = "2d", load = "1d" }',
}
"""The demo's paces -> those of this week: fewer runs, so that it takes minutes."""
TELLER = "import json, sys; print(json.dumps(json.load(sys.stdin)), file=open('told.jsonl', 'a'))"
MORE = f"""
[notify]
command = [{json.dumps(sys.executable)}, "-c", {json.dumps(TELLER)}]
[reports.school]
report = "equality"
out = "equality-{{date}}.xlsx"
cron = "0 7 * * 1-5"
"""


class Outage(msgspec.Struct, frozen=True):
    """When a source can't be read, in hours from the start."""

    sources: tuple[str, ...]
    begins: float
    ends: float
    begin: Callable[[], object]
    end: Callable[[], object]


class Week:
    """A register that timers look after."""

    def __init__(self, cli: Cli, now: datetime) -> None:
        self.cli, self.now = cli, now
        self.told: list[tuple[float, int, str, str]] = []
        """Hour, exit code and what was said at each look."""

    def __call__(self) -> datetime:
        return self.now

    def look(self) -> None:
        done = self.cli("collect", "--due")
        self.told.append((self.hour, done.code, done.out, done.err))

    @property
    def hour(self) -> float:
        return (self.now - START) / timedelta(hours=1)

    def list(self, view: str, *where: str) -> list[dict[str, Any]]:
        conditions = [part for condition in where for part in ("--where", condition)]
        return self.cli("list", view, *conditions, "--format", "json").json()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Rig]:
    with start(tmp_path / "city", devices=200) as rig:
        text = rig.config.read_text(encoding="utf-8").replace('language = "fi"', 'language = "en"')
        paced = re.sub(
            r'(?m)^every = (?:"(\w+)"|(\{).*)$', lambda found: f"every = {PACES[found[1] or found[2]]}", text
        )
        few = re.sub(r"(?m)^targets = .*$", lambda line: f"targets = {json.dumps(_targets(line[0])[:3])}", paced)
        patient = few.replace(
            'kind = "snmp"', 'kind = "snmp"\ntimeout_s = 6'
        )  # a busy machine's agents are slow, not silent
        rig.config.write_text(patient + MORE, encoding="utf-8")
        yield rig


@pytest.fixture
def week(cli: Cli, city: Rig, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Week:
    for kind in ("intune", "google"):
        monkeypatch.setattr(collector_class(kind), "limits", Limits(tries=2, pause=lambda _: None))
    shutil.copyfile(sqlite_template, city.folder / "devreg.db")
    cli.folder, cli.config = city.folder, city.config
    held = Week(cli, START)
    monkeypatch.setattr(wiring, "now", held)
    return held


def _targets(line: str) -> list[str]:
    """A simulated agent takes seconds for a walk: six of them are network enough."""
    return json.loads(line.partition("=")[2])


def outages(city: Rig) -> list[Outage]:
    """Each source is away for a while, and each in another way."""
    agents = city.agents._process.pid if city.agents else 0
    kinds = (FaultKind.STATUS, FaultKind.HTML, FaultKind.DROP)
    consoles = [
        _faults((console.source,), 20 + 9 * n, 34 + 9 * n, city.google, console.customer_id, kinds[n % 3])
        for n, console in enumerate(city.city.consoles)
    ]
    sheets = {"purchases": 30, "leases": 42, "units": 54, "headcounts": 66, "daycare": 78}
    return [
        _faults(("intune",), 9, 21, city.graph, "managedDevices", FaultKind.STATUS),
        *consoles,
        Outage(("network",), 60, 80, lambda: os.kill(agents, signal.SIGSTOP), lambda: os.kill(agents, signal.SIGCONT)),
        *(_away((name,), hour, next(city.folder.glob(f"{name}.*"))) for name, hour in sheets.items()),
    ]


def _faults(sources: tuple[str, ...], begins: float, ends: float, server: Any, path: str, kind: FaultKind) -> Outage:
    fault = Fault(kind=kind, path_contains=path, times=10**9, status=503, body=b"{}")
    return Outage(sources, begins, ends, lambda: server.faults.append(fault), lambda: server.faults.remove(fault))


def _away(sources: tuple[str, ...], hour: float, path: Path) -> Outage:
    away = path.with_name(f"{path.name}.away")
    return Outage(sources, hour, hour + 30, lambda: path.rename(away), lambda: away.rename(path))


@pytest.mark.soak
def test_seven_days_with_an_outage_in_each_source_lose_and_double_nothing(week: Week, city: Rig) -> None:
    waiting = sorted(outages(city), key=lambda outage: outage.begins)
    assert {name for outage in waiting for name in outage.sources} == set(wiring.open_app(city.config).sources)
    week.look()
    assert week.told[0][1] == 0, week.told
    before = _devices(week)
    asked = len(week.list("review"))
    lasting: list[Outage] = []
    while week.hour < 24 * 7:
        week.now += LOOKS
        if 100 <= week.hour < 112:
            continue  # the timers' own machine is off
        for outage in [one for one in waiting if one.begins <= week.hour]:
            outage.begin()
            waiting.remove(outage)
            lasting.append(outage)
        for outage in [one for one in lasting if one.ends <= week.hour]:
            outage.end()
            lasting.remove(outage)
        week.look()
    assert (waiting, lasting) == ([], [])

    assert _devices(week) == before
    assert len(week.list("review")) == asked
    assert [row for row in week.list("devices") if row["missing_since"]] == []
    serials = Counter(row["serial"] for row in week.list("devices") if row["serial"])
    assert {serial: count for serial, count in serials.items() if count > 1} == _doubled(before)
    runs = week.list("runs")
    told = [json.loads(line) for line in (city.folder / "told.jsonl").read_text(encoding="utf-8").splitlines()]
    for outage in outages(city):
        for name in outage.sources:
            _was_told_and_caught_up(week, runs, told, name, outage)
    _slept_and_caught_up_once(runs)
    assert all(row["verdict"] == "complete" for row in runs if row["source"] == "report:school")
    days = {path.name for path in city.folder.glob("equality-*.xlsx")}
    assert len(days) >= 5, days


def _devices(week: Week) -> dict[str, tuple[str | None, str | None]]:
    return {row["id"]: (row["serial"], row["name"]) for row in week.list("devices")}


def _doubled(devices: dict[str, tuple[str | None, str | None]]) -> dict[str, int]:
    """Serials that the city's own dirt has twice from the first day on."""
    counts = Counter(serial for serial, _ in devices.values() if serial)
    return {serial: count for serial, count in counts.items() if count > 1}


def _was_told_and_caught_up(
    week: Week, runs: list[dict[str, Any]], told: list[dict[str, Any]], name: str, outage: Outage
) -> None:
    during = [row for row in runs if row["source"] == name and outage.begins <= _hour(row) < outage.ends]
    assert during, name
    assert all(row["verdict"] != "complete" for row in during), (name, during)
    looks = [
        (code, err) for hour, code, _, err in week.told if outage.begins <= hour < outage.ends and f"{name}: " in err
    ]
    assert looks, name
    after = [row for row in runs if row["source"] == name and _hour(row) >= outage.ends]
    assert after[-1]["verdict"] == "complete", (name, after[-1])  # the newest stands first: this is the first one after
    if name == "network":
        return  # silent addresses are no failed run: it is partial, and its parts are listed
    assert any(code == 1 for code, _ in looks), name
    phases = {notice["phase"] for message in told for notice in message["notices"] if notice["about"] == name}
    assert {"began", "ended"} <= phases, (name, phases)


def _slept_and_caught_up_once(runs: list[dict[str, Any]]) -> None:
    """In the first look after twelve hours without a timer each is read once, not once for every time missed."""
    assert [row for row in runs if 100 <= _hour(row) < 112] == []
    first = Counter((row["source"], row.get("job")) for row in runs if 112 <= _hour(row) < 112.5)
    assert first[("intune", None)] == 1
    assert set(first.values()) == {1}, first


def _hour(row: dict[str, Any]) -> float:
    return (datetime.fromisoformat(row["started"]) - START) / timedelta(hours=1)
