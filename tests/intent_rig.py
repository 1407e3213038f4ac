"""An office with remote actions: a phone in Intune, people with roles, a sender and a reader that do what a test tells them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from operator_rig import staffed
from register_rig import page, row, rows, run
from sqlalchemy import text

from devreg.action_ports import Accepted, Live, Location, Order, Sent, SignedIn, Sought, Target
from devreg.domain.device import Ownership
from devreg.domain.followed import Reading
from devreg.domain.observation import Subject
from devreg.domain.platforms import Mode, RemoteAct
from devreg.domain.rights import Actor, Role
from devreg.ports import Finding, Outside
from devreg.services import act, actors, asking, settle
from devreg.services.freezing import Brake
from devreg.store import schema
from devreg.store.engine import Sessions, connect
from devreg.store.intents import Intent

ANNA = "anna@city.example"
PHONE = {
    "serial": "R58N12ABCDE",
    "asset_tag": "KAU-0012",
    "name": "Annan puhelin",
    "kind": "phone",
    "os": "Android",
    "enrolment": "androidEnterpriseFullyManaged",
    "ownership": "company",
    "holder": "Anna Aalto",
    "holder_email": "anna.aalto@city.example",
    "manages": True,
}
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
HOLDER = row("u1", Subject.PERSON, name="Anna Aalto", email="anna.aalto@city.example", active=True)
LIVE = Live("m1", "R58N12ABCDE", Ownership.COMPANY, Mode.ANDROID_FULL, "anna.aalto@city.example", None)


class Hand:
    """A sender: what it was told to send, and what it saw in the register when it was."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.live: Live | None = LIVE
        self.answers: list[Sent | BaseException] = []
        self.signed: SignedIn | None = None
        self.sent: list[Order] = []
        self.rows_seen: list[dict[str, Any]] = []
        self.looks = 0
        self.found: Location | None = None
        self.before_sending: Callable[[], None] = lambda: None

    def check(self) -> list[Finding]:
        return []

    def sign_in(self, within: timedelta | None) -> SignedIn:
        return self.signed or SignedIn(ANNA, self.office.now())

    def look(self, target: Target) -> Live | None:
        self.looks += 1
        return self.live

    def location(self, target: Target, since: datetime) -> Location | None:
        return self.found

    def send(self, order: Order) -> Sent:
        self.before_sending()
        self.sent.append(order)
        self.rows_seen += self.office.intents()
        answer = self.answers.pop(0) if self.answers else Accepted()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Eye:
    """A reader: gives the readings of a test, or raises them."""

    def __init__(self, *readings: Reading | Exception) -> None:
        self.readings = list(readings)
        self.sought: list[Sought] = []

    def read(self, sought: Sought) -> Reading:
        self.sought.append(sought)
        found = self.readings.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


class Office:
    """A register, its people, and the time: held on SQLite, the server's own on PostgreSQL."""

    def __init__(self, engine: str, address: str, folder: Path, at: datetime | None = None) -> None:
        self.engine, self.address, self.folder = engine, address, folder
        self.outside = Outside(folder / "outside.jsonl")
        self.brake = Brake(folder / "actions.frozen")
        self.owner = connect(address, folder)
        self.time = at or datetime.now(UTC)
        self._opened: list[Sessions] = [self.owner]
        self._people: dict[str, tuple[Sessions, Actor]] = {}
        first, second = [staffed(address, folder) if engine == "postgresql" else {} for _ in range(2)]
        self._people["anna"] = self._person("anna", Role.TECHNICIAN, first)
        self._people["bertta"] = self._person("bertta", Role.APPROVER, first)
        self._people["carl"] = self._person("carl", Role.APPROVER, second)
        self._people["timer"] = self._person("timer", Role.COLLECTOR, first)
        self._people["viewer"] = self._person("viewer", Role.VIEWER, first)
        phone = row("m1", as_of=self.time - timedelta(days=2), **PHONE)
        run(self.owner, page(phone, HOLDER), now=self.time - timedelta(days=3))
        self.hand = Hand(self)

    def _person(self, name: str, role: Role, logins: Mapping[Role, str]) -> tuple[Sessions, Actor]:
        entra = f"{name}@city.example"
        if self.engine == "sqlite":
            return msgspec.structs.replace(self.owner, outside=self.outside), Actor(name, role, entra, "desk")
        sessions = msgspec.structs.replace(connect(logins[role], self.folder), outside=self.outside)
        self._opened.append(sessions)
        found = actors.at_the_keyboard(sessions, None)
        self.raw("UPDATE operator SET entra = :entra WHERE name = :name", entra=entra, name=found.name)
        return sessions, actors.at_the_keyboard(sessions, None)

    def close(self) -> None:
        for sessions in self._opened:
            sessions.close()

    def now(self) -> datetime:
        return self.time if self.engine == "sqlite" else datetime.now(UTC)

    def who(self, name: str) -> tuple[Sessions, Actor]:
        """The register as the person uses it, and the person."""
        return self._people[name]

    def pass_time(self, span: timedelta) -> None:
        """Later: the clock goes on on SQLite; on PostgreSQL, whose clock is its own, what happened happened earlier."""
        self.time += span
        if self.engine == "postgresql":
            moments = "requested_at", "approved_at", "sending_at", "accepted_at", "next_at"
            moved = ", ".join(f"{name} = {name} - make_interval(secs => {span.total_seconds()})" for name in moments)
            with self.past_the_guards() as run_it:
                run_it(f"UPDATE intent SET {moved}")
                run_it(f"UPDATE action_hold SET at = at - make_interval(secs => {span.total_seconds()})")

    @contextmanager
    def past_the_guards(self) -> Iterator[Callable[[str], object]]:
        """As the owner, with triggers off: what only who owns the server can do."""
        with self.owner.write.begin() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            yield lambda statement: session.execute(text(statement))

    def raw(self, statement: str, who: str | None = None, **values: object) -> Any:
        """One statement past every service, as the owner or as a person."""
        sessions = self.owner if who is None else self.who(who)[0]
        with sessions.write.begin() as session:
            done = session.execute(text(statement), values)
            return done.scalar() if done.returns_rows else None

    def ask(self, kind: RemoteAct, who: str = "anna", device_id: int = 1, **more: Any) -> Intent:
        sessions, actor = self.who(who)
        wish = asking.Wish(device_id, kind, **{"reason": "left on a bus", "typed": "KAU-0012", **more})
        return asking.ask(sessions, actor, wish, self.brake, now=self.now())

    def intents(self) -> list[dict[str, Any]]:
        return rows(self.owner, schema.intent)

    def standing(self, number: int = 1) -> str:
        return next(str(line["standing"]) for line in self.intents() if line["id"] == number)

    def trail(self) -> Sequence[dict[str, Any]]:
        return rows(self.owner, schema.audit)


def send(office: Office, number: int = 1, who: str = "anna") -> Intent:
    sessions, actor = office.who(who)
    return act.send(sessions, actor, number, office.hand, office.brake, clock=office.now)


def clear(office: Office, number: int = 1, who: str = "bertta") -> None:
    """A second person says yes; on SQLite, where nobody can, the delay passes."""
    if office.engine == "postgresql":
        sessions, actor = office.who(who)
        act.approve(sessions, actor, number, reason=None, now=office.now())
    else:
        office.pass_time(QUARTER)


def cancel(office: Office, number: int = 1, who: str = "carl") -> Intent:
    sessions, actor = office.who(who)
    return act.cancel(sessions, actor, number, reason="found", now=office.now())


def look(office: Office, eye: Eye, who: str = "timer") -> Sequence[settle.Settled]:
    sessions, actor = office.who(who)
    return settle.settle(sessions, actor, lambda _: eye, now=office.now())
