"""Remote actions as people use them: the program, real sign-in and HTTP, and a stand-in for Intune that keeps a ledger."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_rig import Cli, Done
from operator_rig import opened, staffed
from register_rig import PG_PROGRAMS, actor
from sqlalchemy import select, text, update

from devreg.demo.graph import Graph
from devreg.demo.rig import Rig, start
from devreg.demo.server import Fault, FaultKind
from devreg.domain.action import Limits
from devreg.domain.rights import Role
from devreg.services import actors, operating
from devreg.store import intents, schema
from devreg.store.engine import Sessions

DAY = 86_400.0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with start(tmp_path_factory.mktemp("city"), devices=600, snmp=False) as rig:
        yield rig


class Office:
    """A city whose Intune can be acted on, and the two people who do."""

    def __init__(self, cli: Cli, city: Rig, engine: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cli, self.city, self.engine, self.address = cli, city, engine, address
        self.graph: Graph = city.graph
        self.graph.clear_faults()
        self.graph.approvals.on = False
        self._settings = city.config.read_text(encoding="utf-8")
        people = [one.upn for one in self.graph.entra.people.accounts.values() if one.intune is None and one.enabled]
        self.names = {"requester": people[0], "approver": people[1]}
        self.logins: dict[str, str] = {}
        cli.folder, cli.config = city.folder, city.config.with_name("acting.toml")
        for name in ("audit.jsonl", "actions.frozen"):
            (city.folder / name).unlink(missing_ok=True)
        if engine == "postgresql":
            logins = staffed(address, city.folder)
            self.logins = {"requester": logins[Role.TECHNICIAN], "approver": logins[Role.APPROVER]}
            with opened(address, city.folder) as sessions:
                for part, role in (("requester", Role.TECHNICIAN), ("approver", Role.APPROVER)):
                    operating.add(sessions, actor(), self._user(part), role, self.names[part], _now())
        command = f"{sys.executable} -m devreg.demo.browser {city.folder / 'ca.pem'} %s"
        monkeypatch.setenv("BROWSER", command)
        self.monkeypatch = monkeypatch
        self.be("owner")
        done = self("collect", "intune", "purchases")
        assert done.code == 0, done.err
        with self.opened() as sessions, sessions.write.begin() as session:
            intents.set_limits(session, Limits(delay_minutes=0))
        self.be("requester")

    def _user(self, part: str) -> str:
        return self.logins[part].split("//")[1].split("@")[0].split(":")[0]

    def opened(self) -> Any:
        return opened(self.address, self.city.folder)

    def be(self, part: str) -> None:
        """The next commands are given by this person, who also sits at the browser."""
        said = self._settings.replace('language = "fi"', 'language = "en"')
        said = said.replace("sqlite:///devreg.db", self.logins.get(part, self.address))
        entra = self.names.get(part, self.names["requester"])
        head, _, rest = said.partition("[operators]")
        _, _, rest = rest.partition("\n\n")
        operators = f'[operators]\n"{actors._user()}" = {{ role = "admin", entra = "{entra}" }}\n\n'
        said = head + (operators if self.engine == "sqlite" else "") + rest
        said = said.replace("[actions.intune]", f"[actions.intune]\nredirect_port = {_free_port()}")
        self.cli.config.write_text(said, encoding="utf-8")
        self.graph.entra.people.seated = entra

    def __call__(self, *args: str) -> Done:
        for name in ("webbrowser._tryorder", "webbrowser._browsers"):  # it looks at the environment once in a process
            self.monkeypatch.setattr(name, None if name.endswith("order") else {})
        return self.cli(*args, "--config", str(self.cli.config))

    def phone(self) -> tuple[str, str, str]:
        """Device, serial and Intune's id of a city-owned phone that is on, and that nobody has tried to wipe."""
        for row in self.graph.devices:
            if row["managedDeviceOwnerType"] != "company" or row["operatingSystem"] not in {"Android", "iOS"}:
                continue
            if row["id"] in self.graph.acts.offline or self.graph.deeds.of(row["id"]):
                continue
            where = ("--where", f"serial={row['serialNumber']}", "--format", "json")
            listed = [
                line for line in self("list", "phones", *where).json() if line["unit"] != "kaupungintalo"
            ]  # protected
            if [(line["ownership"], line["managed_by"], line["wipeable"]) for line in listed] == [
                ("company", "intune", True)
            ]:
                return listed[0]["id"], str(row["serialNumber"]), str(row["id"])
        raise AssertionError("the city has no such phone")

    def wipe(self, device: str, serial: str, *more: str) -> Done:
        listed = self("list", "devices", "--where", f"id={device}", "--format", "json", "--columns", "asset_tag").json()
        tag = listed[0]["asset_tag"] or serial
        done = self(
            "action", "request", "wipe", device, "--reason", "left on a bus", "--confirm", tag, "--despite", "x", *more
        )
        assert done.code == 0, done.err
        return done

    def clear(self, action: str) -> None:
        """A second person looks at it and says yes, where there can be one."""
        if self.engine == "postgresql":
            self.be("approver")
            done = self("action", "approve", action)
            assert done.code == 0, done.err
            self.be("requester")

    def begin(self, *args: str) -> subprocess.Popen[bytes]:
        """The program as a process of its own, under way."""
        call = [sys.executable, "-m", "devreg", *args, "--config", str(self.cli.config)]
        return subprocess.Popen(call, cwd=self.city.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def standing(self, action: str) -> str:
        listed = self("list", "actions", "--where", f"action={action}", "--format", "json").json()
        return str(listed[0]["standing"])

    def age(self, minutes: int) -> None:
        """What was sent was sent so much earlier, which only who owns the database can say."""
        with self.opened() as sessions, sessions.write.begin() as session:
            if self.engine == "postgresql":
                session.execute(text("SET LOCAL session_replication_role = replica"))
            (sent,) = session.execute(select(schema.intent.c.sending_at)).scalars()
            session.execute(update(schema.intent).values(sending_at=sent - timedelta(minutes=minutes)))

    def follow(self, seconds: float) -> None:
        """So much later in the devices' time, everything is looked at."""
        self.graph.pass_time(seconds)
        with self.opened() as sessions:
            _hurry(sessions)
        self("collect", "--due", "purchases")


def _hurry(sessions: Sessions) -> None:
    with sessions.write.begin() as session:
        session.execute(text("UPDATE intent SET next_at = NULL WHERE closed_at IS NULL"))


def _now() -> Any:
    from devreg.wiring import now

    return now()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest,
    cli: Cli,
    city: Rig,
    fresh_register: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    return Office(cli, city, request.param, fresh_register(request.param), monkeypatch)


def test_a_lost_phone_is_locked_wiped_and_confirmed_and_nothing_is_called_wiped_before(office: Office) -> None:
    device, serial, native_id = office.phone()
    assert office("transition", device, "lost", "--reason", "left on a bus").code == 0
    locked = office("action", "request", "lock", device, "--reason", "left on a bus")
    assert (locked.code, locked.out.split(": ")[1].strip()) == (0, "accepted by the tool")
    asked = office.wipe(device, serial)
    assert asked.code == 0, asked.err
    assert "! Carried out when the device is next in contact" in office("action", "show", "A000002").out
    office.clear("A000002")
    sent = office("action", "send", "A000002")
    assert sent.code == 0, sent.err
    assert "accepted by the tool" in sent.out
    assert [deed.act for deed in office.graph.deeds.destructive(native_id)] == ["wipe"]
    (deed,) = office.graph.deeds.destructive(native_id)
    assert deed.by == office.names["requester"]
    for seconds in (1.0, 120.0, 120.0):
        office.follow(seconds)
        shown = office("action", "show", "A000002").out
        if "confirmed" in shown.splitlines()[0]:
            break
        assert "accepted by the tool" in shown.splitlines()[0]
        assert "wiped" not in shown
    office.follow(DAY)
    assert "confirmed" in office("action", "show", "A000002").lines[0]
    assert len(office.graph.deeds.destructive(native_id)) == 1
    assert office("audit", "verify").code == 0
    assert office("list", "actions", "--format", "json").json()[0]["standing"] == "confirmed"


def test_the_second_admin_of_the_tenant_is_waited_for_and_the_very_same_order_sent_again(office: Office) -> None:
    office.graph.approvals.on = True
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    office.clear("A000001")
    waiting = office("action", "send", "A000001")
    assert "waits for a second admin there" in waiting.out, waiting.err
    (row,) = [row for row in office.graph.approvals.rows() if row["status"] == "needsApproval"]
    office.graph.approvals.approve(row["requestId"], by=office.names["approver"])
    office.follow(5)
    assert "second admin approved it" in office("action", "show", "A000001").out
    assert "accepted by the tool" in office("action", "send", "A000001").out
    first, second = office.graph.deeds.destructive(native_id)
    assert (first.method, first.target, first.body) == (second.method, second.target, second.body)
    assert first.taken is False
    assert second.taken is True


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.DROP_AFTER])
def test_an_order_whose_answer_is_lost_is_looked_for_and_never_sent_again(office: Office, kind: FaultKind) -> None:
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    office.clear("A000001")
    office.graph.faults.append(Fault(kind=kind, method="POST", path_contains="/wipe"))
    sent = office("action", "send", "A000001")
    assert sent.code == 1
    assert "not known" in sent.out or "unknown" in sent.out
    again = office("action", "send", "A000001")
    assert again.code == 1
    for _ in range(3):
        office.follow(300)
    assert len(office.graph.deeds.destructive(native_id)) == 1
    standing = office("list", "actions", "--format", "json").json()[0]["standing"]
    assert standing == ("unknown" if kind is FaultKind.DROP else "confirmed")
    if kind is FaultKind.DROP:
        by_hand = office(
            "action", "settle", "A000001", "--as", "failed", "--reason", "Intune's own log has no trace of it"
        )
        assert by_hand.code == 0, by_hand.err


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.HANG_AFTER])
def test_a_program_killed_while_its_order_hangs_leaves_a_row_that_says_so_and_one_order(
    office: Office, kind: FaultKind
) -> None:
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    office.clear("A000001")
    office.graph.faults.append(Fault(kind=kind, method="POST", path_contains="/wipe", seconds=600))
    program = office.begin("action", "send", "A000001")
    try:
        while not office.graph.deeds.destructive(native_id):
            assert program.poll() is None, program.communicate()
            time.sleep(0.02)
        assert office.standing("A000001") == "sending"  # committed before the stand-in had the request
    finally:
        program.kill()
        program.communicate()
    assert program.returncode == -signal.SIGKILL
    office.graph.clear_faults()
    office.follow(1)
    assert office.standing("A000001") == "sending"  # perhaps somebody is still at it
    assert office("action", "send", "A000001").code == 1
    office.age(minutes=6)
    for _ in range(3):
        office.follow(300)
        assert office("action", "send", "A000001").code == 1
    (deed,) = office.graph.deeds.destructive(native_id)
    assert deed.taken is (kind is FaultKind.HANG_AFTER)
    assert office("audit", "verify").code == 0
    if kind is FaultKind.HANG_AFTER:
        assert office.standing("A000001") == "confirmed"
        return
    assert office.standing("A000001") == "unknown"
    another = office("action", "request", "wipe", device, "--reason", "x", "--confirm", serial, "--despite", "x")
    assert another.code == 1  # it may have arrived: no second one beside it
    said = office("action", "settle", "A000001", "--as", "failed", "--reason", "no trace of it in Intune")
    assert said.code == 0, said.err


def test_a_freeze_stops_what_was_approved_even_when_nothing_else_works(office: Office) -> None:
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    office.clear("A000001")
    broken = office.cli.config.read_text(encoding="utf-8")
    office.cli.config.write_text("this is no settings file", encoding="utf-8")
    frozen = office("action", "freeze", "--reason", "odd wipes")
    assert (frozen.code, (office.city.folder / "actions.frozen").exists()) == (1, True)
    office.cli.config.write_text(broken, encoding="utf-8")
    refused = office("action", "send", "A000001")
    assert refused.code == 1
    assert "frozen" in refused.err
    assert office.graph.deeds.destructive(native_id) == []
    office.be("approver")
    assert office("action", "unfreeze", "--reason", "looked into").code == 0
    office.be("requester")
    assert office("action", "send", "A000001").code == 0


def test_the_commands_of_the_incident_page_do_what_it_says(office: Office) -> None:
    """Run one after another as they stand there, by who keeps the register."""
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    page = (Path(__file__).parents[2] / "docs/incidents.md").read_text(encoding="utf-8")
    commands = re.findall(r"`devreg ([^`]+)`", page)
    assert len(commands) >= 9
    taken = office._user("requester") if office.logins else "NAME"
    office.monkeypatch.setenv("PATH", os.pathsep.join((str(PG_PROGRAMS), os.environ["PATH"])))
    office.be("owner")
    for line in commands:
        if line.startswith("operator") and office.engine == "sqlite":
            continue  # there the settings are the list, as the page says
        done = office(*shlex.split(line.replace("NAME", taken)))
        assert done.code == 0, (line, done.err)
        if line.startswith("action cancel"):
            assert office.standing("A000001") == "cancelled"
        if line.startswith("action freeze"):
            assert (office.city.folder / "actions.frozen").exists()
        if line.startswith("action show"):
            assert "cancelled" in done.out
    assert not (office.city.folder / "actions.frozen").exists()
    assert '"act":"cancel"' in (office.city.folder / "trail.jsonl").read_text(encoding="utf-8").replace(": ", ":")
    assert (office.city.folder / "copy.backup").stat().st_size > 0
    assert office.graph.deeds.destructive(native_id) == []
    for name in ("trail.jsonl", "copy.backup"):
        (office.city.folder / name).unlink()


def test_another_person_at_the_browser_sends_nothing(office: Office) -> None:
    device, serial, native_id = office.phone()
    office.wipe(device, serial)
    office.clear("A000001")
    office.graph.entra.people.seated = office.names["approver"]
    refused = office("action", "send", "A000001")
    assert refused.code != 0
    assert office.names["approver"] in refused.err
    assert office.graph.deeds.destructive(native_id) == []


def test_what_the_register_asks_for_is_said_on_the_command_line(office: Office) -> None:
    device, serial, _ = office.phone()
    wrong = office("action", "request", "wipe", device, "--reason", "x", "--confirm", "other")
    assert (wrong.code, wrong.out) == (1, "")
    assert "--confirm TAG" in wrong.err
    lacking = office("action", "request", "disable", device, "--reason", "x")
    assert (lacking.code, "Only for Chromebooks." in lacking.err) == (1, True)
    assert office("action", "request", "explode", device, "--reason", "x").code == 2
    assert office("action", "show", "A000099").code == 1
    assert office("action", "show", "twelve").code == 2
    assert office("action", "limits").code == 1  # those of the settings are not in force
