"""The commented devreg.toml that `init` writes, made from the settings' own docstrings.

Every table is shown. What works as it stands is live; sources are shown but commented out, since only the city knows them.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from devreg.action_options import ACTING, ActionLimits
from devreg.circulating import Calendar, Circulation
from devreg.contract_options import Contracts
from devreg.domain.fields import Held
from devreg.domain.policy import ORDER
from devreg.equality_options import QualityOptions
from devreg.labels import Labels, Tags
from devreg.settings import Audit, Equality, Lifecycle, Notify, Privacy, Registry, Tools, WeighingOptions
from devreg.strict import span_text
from devreg.timed import Report

_HEAD: Final = """\
# devreg.toml: settings of the device register.
# Made from the program's own descriptions; what is commented out shows the default or an example.
# Secrets never stand here, only where they are kept: {{ file = "…" }}, {{ keyring = "…" }}, {{ credential = "…" }} or {{ env = "…" }}.
"""

_EXAMPLES: Final[Mapping[str, str]] = {
    "targets_by_kind": '{ daycare = { ece = { devices = 2, per = "group" } } }',
    "windows_10_paid_until": "2028-10-10",
    "daycare_device_price": "350",
    "tenant_id": '"00000000-0000-0000-0000-000000000000"',
    "client_id": '"00000000-0000-0000-0000-000000000000"',
    "certificate": '{ file = "intune.pem" }',
    "certificate_passphrase": '{ keyring = "intune" }',
    "client_secret": '{ file = "intune.secret" }',
    "ca_bundle": '"city-ca.pem"',
    "actions.intune.client_id": '"00000000-0000-0000-0000-000000000001"',
    "actions.chrome-city.subject": '"device-admin@school.example"',
    "actions.chrome-city.key": '{ file = "chrome-city-manage.json" }',
    "customer_id": '"C0xxxxxxx"',
    "subject": '"registry@school.example"',
    "key": '{ file = "chrome-city.json" }',
    "path": '"leases.xlsx"',
    "profile": '"leases"',
    "every": '"6h"',
    "encoding": '"utf-8"',
    "vendors": '"vendors.toml"',
    "accept": '["enrolment_seen", "wiped"]',
    "kinds": '{ upper = ["laptop", "chromebook"] }',
    "prices": "{ tablet = 420, chromebook = 330, laptop = 650 }",
    "targets": '{ "7-9" = 1.0, "1-2" = "1:2" }',
    "postgresql": '"/usr/lib/postgresql/18/bin"',
    "anchors": '["/mnt/evidence/devreg-anchors.jsonl"]',
    "file": '"audit.jsonl"',
    "keep_details": '"730d"',
    "protected": '["KAU-000017", "server", "paloasema"]',
    "holder_months": "24",
    "command": '["/usr/local/bin/devreg-tell", "it-team"]',
    "owner": '"Esimerkkilän kaupunki"',
    "left": "8.0",
    "top": "12.0",
    "mail": '{ host = "smtp.city.example", sender = "devreg@city.example", to = ["it@city.example"], user = "devreg", '
    'password = { file = "mail.secret" } }',
}
_TABLES: Final = (("intune", "intune"), ("chrome-city", "google"), ("network", "snmp"), ("leases", "sheet"))
_RULES: Final = """\
# [[sources.chrome-city.units]]
# org_unit = "/Koulut/Mäntymäki"
# unit = "mantymaki"
# use = "pupil"
# stage = "3-6"
"""
_PROVENANCE: Final = (
    *((held, f"sources = {json.dumps(ORDER[held])}") for held in Held),
    ("room", 'write_if_empty = ["chrome-city"]'),
    ("price_cents", 'locked = "leases"'),
    ("location", 'person_for = "90d"'),
)
_SNMP: Final = """\
# [[sources.network.ranges]]
# targets = ["10.20.0.0/24", "core-1.example"]
# exclude = []
# credentials = ["snmpv3-main"]

# Named SNMP credentials; a range names those it may try.
# [snmp.snmpv3-main]
# version = "3"
# user = "registry"
# auth = { protocol = "SHA-256", key = { file = "snmp-auth.key" } }
# priv = { protocol = "AES-128", key = { file = "snmp-priv.key" } }
"""
_PROFILE: Final = """\
# How a sheet's columns map to fields; lists of units and head-counts use unit.* and headcount.* fields.
# [profiles.leases]
# sheet = "Sopimukset"
# header_row = 1
# match = ["serial", "imei"]
# [profiles.leases.columns]
# "Sarjanumero" = "serial"
# "IMEI" = "imei"
# "Sopimusnumero" = "lease.number"
# "Kuukausivuokra" = "lease.monthly_fee"
# "Päättyy" = "lease.end"
"""

_TOOL_RULES: Final = """\
# [[tools.rules]]
# kind = ["chromebook"]
# unit = "kasavuori"
# tool = "chrome-city"
"""
_REPORTS: Final = (
    ("equality", '"reports/equality-{date}.xlsx"', ('lang = "all"', 'cron = "0 6 1 * *"')),
    ("inventory", '"reports/inventory.xlsx"', ('every = "7d"',)),
)
_OPERATORS: Final = """\
# Who may do what, by the name the operating system has for them; for an SQLite register (PostgreSQL: `devreg operator add`).
# Without this table whoever can write the register's file may do everything; with it, who is not named may only look.
# Roles: viewer, collector (a timer's own user), technician, approver, admin; docs/rights.md shows what each may do.
# [operators]
# anna = "technician"
# devreg = "collector"
# matti = { role = "admin", entra = "matti.meikalainen@city.example" }
"""


def sample_toml() -> str:
    """The whole file; it loads without a fault as it stands."""
    from devreg.wiring import collector_class  # wiring knows the kinds of source; needed only when a sample is made

    live: dict[str, type[BaseModel]] = {
        "registry": Registry,
        "equality": Equality,
        "equality.quality": QualityOptions,
        "calendar": Calendar,
        "circulation": Circulation,
        "lifecycle": Lifecycle,
        "audit": Audit,
        "privacy": Privacy,
        "contracts": Contracts,
        "notify": Notify,
        "tags": Tags,
        "labels": Labels,
        "action_limits": ActionLimits,
        "tools": Tools,
    }
    parts = [_HEAD.format(), *(_live(name, model) for name, model in live.items()), _TOOL_RULES]
    for name, kind in _TABLES:
        options: type[BaseModel] = collector_class(kind).Options
        parts.append("\n".join(_commented(f"sources.{name}", options, kind)) + "\n")
        parts.extend(
            extra for wanted, extra in (("google", _RULES), ("snmp", _SNMP), ("sheet", _PROFILE)) if wanted == kind
        )
    parts.extend(
        "\n".join(_commented(f"actions.{name}", ACTING[kind])) + "\n" for name, kind in _TABLES if kind in ACTING
    )
    parts.append("\n".join(_weighings()) + "\n")
    parts.append("\n".join(_reports()) + "\n")
    parts.append(_OPERATORS)
    return "\n".join(parts)


def _weighings() -> Iterator[str]:
    yield from _comment(WeighingOptions.__doc__ or "")
    for key, field in WeighingOptions.model_fields.items():
        yield from _comment(f"{key}: {field.description}")
    for name, line in _PROVENANCE:
        yield from (f"# [provenance.{name}]", f"# {line}")


def _reports() -> Iterator[str]:
    yield from _comment(Report.__doc__ or "")
    for key, field in Report.model_fields.items():
        yield from _comment(f"{key}: {field.description}")
    for name, out, lines in _REPORTS:
        yield from (f"# [reports.{name}]", f'# report = "{name}"', f"# out = {out}", *(f"# {line}" for line in lines))


def _live(name: str, model: type[BaseModel]) -> str:
    lines, below = [*_comment(model.__doc__ or ""), f"[{name}]"], []
    for key, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if key == "rules" or isinstance(default, BaseModel):  # a table of its own
            continue
        lines += _comment(field.description or "")
        if isinstance(default, dict) and all(isinstance(item, BaseModel) for item in default.values()) and default:
            below = [line for part in default for line in (f"[{name}.{key}.{part}]", *_values(default[part]))]
            continue
        example = _EXAMPLES.get(key) if default in (None, {}, ()) else None
        lines.append(f"# {key} = {example}" if example else f"{key} = {_toml(default)}")
    return "\n".join([*lines, *below]) + "\n"


def _values(model: BaseModel) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in model]


def _commented(name: str, model: type[BaseModel], kind: str | None = None) -> Iterator[str]:
    yield from _comment(model.__doc__ or "")
    yield f"# [{name}]"
    if kind is not None:
        yield f'# kind = "{kind}"'
    for key, field in model.model_fields.items():
        if key in {"kind", "units", "ranges"}:
            continue
        for line in _comment(field.description or ""):
            yield "#   " + line.removeprefix("# ")
        if key == "cron":  # its description has the example: with every uncommented too, the file would be refused
            continue
        default = field.get_default(call_default_factory=True)
        example = _EXAMPLES.get(f"{name}.{key}", _EXAMPLES.get(key))
        shown = example if default in (None, PydanticUndefined) else _toml(default)
        yield f"# {key} = {shown}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), 110)]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, BaseModel):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value) + " }"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, timedelta):
        return f'"{span_text(value)}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value)
