"""Every kind of remote action from its request to its end against the stand-ins: each step stands in both places of the trail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from acting_rig import CONSOLE, elsewhere, free_port, managing_account, operators, register_console, seat
from collector_rig import CLIENT, CUSTOMERS, SECRET, google, hasty, intune, loaded
from register_rig import rows, run_of

from collectors.actions.google import GoogleSender
from collectors.actions.intune import IntuneSender
from collectors.google_follow import GoogleReader
from collectors.intune_follow import IntuneReader
from devreg.action_options import GoogleActions, IntuneActions
from devreg.action_ports import ActionReader, ActionSender, Ask
from devreg.demo.city import City
from devreg.demo.entra import App
from devreg.demo.google import Google
from devreg.demo.google_login import MORE_SCOPES, READ_SCOPES
from devreg.demo.graph import READS, Graph
from devreg.demo.tls import write_private
from devreg.domain.action import FOLLOWED, Limits, Standing
from devreg.domain.platforms import OFFERS, Mode, RemoteAct
from devreg.domain.rights import Actor, Role
from devreg.ports import Outside
from devreg.services import act, asking, audit, settle
from devreg.services.freezing import Brake
from devreg.store import intents, schema
from devreg.store.engine import connect

MODES = {
    Mode.IOS_SUPERVISED: "intune",
    Mode.CHROMEOS: "chrome-city",
    Mode.GOOGLE_COMPANY: "chrome-city",
    Mode.GOOGLE_PRIVATE: "chrome-city",
}
"""Ways of being enrolled that together are offered everything."""
KINDS = [(mode, kind) for mode in MODES for kind in RemoteAct if OFFERS[mode].allows(kind) is True]
FIRST = {
    RemoteAct.PLAY_SOUND: RemoteAct.LOST_MODE,
    RemoteAct.LOCATE: RemoteAct.LOST_MODE,
    RemoteAct.LOST_MODE_OFF: RemoteAct.LOST_MODE,
    RemoteAct.ENABLE: RemoteAct.DISABLE,
}
"""What has to be done to a device before it takes the other."""
WIDE = {"company_phones": True, "personal_phones": True, "users": True}
OPTIONS = {RemoteAct.DEPROVISION: {"reason": "RETIRING_DEVICE"}, RemoteAct.LOST_MODE: {"message": "Kadonnut"}}


class Desk:
    """A person before one Intune and one console, and a register that knows both."""

    def __init__(self, city: City, folder: Path, address: str, graph: Graph, console: Google) -> None:
        self.graph, self.console, self.folder = graph, console, folder
        self.outside = Outside(folder / "audit.jsonl")
        self.sessions = msgspec.structs.replace(connect(address, folder), outside=self.outside)
        self.brake = Brake(folder / "actions.frozen")
        (upn, *_) = operators(graph)
        register_console(graph)
        seat(graph, upn)
        self.person = Actor("p", Role.ADMIN, upn, "desk")
        managing_account(console, folder)
        console.account("chrome-city").delegated[CUSTOMERS["chrome-city"]] = (*READ_SCOPES, *MORE_SCOPES)
        for number, row in enumerate(self._phones()):
            row |= {"operatingSystem": "iOS", "isSupervised": True, "deviceEnrollmentType": "appleBulkWithUser"}
            row |= {
                "managementAgent": "mdm",
                "managedDeviceOwnerType": "company",
                "serialNumber": f"F2LX{number:04d}JKPQ",
            }
        run_of(self.sessions, intune(graph, folder), now=self.now())
        run_of(self.sessions, google(console, folder, **WIDE), "chrome-city", "google", now=self.now())
        with self.sessions.write.begin() as session:
            intents.set_limits(session, Limits(delay_minutes=0, daily_per_operator=99, hold_count=99))
        reading = IntuneReader("intune", intune(graph, folder)._options, loaded(folder))
        following = GoogleReader("chrome-city", google(console, folder, **WIDE)._options, loaded(folder))
        reading.limits = following.limits = hasty(now=self.later)
        self.readers: dict[str, ActionReader] = {"intune": reading, "chrome-city": following}
        options = IntuneActions.model_validate({"client_id": CONSOLE, "redirect_port": free_port()})
        mine = IntuneSender(
            "intune", options, intune(graph, folder)._options, loaded(folder), Ask(upn, elsewhere(graph))
        )
        (subject,) = console.customers[CUSTOMERS["chrome-city"]].admins
        managing = GoogleActions.model_validate({"key": {"file": "manage.json"}, "subject": subject})
        theirs = GoogleSender(
            "chrome-city", managing, google(console, folder, **WIDE)._options, loaded(folder), Ask(None, lambda _: None)
        )
        self.senders: dict[str, ActionSender] = {"intune": mine, "chrome-city": theirs}
        self.used: set[int] = set()

    def _phones(self) -> list[dict[str, Any]]:
        return [
            row
            for row in self.graph.devices
            if row["managementState"] == "managed" and row["id"] not in self.graph.acts.offline
        ][:14]

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.graph.clock(), UTC)

    def later(self) -> datetime:
        """By the devices' time, which runs ahead."""
        return datetime.fromtimestamp(self.graph.clock() + self.graph.ahead, UTC)

    def walk(self, mode: Mode, kind: RemoteAct, device: int | None = None) -> intents.Intent:
        """From the request to the end."""
        asked = self.ask(mode, kind) if device is None else self._ask(mode, kind, device)
        sender = self.senders[MODES[mode]]
        sent = act.send(self.sessions, self.person, asked.id, sender, self.brake, clock=self.now)
        assert sent.standing is Standing.ACCEPTED, sent.said
        return self.follow(asked.id)

    def ask(self, mode: Mode, kind: RemoteAct) -> intents.Intent:
        """The act on a device of the mode that nothing was done to yet."""
        for line in rows(self.sessions, schema.device):
            number = int(line["id"])
            if number in self.used or line["merged_into"] is not None:
                continue
            try:
                weighed = asking.weigh(self.sessions, number, kind, self.now(), (), MODES[mode])
            except Exception:  # noqa: BLE001, S112  not in this tool
                continue
            if weighed.facts.mode is mode and not weighed.objections and self._is_on(weighed.native_id):
                self.used.add(number)
                return self._ask(mode, kind, number)
        raise AssertionError(f"the city has no {mode} for {kind}")

    def _ask(self, mode: Mode, kind: RemoteAct, device: int) -> intents.Intent:
        typed = asking.weigh(self.sessions, device, kind, self.now(), (), MODES[mode]).to_type
        wish = asking.Wish(device, kind, "lost", MODES[mode], typed, "looked", None, OPTIONS.get(kind, {}))
        return asking.ask(self.sessions, self.person, wish, self.brake, now=self.now())

    def _is_on(self, native_id: str) -> bool:
        return native_id not in self.graph.acts.offline and native_id not in self.console.acts.offline

    def follow(self, number: int) -> intents.Intent:
        """So far as its tool shows it; where that shows nothing, a person's word ends it."""
        for seconds in (60, 600, 86_400, 86_400 * 8):
            self.graph.pass_time(seconds)
            self.console.pass_time(seconds)
            done = settle.settle(self.sessions, self.person, self.readers.get, now=self.later(), only=[number])
            if done and done[-1].after.standing not in FOLLOWED:
                return done[-1].after
        return settle.say(
            self.sessions, self.person, number, Standing.CONFIRMED, reason="seen on the desk", now=self.later()
        )


@pytest.fixture(scope="module")
def desk(small_city: City, tmp_path_factory: pytest.TempPathFactory, make_register: Any) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    write_private(folder / "intune.secret", SECRET.encode())
    app = App(client_id=CLIENT, roles=READS, secret=SECRET)
    with Graph(small_city, [app], folder) as graph, Google(small_city.consoles, folder) as console:
        made = Desk(small_city, folder, make_register("sqlite", folder), graph, console)
        yield made
        made.sessions.close()


def test_these_are_all_kinds() -> None:
    assert {kind for _, kind in KINDS} == set(RemoteAct)
    assert len(KINDS) == 25


@pytest.mark.parametrize(("mode", "kind"), KINDS)
def test_every_step_of_every_kind_stands_in_both_places(desk: Desk, mode: Mode, kind: RemoteAct) -> None:
    first = FIRST.get(kind)
    device = desk.walk(mode, first).bound.device_id if first else None
    ended = desk.walk(mode, kind, device)
    assert ended.standing in {Standing.CONFIRMED, Standing.FAILED}, ended.said
    told = [line for line in rows(desk.sessions, schema.audit) if line["intent_id"] == ended.id]
    assert [line["act"] for line in told] == ["request", "sending", "accepted", "settle"]
    assert desk.outside.file is not None
    outside = [orjson.loads(line) for line in desk.outside.file.read_bytes().splitlines()]
    assert [
        (line["seq"], line["act"], line["hash"])
        for line in outside
        if line.get("intent_id") == ended.id and "seq" in line
    ] == [(line["seq"], line["act"], line["hash"].hex()) for line in told]
    details = {line["seq"]: line for line in rows(desk.sessions, schema.audit_detail)}
    assert {details[line["seq"]]["actor"] for line in told} == {"p"}
    assert str(kind) in str(details[told[0]["seq"]]["after"])
    assert audit.verify(desk.sessions).is_sound
