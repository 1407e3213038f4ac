"""devreg.toml as typed settings: all faults at once, secrets only by reference.

Options of one kind of source are a class in that collector's own file, derived from `SourceOptions`; `devreg.wiring`
validates them together with the rest, so that a person sees every fault of the file in one go.
"""

import ipaddress
import re
import tomllib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from devreg.action_options import ActionLimits
from devreg.circulating import Calendar, Circulation
from devreg.contract_options import Contracts, CriticalRule
from devreg.domain.device import Stage, Use
from devreg.domain.fields import DEVICE_FIELDS, Held
from devreg.domain.job import Job
from devreg.domain.policy import Policy, Weighing, policy_of
from devreg.domain.rights import Role
from devreg.domain.schedule import Schedule
from devreg.domain.suggesting import Acceptable
from devreg.equality_options import Equality as Equality
from devreg.errors import Misconfigured
from devreg.faults import Fault as Fault
from devreg.faults import nearest as nearest
from devreg.faults import refuse as refuse
from devreg.faults import validate as validate
from devreg.labels import Labels, Tags
from devreg.secret import SecretRef
from devreg.snmp_secrets import SnmpCredential as SnmpCredential
from devreg.snmp_secrets import SnmpSecret as SnmpSecret
from devreg.strict import Duration as Duration
from devreg.strict import MailAddress
from devreg.strict import Strict as Strict
from devreg.timed import Cron, Report, job_schedules
from devreg.tool_options import Tools as Tools


def _https(url: str) -> str:
    parts = urlsplit(url)
    private = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (parts.scheme == "https" or private) or not parts.hostname or parts.username is not None:
        raise ValueError("an https:// address (plain http only on loopback)")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_https)]


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        raise ValueError("a time zone such as Europe/Helsinki") from None


def _without_password(address: str) -> str:
    """Raises ValueError when a password stands in the database's address: a secret never stands in the file."""
    if re.search(r"://[^/?#@]*:[^/?#@]+@", address) or re.search(r"[?&]password=", address):
        raise ValueError("a password never stands in the file; keep it in ~/.pgpass, or sign in by certificate")
    return address


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("a network such as 10.20.0.0/24") from None
    return text


def source_name(text: str) -> str:
    """Names stand in lock files and blank-separated lists."""
    if not re.fullmatch(r"\w[\w.-]{0,39}", text):
        raise ValueError("a source's name is letters, digits, - _ . and at most 40 of them")
    return text


class Registry(Strict):
    """Where the register is kept and how it speaks."""

    database: Annotated[str, AfterValidator(_without_password)] = "sqlite:///devreg.db"
    """sqlite:///FILE (relative to this file), or postgresql+psycopg://user@host/name?sslmode=verify-full"""
    language: Literal["fi", "sv", "en"] = "fi"
    """Language of screen, reports and command line."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Helsinki"
    """Times are kept in UTC and shown in this zone."""


class UnitRule(Strict):
    """Which records of a source belong to which unit; the first rule that fits wins, what no rule catches is listed."""

    org_unit: str | None = None
    """Google organisational unit; the rule holds for it and all below."""
    group_tag: str | None = None
    """Autopilot group tag."""
    category: str | None = None
    """Intune device category."""
    department: str | None = None
    """Department of the device's user."""
    name: str | None = None
    """Device name; * and ? stand for any text and any character."""
    subnet: Annotated[str, AfterValidator(_network)] | None = None
    """Network of the device's address, such as 10.20.0.0/24."""
    unit: str | None = None
    """Id of the unit."""
    use: Use | None = None
    """Who the devices serve: pupil, staff, shared, digilab, infrastructure."""
    stage: Stage | None = None
    """School stage: ece, pre, 1-2, 3-6, 7-9, upper."""

    @model_validator(mode="after")
    def _asks_and_says(self) -> "UnitRule":
        if not any((self.org_unit, self.group_tag, self.category, self.department, self.name, self.subnet)):
            raise ValueError("a rule needs one of org_unit, group_tag, category, department, name, subnet")
        if not any((self.unit, self.use, self.stage)):
            raise ValueError("a rule needs one of unit, use, stage")
        return self


class GraceOptions(Strict):
    """How long what a source does not list any more is waited for."""

    runs: Annotated[int, Field(ge=1)] = 2
    """Whole runs in a row that do not list it."""
    time: Duration = timedelta(days=1)
    """Time since it was last listed."""


class SourceOptions(Strict):
    """What every source has, whatever its kind."""

    kind: str
    """intune, google, snmp or sheet."""
    jobs: ClassVar[tuple[Job, ...]] = ()
    """What a source of this kind can do at intervals of their own; () : it is read in one piece."""
    every: Duration | dict[Job, Duration] | None = None
    """How often `collect --due` reads it: 30m, 6h, 1d; an snmp source may do each of its jobs at its own pace:
    { probe = "1d", inventory = "6h", location = "30m", load = "5m" }. Neither this nor cron: only when asked."""
    cron: Cron | dict[Job, Cron] | None = None
    """Instead of every, as in a crontab and in the register's time zone: cron = "15 6 * * 1-5" is 6.15 from Monday to Friday; an
    snmp source may have one for each job that has no time span: { inventory = "30 2 * * *" }."""
    budget: Duration = timedelta(hours=2)
    """The longest a run may take; then it ends as partial, and what came is kept."""
    grace: GraceOptions = GraceOptions()
    """What it does not list any more counts as gone after so many whole runs and so long a time, both."""
    units: tuple[UnitRule, ...] = ()
    """Rules that put the source's records into units."""
    critical: tuple[CriticalRule, ...] = ()
    """Devices of the source that are critical, unless it or a person says otherwise: { name = "srv-*" }, { kind = "router" },
    { kind = "switch", unit = "datacentre" }. Without a valid support contract such a one fails `devreg check`."""

    @model_validator(mode="after")
    def _is_timed_well(self) -> "SourceOptions":
        job_schedules(self.jobs, self.every, self.cron)
        return self

    @property
    def schedules(self) -> dict[Job | None, Schedule]:
        """When each job is due, in the order in which they are done; None stands for all of them in one run."""
        return job_schedules(self.jobs, self.every, self.cron)


class Profile(Strict):
    """How a sheet's columns map to fields."""

    sheet: str | None = None
    """Name of the worksheet; not set: the first."""
    header_row: Annotated[int, Field(ge=1)] | None = None
    """Row that holds the column names; the first row is 1. Not set: looked for among the first twenty."""
    match: tuple[str, ...]
    """Identifiers that tie a row to a device, first one with a value: serial, imei, asset_tag, …; a list of units or head-counts
    names unit.id or headcount.unit."""
    columns: dict[str, str] = {}
    """Column name -> field name; each must be there. Columns not named here or in names are not read."""
    names: dict[str, tuple[str, ...]] = {}
    """Field name -> names that its column may have, case and accents put aside; the sheet may do without it."""
    required: tuple[str, ...] = ()
    """Of the fields in names, those that must have a column."""
    defaults: dict[str, str] = {}
    """Field name -> value for every row that does not say it, such as kind = "phone"."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that a column may be for."""
        return (*self.columns.values(), *(name for name in self.names if name not in self.columns.values()))


def _field_or_group(name: str) -> str:
    known = [*DEVICE_FIELDS, *Held]
    if name not in known:
        near = nearest(name, known)
        raise ValueError("no field of a device, and no group of fields" + (f"; did you mean {near}?" if near else ""))
    return name


class WeighingOptions(Strict):
    """Whose word counts for a field, or for all of a group: technical (what the device tells), custody (where it is and who has it),
    purchase (what papers say). Sources are named by their name or kind. A person's word (`devreg set`) wins unless the field is locked.
    """

    sources: tuple[str, ...] = ()
    """Who knows best first; the others follow."""
    write_if_empty: tuple[str, ...] = ()
    """Sources that only fill what nobody else says."""
    locked: str | None = None
    """The source whose word alone is taken, even when it says nothing."""
    person_for: Duration | None = None
    """How long a person's word counts that is given without a date: 90d. Not set: for good."""


class Lifecycle(Strict):
    """What the register suggests by itself of devices' states, and what of it counts without a person."""

    silent_days: Annotated[int, Field(ge=1)] = 90
    """A device in use that no source has heard of for so long is suggested to be lost. Longer than the summer holidays."""
    missing_days: Annotated[int, Field(ge=1)] = 30
    """So long after the last source stopped listing a device in use it is suggested to be out of use."""
    accept: tuple[Acceptable, ...] = ()
    """Suggestions that need nobody: enrolment_seen (in use), wiped and deprovisioned (back in stock)."""


class Operator(Strict):
    """One line of [operators]."""

    role: Role
    entra: str | None = None
    """The person's sign-in name in Entra."""


class Audit(Strict):
    """The audit trail: what people do, and a line a run."""

    anchors: tuple[str, ...] = ()
    """Files that get number and hash of the trail's last row after every run; best where who keeps the register can only append.
    Only they show later whether the trail's end was cut or all of it was written anew."""
    file: str | None = None
    """A file that gets every row too, before it counts; it names no person. Remote wipes need it."""
    keep_details: Duration | None = None
    """How long who did it, why, and the values stay, such as 730d; `devreg audit purge` removes what is older. Not set: for ever."""


class Privacy(Strict):
    """How long the register knows who somebody was."""

    holder_months: Annotated[int, Field(ge=1)] | None = None
    """So many months after somebody's last device was taken back, and when no directory lists them with an open account, the history may
    call them P000012; `devreg db purge-names` does it, and removes accounts gone for so long. Not set: names stay for ever."""


class Mail(Strict):
    """Mail over SMTP."""

    host: str
    """The mail server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """starttls (port 587), tls (port 465); none only where the server is this machine itself."""
    user: str | None = None
    """Who signs in; not set: nobody needs to."""
    password: SecretRef | None = None
    """Its password."""
    sender: MailAddress
    """Who it comes from."""
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    """Who gets it: best the address of a team."""
    ca_bundle: str | None = None
    """Authorities that the server's certificate may come from; not set: the system's."""

    @model_validator(mode="after")
    def _is_safe(self) -> "Mail":
        if self.security == "none" and self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError('security "none" only with a server on this machine: mail names devices')
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        return self


class Notify(Strict):
    """Telling people what needs them: failed and held runs, alarms. Once when it begins, once a day while it lasts, once when it is
    over; what can't be sent waits in the register. Names no person, only sources and device numbers."""

    command: tuple[str, ...] = ()
    """A program and its arguments, started without a shell after runs when there is something to tell: gets it as JSON on its standard
    input, must end with 0 within 30 seconds, and sees nothing of the environment but PATH, HOME and the language."""
    mail: Mail | None = None
    """Mail over SMTP: host, port, security (starttls, tls; none only on this machine), user, password, sender, to, ca_bundle."""


class Settings(Strict):
    """The whole file. Sources are kept raw here, and what acts on them: their kind's own class reads them."""

    registry: Registry = Registry()
    sources: dict[Annotated[str, AfterValidator(source_name)], dict[str, Any]] = {}
    snmp: dict[str, SnmpCredential] = {}
    profiles: dict[str, Profile] = {}
    equality: Equality = Equality()
    calendar: Calendar = Calendar()
    circulation: Circulation = Circulation()
    tools: Tools = Tools()
    lifecycle: Lifecycle = Lifecycle()
    audit: Audit = Audit()
    privacy: Privacy = Privacy()
    tags: Tags = Tags()
    labels: Labels = Labels()
    notify: Notify = Notify()
    contracts: Contracts = Contracts()
    reports: dict[Annotated[str, AfterValidator(source_name)], Report] = {}
    provenance: dict[Annotated[str, AfterValidator(_field_or_group)], WeighingOptions] = {}
    actions: dict[str, dict[str, Any]] = {}
    action_limits: ActionLimits = ActionLimits()
    operators: (
        dict[str, Annotated[Operator, BeforeValidator(lambda said: {"role": said} if isinstance(said, str) else said)]]
        | None
    ) = None
    """Who may do what where the database itself can't say (SQLite). None: whoever can write the file may do everything."""

    @property
    def policy(self) -> Policy:
        """How claims are weighed."""
        return policy_of({name: Weighing(**options.model_dump()) for name, options in self.provenance.items()})


class Loaded(msgspec.Struct, frozen=True):
    """Settings and the file they came from."""

    settings: Settings
    path: Path

    @property
    def folder(self) -> Path:
        """What relative paths in the file are relative to."""
        return self.path.parent


def load(path: Path) -> tuple[Loaded, list[Fault]]:
    """The file as settings, with every fault found.

    Parts with faults hold their defaults, so that the sources can be looked at too. Raises Misconfigured when there is no
    file, or it is not TOML.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise Misconfigured(
            f"No settings file {path}.", next_step="Run `devreg init`, or name one with --config."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} can't be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}.") from error
    faults: list[Fault] = []
    settings = validate(Settings, raw, "", faults)
    if settings is None:
        settings = validate(Settings, _without(raw, faults), "", []) or Settings()
    if settings.notify.mail is None:
        mailed = (name for name, report in settings.reports.items() if report.mail)
        faults.extend(Fault(f"reports.{name}.mail", "needs [notify.mail], the server that sends it") for name in mailed)
    return Loaded(settings, path.absolute()), faults


def _without(raw: dict[str, Any], faults: Iterable[Fault]) -> dict[str, Any]:
    """The file without what has faults: one source, credential or profile where only that is wrong, else the table."""
    kept = dict(raw)
    for fault in faults:
        table, _, rest = fault.key.partition(".")
        if (
            isinstance(kept.get(table), dict)
            and rest
            and table in {"sources", "actions", "snmp", "profiles", "reports"}
        ):
            named = max((name for name in kept[table] if rest.startswith(name)), key=len, default=None)
            kept[table] = {name: entry for name, entry in kept[table].items() if name != named}
        else:
            kept.pop(table, None)
    return kept
