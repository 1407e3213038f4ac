"""What a role may do, from the command line, on both engines; no command escapes the question who may."""

import getpass
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from cli_rig import SHEET, Cli
from operator_rig import opened, staffed
from register_rig import PG_PROGRAMS, dump, rows

from devreg import cli as program
from devreg.domain.rights import RIGHTS, Role
from devreg.services import actors
from devreg.store import schema

PROFILE = """
[profiles.old]
match = ["serial"]
[profiles.old.columns]
"Sarjanumero" = "serial"
"""
KEEP = '[audit]\nkeep_details = "730d"\n[privacy]\nholder_months = 24\n'
TOOLS = f'[tools]\npostgresql = "{PG_PROGRAMS}"\n'
WRITES: dict[str, tuple[str, ...]] = {
    "action approve": ("A000001",),
    "action cancel": ("A000001 --reason x",),
    "action freeze": ("--reason x",),
    "action limits": ("--apply",),
    "action lost": ("PF3KX9AB --reason x",),
    "action reject": ("A000001 --reason x",),
    "action request": ("lock PF3KX9AB --reason x", "wipe PF3KX9AB --reason x --confirm PF3KX9AB"),
    "action send": ("A000001",),
    "action settle": ("A000001 --as failed --reason x",),
    "action certificate": ("A000001 --order --out r.txt",),
    "action where": ("A000001",),
    "action verify": ("A000001 --method seen",),
    "action unfreeze": ("--reason x",),
    "action unhold": ("--reason x",),
    "assign": ("PF3KX9AB --none --reason x", "PF3KX9AB --unit mantymaki --reason x"),
    "contract add": ("kind=lease number=L-2",),
    "contract attach": ("L-1 PF3KX9AB",),
    "contract change": ("L-1 supplier=Y --reason x",),
    "contract decide": ("L-1 extend --months 12",),
    "contract detach": ("L-1 PF3KX9AB --reason x",),
    "contract document": ("L-1 papers/1.pdf --title Lease",),
    "contract end": ("L-1 --reason x",),
    "contract missing": ("L-1 PF3KX9AB",),
    "contract returned": ("L-1 PF3KX9AB",),
    "label": ("PF3KX9AB --issue --out labels.pdf",),
    "plan accept": ("A-000000",),
    "plan drop": ("M000001 --reason x",),
    "plan tick": ("M000001",),
    "receipt": ("PF3KX9AB --kind handover --out r.txt",),
    "stocktake close": ("S000001",),
    "stocktake scan": ("S000001 PF3KX9AB",),
    "stocktake start": ("mantymaki",),
    "suggestion dismiss": ("PF3KX9AB --reason x",),
    "tag issue": ("PF3KX9AB --reason x", "--count 2"),
    "transition": ("PF3KX9AB lost --reason x",),
    "add": ("serial=5CD1294QWE kind=laptop",),
    "alarm ack": ("1",),
    "audit export": ("--out trail.jsonl",),
    "audit purge": ("--reason old",),
    "backup": ("copy.backup",),
    "collect": ("", "papers", "--dry-run", "--due", "--accept-held R000001"),
    "db rename-source": ("papers purchases",),
    "db purge-names": ("",),
    "db replay": ("",),
    "extract": ("ake@city.example --out ake.json",),
    "import": ("papers.csv --profile old --apply", "papers.csv --profile old"),
    "operator add": ("somebody --role viewer",),
    "operator remove": ("somebody",),
    "restore": ("copy.backup --replace",),
    "review": ("1 keep", "1 merge", "1 split", "undo 1"),
    "snapshot": ("",),
    "set": ("PF3KX9AB room=A1 --reason moved", "PF3KX9AB room= --reason back"),
}
"""Commands that need a right -> ways to call them."""
READS: dict[str, str] = {
    "action show": "A000001",
    "contract show": "L-1",
    "person": "ake@city.example",
    "report circulation": "--out c.xlsx",
    "report contracts": "--out k.xlsx",
    "report phones": "--out p.xlsx",
    "stocktake show": "S000001",
    "tag next": "",
    "tools": "",
    "alarm list": "",
    "audit anchor": "",
    "audit verify": "",
    "check": "",
    "db status": "",
    "equality": "",
    "export": "warehouse",
    "list": "devices",
    "operator list": "",
    "report equality": "--out e.xlsx",
    "report inventory": "--out i.xlsx",
    "review": "",
    "schedule print": "cron",
    "show": "PF3KX9AB",
    "where": "00:11:22:33:44:55",
}
"""Commands that anybody may call -> a way to call them."""
APART = {"demo", "init", "db upgrade", "tui"}
"""They make a register of their own, ask the database itself, or are tested elsewhere."""


def commands(group: Any = None, prefix: str = "") -> Iterator[str]:
    for name, command in (group or typer.main.get_command(program.app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name


class Desk:
    """The program as each role sits before it, on one register that holds a device."""

    def __init__(self, cli: Cli, engine: str, address: str) -> None:
        self.cli = cli
        self.engine = engine
        self.address = address
        self.logins = staffed(address, cli.folder) if engine == "postgresql" else {}
        self.be(Role.ADMIN)
        assert cli("collect").code == 0
        assert cli("contract", "add", "kind=lease", "number=L-1", "start=2026-01-01", "end=2030-12-31").code == 0
        assert cli("contract", "attach", "L-1", "PF3KX9AB").code == 0
        assert cli("stocktake", "start", "mantymaki").code == 0

    def be(self, role: Role, language: str = "en") -> None:
        """The next commands are given by somebody with this role."""
        operators = f'[operators]\n"{actors._user()}" = "{role}"\n'
        self.cli.database = self.logins.get(role, self.address)
        self.cli.settings(
            SHEET,
            PROFILE,
            TOOLS,
            KEEP,
            operators if self.engine == "sqlite" else "",
        )
        text = self.cli.config.read_text(encoding="utf-8").replace('language = "en"', f'language = "{language}"')
        self.cli.config.write_text(text, encoding="utf-8")

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """The whole register but for the trail of what was tried."""
        with opened(self.address, self.cli.folder) as sessions:
            return {name: lines for name, lines in dump(sessions).items() if not name.startswith("audit")}

    def trail(self) -> list[dict[str, Any]]:
        with opened(self.address, self.cli.folder) as sessions:
            return rows(sessions, schema.audit)


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, cli: Cli, fresh_register: Callable[[str], str]) -> Desk:
    cli.sheet("PF3KX9AB;kone;laptop;999,90;mantymaki")
    return Desk(cli, request.param, fresh_register(request.param))


def test_every_command_is_known_to_read_or_to_need_a_right() -> None:
    assert set(commands()) == {*WRITES, *READS, *APART}


def test_a_viewer_is_refused_every_command_that_needs_a_right_and_it_stands_in_the_trail(desk: Desk) -> None:
    desk.be(Role.VIEWER)
    before = desk.state()
    for command, calls in WRITES.items():
        if command.startswith("operator") and desk.engine == "sqlite":
            continue  # there the settings are the list
        for call in calls:
            done = desk.cli(*command.split(), *call.split())
            assert (done.code, done.out) == (1, ""), (command, call, done)
            assert "a viewer here; this needs the right to" in done.err, (command, call)
            assert "devreg operator list" in done.err
            assert desk.trail()[-1]["outcome"] == "refused", (command, call)
    assert desk.state() == before
    assert not (desk.cli.folder / "copy.backup").exists()


def test_a_viewer_may_look_at_everything_and_that_changes_nothing(desk: Desk) -> None:
    desk.be(Role.VIEWER)
    before, trail = desk.state(), desk.trail()
    for command, call in READS.items():
        done = desk.cli(*command.split(), *call.split())
        found = command not in {
            "where",
            "person",
            "action show",
        }  # no switch saw anything, no directory is read, nothing was requested
        assert (done.code == 0) is found, (command, done)
        assert "right" not in done.err, (command, done)
    assert desk.state() == before
    told = desk.trail()[len(trail) :]
    assert desk.trail()[: len(trail)] == trail
    assert {line["right"] for line in told} == {"look"}
    assert [line["act"] for line in told] == [call for call in READS if call == "export" or call.startswith("report ")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", ("on täällä katselija; tähän tarvitaan oikeus muokata laitteita.", "Kysy rekisterin pääkäyttäjältä")),
        ("sv", ("är läsare här; det här kräver rätten att ändra enheter.", "Fråga registrets administratör")),
    ],
)
def test_a_refusal_names_role_and_right_in_the_readers_language(
    desk: Desk, language: str, words: tuple[str, ...]
) -> None:
    desk.be(Role.VIEWER, language)
    done = desk.cli("add", "serial=5CD1294QWE", "kind=laptop")
    assert done.code == 1
    assert [word for word in words if word not in done.err] == []


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_call_what_its_rights_are_for(desk: Desk, role: Role) -> None:
    """The whole way down to the grants: a right that the table gives and the database refuses would end with 4."""
    desk.be(role)
    needed = {"collect": "collect", "add serial=5CD1294QWE kind=laptop": "edit", "import papers.csv --profile old --apply": "edit",
              "db replay": "keep", "backup copy.backup": "keep"}  # fmt: skip
    codes = {call: desk.cli(*call.split()).code for call in needed}
    assert codes == {call: 0 if right in RIGHTS[role] else 1 for call, right in needed.items()}


def test_the_environment_does_not_say_who_sits_at_the_keyboard(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.be(Role.VIEWER)
    env = {"LOGNAME": "boss", "USER": "boss", "LNAME": "boss", "USERNAME": "boss"}
    if desk.engine == "sqlite":
        text = desk.cli.config.read_text(encoding="utf-8")
        desk.cli.config.write_text(text + '"boss" = "admin"\n', encoding="utf-8")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert getpass.getuser() == "boss"
    assert "boss" not in desk.cli("add", "serial=5CD1294QWE", "kind=laptop", env=env).err
    assert desk.cli("add", "serial=5CD1294QWE", "kind=laptop", env=env).code == 1


def test_who_is_not_named_among_the_operators_may_only_look(cli: Cli, sqlite_template: Path) -> None:
    (cli.folder / "devreg.db").write_bytes(sqlite_template.read_bytes())
    cli.settings('[operators]\n"somebody else" = "admin"\n')
    assert cli("list", "devices").code == 0
    assert cli("add", "serial=5CD1294QWE").code == 1
    cli.settings("[operators]\n")
    assert cli("add", "serial=5CD1294QWE").code == 1
    cli.settings()
    assert cli("add", "serial=5CD1294QWE").code == 0
