"""Register, intents, audit trail and Intune's stand-in driven together through random faults, ended programs and stops."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from acting_rig import CONSOLE, elsewhere, free_port, no_browser, operators, register_console, seat
from collector_rig import CLIENT, hasty, intune, loaded
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from operator_rig import staffed
from register_rig import rows, run_of
from sqlalchemy import select, text

from collectors.actions.intune import IntuneSender
from collectors.http import Limits as HttpLimits
from collectors.intune_follow import IntuneReader
from devreg.action_options import IntuneActions
from devreg.action_ports import Ask, Order, Sent
from devreg.demo.city import City
from devreg.demo.deeds import Deed
from devreg.demo.entra import App
from devreg.demo.graph import READS, Graph
from devreg.demo.server import Fault, FaultKind
from devreg.demo.tls import write_private
from devreg.domain.action import Limits
from devreg.domain.platforms import DESTRUCTIVE, RemoteAct
from devreg.domain.rights import Actor, Role
from devreg.errors import DevregError
from devreg.ports import Outside
from devreg.services import act, actors, asking, freezing, settle
from devreg.services import audit as trail
from devreg.services.freezing import Brake
from devreg.store import intents, schema
from devreg.store.engine import Sessions, connect

SECRET = "not-a-real-secret"
QUICK = HttpLimits(connect_s=2, read_s=1.0, total_s=2.0, tries=2, pause=lambda _: None)
FAULTS = (
    None,
    None,
    FaultKind.DROP,
    FaultKind.DROP_AFTER,
    FaultKind.STATUS_AFTER,
    FaultKind.HANG_AFTER,
    FaultKind.STATUS,
)
ENDS = ("", "", "", "before", "after")
"""Where the program that sends is ended."""
ACTS = (RemoteAct.LOCK, RemoteAct.WIPE, RemoteAct.WIPE, RemoteAct.RETIRE)


class Ended(BaseException):
    """The program ended, with nothing tidied up."""


class Mortal:
    """A sender whose program may end right before or after the order leaves."""

    def __init__(self, sender: IntuneSender, end: str) -> None:
        self._sender, self._end = sender, end
        self.check, self.sign_in, self.look = sender.check, sender.sign_in, sender.look

    def send(self, order: Order) -> Sent:
        if self._end == "before":
            raise Ended
        sent = self._sender.send(order)
        if self._end == "after":
            raise Ended
        return sent


class Machine(RuleBasedStateMachine):
    """Two people, a few phones, one Intune."""

    city: City
    folder: Path
    engine: str
    make: Callable[[str, Path], str]
    """Engine and folder -> the address of a new register."""
    numbers = iter(range(10**6))
    happened: Counter[str]
    """Standings that intents came to, over all examples."""

    def __init__(self) -> None:
        super().__init__()
        here = self.folder / str(next(self.numbers))
        here.mkdir()
        write_private(here / "intune.secret", SECRET.encode())
        self.graph = Graph(self.city, [App(client_id=CLIENT, roles=READS, secret=SECRET)], here)
        self.graph.__enter__()
        register_console(self.graph)
        self.brake = Brake(here / "actions.frozen")
        address = type(self).make(self.engine, here)
        self.outside = Outside(here / "audit.jsonl")
        self.sessions = self._opened(address, here)
        with self.sessions.write.begin() as session:
            intents.set_limits(session, Limits(delay_minutes=0, daily_per_operator=6, hold_count=4))
        self._furnish(here)
        people = operators(self.graph)[:2]
        self.seats = [self._seated(address, here, n, upn) for n, upn in enumerate(people)]
        self.senders = [self._sender(here, upn) for upn in people]
        self.reader = IntuneReader("intune", intune(self.graph, here)._options, loaded(here))
        self.reader.limits = hasty(now=self.now)
        self.rows_at_receipt: list[tuple[Deed, dict[str, Any] | None]] = []
        receive = self.graph.deeds.add

        def add(deed: Deed) -> None:
            lines = {str(line["request_id"]): line for line in rows(self.sessions, schema.intent)}
            if deed.destructive:
                self.rows_at_receipt.append((deed, lines.get(deed.client_request_id)))
            receive(deed)

        self.graph.deeds.add = add  # type: ignore[method-assign]

    def _opened(self, address: str, here: Path) -> Sessions:
        return msgspec.structs.replace(connect(address, here), outside=self.outside)

    def _seated(self, address: str, here: Path, number: int, upn: str) -> tuple[Sessions, Actor]:
        """An approver, on PostgreSQL with a login of their own."""
        if self.engine == "sqlite":
            return self.sessions, Actor(f"p{number}", Role.APPROVER, upn, "desk")
        sessions = self._opened(staffed(address, here)[Role.APPROVER], here)
        name = actors.at_the_keyboard(sessions, None).name
        with self.sessions.write.begin() as session:
            session.execute(text("UPDATE operator SET entra = :upn WHERE name = :name"), {"upn": upn, "name": name})
        return sessions, actors.at_the_keyboard(sessions, None)

    def _furnish(self, here: Path) -> None:
        """Three supervised iPhones of the city that are on."""
        chosen = [
            row
            for row in self.graph.devices
            if row["managementState"] == "managed"
            and row["id"] not in self.graph.acts.offline
            and row["serialNumber"] not in (None, "", "0")
        ][:3]
        for number, row in enumerate(chosen):
            row |= {"operatingSystem": "iOS", "isSupervised": True, "deviceEnrollmentType": "appleBulkWithUser"}
            row |= {
                "managementAgent": "mdm",
                "managedDeviceOwnerType": "company",
                "serialNumber": f"F2LX00{number}JKPQ",
            }
        self.phones = [str(row["id"]) for row in chosen]
        run_of(self.sessions, intune(self.graph, here), now=self.now())
        lines = rows(self.sessions, schema.record)
        ids = {line["native_id"]: line["device_id"] for line in lines if line["subject"] == "device"}
        self.devices = [int(ids[native_id]) for native_id in self.phones]

    def _sender(self, here: Path, upn: str) -> IntuneSender:
        options = IntuneActions.model_validate({"client_id": CONSOLE, "redirect_port": free_port()})
        made = IntuneSender(
            "intune", options, intune(self.graph, here)._options, loaded(here), Ask(upn, elsewhere(self.graph))
        )
        made.limits = QUICK
        return made

    def clock(self) -> datetime:
        """People's time, by which they sign in, and PostgreSQL's own."""
        return datetime.fromtimestamp(self.graph.clock(), UTC)

    def now(self) -> datetime:
        """The devices' time, which runs ahead."""
        return datetime.fromtimestamp(self.graph.clock() + self.graph.ahead, UTC)

    def _try(self, what: Callable[[], object]) -> None:
        with suppress(DevregError, Ended):
            what()

    @rule(phone=st.integers(0, 2), kind=st.sampled_from(ACTS), who=st.integers(0, 1))
    def ask(self, phone: int, kind: RemoteAct, who: int) -> None:
        number = self.devices[phone]
        wish = asking.Wish(number, kind, "lost", typed=f"F2LX00{phone}JKPQ", despite="looked")
        self._try(lambda: asking.ask(*self.seats[who], wish, self.brake, now=self.clock()))

    @initialize(first=st.sampled_from(ACTS), second=st.sampled_from(ACTS), fault=st.sampled_from(FAULTS[2:]))
    def begin(self, first: RemoteAct, second: RemoteAct, fault: FaultKind) -> None:
        """In every example somebody has tried to approve their own, and an order has gone wrong."""
        self.ask(0, first, 0)
        self.approve(0, 0)
        self.ask(1, second, 1)
        self.send(0, other=False, fault=fault, end="")

    @rule(
        which=st.integers(0, 5),
        other=st.sampled_from((False, False, False, True)),
        fault=st.sampled_from(FAULTS),
        end=st.sampled_from(ENDS),
    )
    def send(self, which: int, other: bool, fault: FaultKind | None, end: str) -> None:
        """One of the intents is sent, mostly by who requested it."""
        line = self._one(which)
        requester = [actor.name for _, actor in self.seats].index(str(line["requested_by"]))
        who = (requester + other) % 2
        if self.engine == "postgresql":  # the other one says yes first; what nobody may approve is refused
            self.approve(which, (requester + 1) % 2)
        seat(self.graph, self.seats[who][1].entra)
        if fault is not None:
            self.graph.faults.append(
                Fault(kind=fault, method="POST", path_contains="/managedDevices/", status=503, seconds=2.5)
            )
        mortal = Mortal(self.senders[who], end)
        number = int(line["id"])
        self._try(lambda: act.send(*self.seats[who], number, mortal, self.brake, clock=self.clock))
        self.graph.clear_faults()
        if fault is not None or end:  # somebody impatient presses again
            again = self.senders[who]
            self._try(lambda: act.send(*self.seats[who], number, again, self.brake, clock=self.clock))

    @rule(which=st.integers(0, 5))
    def send_plainly(self, which: int) -> None:
        self.send(which, other=False, fault=None, end="")

    @rule(which=st.integers(0, 5), who=st.integers(0, 1))
    def approve(self, which: int, who: int) -> None:
        number = int(self._one(which)["id"])
        self._try(lambda: act.approve(*self.seats[who], number, reason=None, now=self.clock()))

    def _one(self, which: int) -> dict[str, Any]:
        """An open intent where there is one."""
        lines = rows(self.sessions, schema.intent)
        still = [line for line in lines if line["closed_at"] is None] or lines
        return still[which % len(still)]

    @rule(seconds=st.sampled_from((1, 1, 5, 70, 400, 90_000)))
    def follow(self, seconds: int) -> None:
        self.graph.pass_time(seconds)
        with self.sessions.write.begin() as session:
            session.execute(text("UPDATE intent SET next_at = NULL WHERE closed_at IS NULL"))
        settle.settle(*self.seats[0], lambda _: self.reader, now=self.now())

    @rule(on=st.booleans())
    def second_admin(self, on: bool) -> None:
        """The tenant asks for a second admin from now on, or no more; what waits there is answered."""
        self.graph.approvals.on = on
        for line in self.graph.approvals.rows():
            if line["status"] == "needsApproval":
                answer = self.graph.approvals.approve if on else self.graph.approvals.reject
                answer(line["requestId"], "third.admin@kaupunki.example")

    @rule(kind=st.sampled_from(("cancel", "freeze", "unfreeze", "unhold", "new user")), which=st.integers(0, 5))
    def disturb(self, kind: str, which: int) -> None:
        now, second = self.clock(), self.seats[which % 2]
        match kind:
            case "cancel":
                number = int(self._one(which)["id"])
                self._try(lambda: act.cancel(*second, number, reason="found", now=now))
            case "freeze":
                freezing.pull(self.brake, "odd", now)
            case "unfreeze":
                self._try(lambda: freezing.unfreeze(*second, self.brake, "over", now=now))
            case "unhold":
                self._try(lambda: freezing.unhold(*second, "looked at", now=now))
            case _:
                for row in self.graph.devices:
                    if row["id"] == self.phones[which % 3]:
                        row["userPrincipalName"] = "somebody.new@kaupunki.example"

    @invariant()
    def nothing_was_received_without_a_committed_row(self) -> None:
        for deed, line in self.rows_at_receipt:
            assert line is not None, deed
            assert line["standing"] == "sending", (deed, line)
            assert line["act"] in DESTRUCTIVE

    @invariant()
    def at_most_one_order_of_an_intent_was_executed(self) -> None:
        received: dict[str, list[Deed]] = {}
        for deed in self.graph.deeds.destructive():
            received.setdefault(deed.client_request_id, []).append(deed)
        for deeds in received.values():
            assert sum(deed.taken for deed in deeds) <= 1, deeds
            asked = [deed for deed in deeds if "x-msft-approval-code" not in {name.lower() for name in deed.headers}]
            assert len(asked) <= 1, deeds
            assert len(deeds) <= 2, deeds

    @invariant()
    def nobody_approved_their_own(self) -> None:
        for line in rows(self.sessions, schema.intent):
            assert line["approved_by"] is None or line["approved_by"] != line["requested_by"], line
            if self.engine == "postgresql" and line["lane"] == "destructive" and line["sending_at"] is not None:
                assert line["approved_by"] is not None, line

    @invariant()
    def one_open_intent_a_device_and_lane(self) -> None:
        still = [line for line in rows(self.sessions, schema.intent) if line["closed_at"] is None]
        assert len({(line["device_id"], line["lane"]) for line in still}) == len(still)

    @invariant()
    def nothing_is_called_done_before_intune_shows_it(self) -> None:
        there = {str(row["id"]): row for row in self.graph.devices}
        for line in rows(self.sessions, schema.intent):
            if line["standing"] == "confirmed" and line["act"] in DESTRUCTIVE:
                row = there.get(str(line["native_id"]))
                assert row is None or "Issued" in str(row["managementState"]), (line, row)

    @invariant()
    def the_trail_holds(self) -> None:
        """By itself, and by the anchors in the file beside it."""
        assert trail.verify(self.sessions).is_sound

    def teardown(self) -> None:
        with self.sessions.read.begin() as session:
            self.happened.update(session.execute(select(schema.intent_event.c.after)).scalars())
        for sessions in (self.sessions, *(sessions for sessions, _ in self.seats)):
            sessions.close()
        self.graph.__exit__(None, None, None)


@pytest.mark.timeout(900)  # on a busy machine
@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 20), ("postgresql", 8)])
def test_whatever_happens_no_order_is_executed_twice_or_without_its_row(
    small_city: City,
    make_register: Callable[[str, Path], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    examples: int,
) -> None:
    no_browser(monkeypatch)
    given = {
        "city": small_city,
        "folder": tmp_path,
        "engine": engine,
        "make": staticmethod(make_register),
        "happened": Counter(),
    }
    machine = type("Run", (Machine,), given)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=9,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=[Phase.generate],  # making an example smaller takes minutes here
        ),
    )
    happened = given["happened"]
    assert {"sending", "accepted"} <= set(happened)
    assert happened["unknown"] >= examples // 2, happened  # else it has shown nothing
