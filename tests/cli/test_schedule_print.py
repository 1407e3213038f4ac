"""What `schedule print` prints is taken by the systems it is for; nothing is installed by it."""

import ctypes
import getpass
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_rig import SHEET, Cli
from lxml import etree

from devreg.secret import SecretRef
from devreg.services import timers

SECRETS = """
[sources.intune]
kind = "intune"
tenant_id = "00000000-0000-0000-0000-000000000001"
client_id = "00000000-0000-0000-0000-000000000002"
client_secret = { file = "secrets/intune.secret" }
every = "1h"
budget = "30m"
[sources.network]
kind = "snmp"
every = { load = "5m" }
[[sources.network.ranges]]
targets = ["10.0.0.1"]
credentials = ["main"]
[snmp.main]
version = "3"
user = "registry"
auth = { protocol = "SHA-256", key = { credential = "snmp-auth" } }
priv = { protocol = "AES-128", key = { env = "SNMP_PRIV" } }
[reports.school]
report = "equality"
out = "out/equality-{date}.xlsx"
every = "7d"
[audit]
anchors = ["anchors/a.jsonl"]
"""
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


def units(cli: Cli, *more: str) -> dict[str, str]:
    return {
        name: cli("schedule", "print", "systemd", "--only", name, *more).out for name in (timers.SERVICE, timers.TIMER)
    }


def values(unit: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def test_the_service_may_write_where_the_register_and_reports_lie_and_nowhere_else(empty: Cli) -> None:
    empty.settings(SHEET, SECRETS)
    service = units(empty)[timers.SERVICE]
    folder = empty.folder.resolve()
    assert values(service, "ReadWritePaths") == [str(folder), f"-{folder / 'out'}", f"-{folder / 'anchors'}"]
    assert values(service, "ProtectSystem") == ["strict"]
    assert values(service, "User") == [getpass.getuser()]
    assert values(service, "LoadCredential") == [
        f"secrets-intune.secret:{folder / 'secrets/intune.secret'}",
        "snmp-auth",
    ]
    assert "DynamicUser" not in service
    assert values(service, "TimeoutStartSec") == [str((30 + 30 + 2 * 120) * 60)]
    assert {path.name for path in folder.iterdir()} == {"devreg.toml", "devreg.db"}


def test_a_register_on_postgresql_needs_no_user_of_its_own(cli: Cli) -> None:
    cli.database = "postgresql+psycopg://devreg@db.example/devreg?sslmode=verify-full"
    cli.settings(SHEET)
    service = units(cli)[timers.SERVICE]
    assert values(service, "DynamicUser") == ["yes"]
    assert values(service, "User") == values(service, "ReadWritePaths") == []
    assert values(units(cli, "--user", "reg")[timers.SERVICE], "User") == ["reg"]


@needs_systemd
@pytest.mark.parametrize("odd", ["plain", 'a 100% "odd" $HOME folder'])
def test_systemd_takes_the_units_and_calls_them_safe(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory, odd: str
) -> None:
    cli.folder = cli.folder / odd
    cli.folder.mkdir()
    cli.config = cli.folder / "devreg.toml"
    cli.settings(SHEET, SECRETS)
    folder = tmp_path_factory.mktemp("units")
    for name, text in units(cli).items():
        (folder / name).write_text(text, encoding="utf-8")
    paths = [str(folder / name) for name in (timers.SERVICE, timers.TIMER)]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, timeout=120)
    told = [line for line in done.stderr.splitlines() if str(folder) in line or "devreg" in line]
    assert told == []
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", paths[0]],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-2000:] + judged.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a rule of Linux")
def test_collecting_needs_no_memory_that_is_written_and_run(empty: Cli) -> None:
    """What MemoryDenyWriteExecute=yes forbids, forbidden here in the same way."""
    if ctypes.CDLL(None).prctl(66, 0, 0, 0, 0) < 0:
        pytest.skip("needs Linux 6.3")
    empty.settings(SHEET, REPORT)
    empty.sheet("PF3KX9AB;A;laptop;;")
    code = (
        "import ctypes, runpy, sys; assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0;"
        "sys.argv = ['devreg', 'collect', '--due']; runpy.run_module('devreg', run_name='__main__')"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], cwd=empty.folder, env=env, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert (empty.folder / "inventory.xlsx").exists()


REPORT = '[reports.all]\nreport = "inventory"\nout = "inventory.xlsx"\nevery = "1d"\n'


def test_a_secret_that_systemd_hands_over_is_read_instead_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = SecretRef(file="secrets/intune.secret")
    handed = tmp_path / "credentials"
    handed.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "intune.secret").write_text("from the file")
    (tmp_path / "secrets" / "intune.secret").chmod(0o600)
    assert reference.read(tmp_path) == "from the file"
    (handed / "secrets-intune.secret").write_text("handed over")
    (handed / "secrets-intune.secret").chmod(0o440)  # an access list shows as rights of the group
    assert reference.read(tmp_path) == "handed over"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert reference.read(tmp_path) == "from the file"


def test_the_crontab_line_runs_as_it_stands_in_odd_folders(cli: Cli, sqlite_template: Path) -> None:
    cli.folder = cli.folder / "a 100% o'dd folder"
    cli.folder.mkdir()
    cli.config = cli.folder / "devreg.toml"
    shutil.copyfile(sqlite_template, cli.folder / "devreg.db")
    cli.settings(SHEET)
    cli.sheet("PF3KX9AB;A;laptop;;")
    line = cli("schedule", "print", "cron").out
    assert line.startswith("*/5 * * * * ")
    assert line.count("\n") == 1
    command = line.rstrip("\n").split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", command)  # cron's own line break
    run = command.replace("\\%", "%")
    assert shlex.split(run)[-2:] == [str(cli.config.resolve()), ">/dev/null"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(["/bin/sh", "-c", run], env=env, cwd="/", capture_output=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert "complete" in cli("list", "runs").out


TASKS = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"
  targetNamespace="http://schemas.microsoft.com/windows/2004/02/mit/task" elementFormDefault="qualified">
<xs:element name="Task"><xs:complexType><xs:all>
  <xs:element name="RegistrationInfo" minOccurs="0"><xs:complexType><xs:all>
    <xs:element name="Description" type="xs:string" minOccurs="0"/></xs:all></xs:complexType></xs:element>
  <xs:element name="Triggers" minOccurs="0"><xs:complexType><xs:choice minOccurs="0" maxOccurs="48">
    <xs:element name="TimeTrigger"><xs:complexType><xs:sequence>
      <xs:element name="Enabled" type="xs:boolean" minOccurs="0"/>
      <xs:element name="StartBoundary" type="xs:dateTime" minOccurs="0"/>
      <xs:element name="EndBoundary" type="xs:dateTime" minOccurs="0"/>
      <xs:element name="Repetition" minOccurs="0"><xs:complexType><xs:all>
        <xs:element name="Interval" type="xs:duration"/><xs:element name="Duration" type="xs:duration" minOccurs="0"/>
        <xs:element name="StopAtDurationEnd" type="xs:boolean" minOccurs="0"/></xs:all></xs:complexType></xs:element>
      <xs:element name="ExecutionTimeLimit" type="xs:duration" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element>
  <xs:element name="Principals" minOccurs="0"><xs:complexType><xs:sequence>
    <xs:element name="Principal"><xs:complexType><xs:all>
      <xs:element name="UserId" type="xs:string" minOccurs="0"/>
      <xs:element name="LogonType" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="S4U"/><xs:enumeration value="Password"/><xs:enumeration value="InteractiveToken"/>
        <xs:enumeration value="InteractiveTokenOrPassword"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="RunLevel" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="LeastPrivilege"/><xs:enumeration value="HighestAvailable"/></xs:restriction></xs:simpleType></xs:element>
      </xs:all><xs:attribute name="id" type="xs:ID"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
  <xs:element name="Settings" minOccurs="0"><xs:complexType><xs:all>
    <xs:element name="MultipleInstancesPolicy" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="Parallel"/><xs:enumeration value="Queue"/><xs:enumeration value="IgnoreNew"/>
      <xs:enumeration value="StopExisting"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="DisallowStartIfOnBatteries" type="xs:boolean" minOccurs="0"/>
    <xs:element name="StopIfGoingOnBatteries" type="xs:boolean" minOccurs="0"/>
    <xs:element name="StartWhenAvailable" type="xs:boolean" minOccurs="0"/>
    <xs:element name="ExecutionTimeLimit" type="xs:duration" minOccurs="0"/>
    <xs:element name="Enabled" type="xs:boolean" minOccurs="0"/></xs:all></xs:complexType></xs:element>
  <xs:element name="Actions"><xs:complexType><xs:sequence>
    <xs:element name="Exec"><xs:complexType><xs:all>
      <xs:element name="Command" type="xs:string"/><xs:element name="Arguments" type="xs:string" minOccurs="0"/>
      <xs:element name="WorkingDirectory" type="xs:string" minOccurs="0"/></xs:all></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="Context" type="xs:IDREF"/></xs:complexType></xs:element>
</xs:all><xs:attribute name="version" type="xs:string"/></xs:complexType></xs:element></xs:schema>
"""
"""What we use of Microsoft's Task Scheduler schema, element by element as its reference has them."""


@pytest.mark.parametrize("user", [(), ("--user", r"CITY\reg & co")])
def test_the_windows_task_follows_its_schema(cli: Cli, sqlite_template: Path, user: tuple[str, ...]) -> None:
    cli.folder = cli.folder / "a <b> & c"
    cli.folder.mkdir()
    cli.config = cli.folder / "devreg.toml"
    cli.settings(SHEET)
    text = cli("schedule", "print", "windows", *user).out
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):  # as a shell's redirection happens to write it
        task = etree.fromstring(text.encode(encoding))
        etree.XMLSchema(etree.fromstring(TASKS)).assertValid(task)
    found = {etree.QName(node).localname: node.text for node in task.iter()}
    assert found["Arguments"] == f'collect --due --config "{cli.config.resolve()}"' or found["Arguments"].startswith(
        "-m"
    )
    assert found["UserId"] == (user[1] if user else "S-1-5-19")


def test_what_a_timer_can_not_use_is_told_on_stderr(empty: Cli) -> None:
    empty.settings(
        SECRETS.replace('every = "1h"\n', "").replace('every = { load = "5m" }\n', "").partition("[reports")[0]
    )
    done = empty("schedule", "print", "cron")
    assert done.code == 0
    assert "environment variables" in done.err
    assert "nothing due" in done.err
    assert empty("schedule", "print", "launchd").code == 2
    assert empty("schedule", "print", "systemd", "--only", "x.service").code == 2
