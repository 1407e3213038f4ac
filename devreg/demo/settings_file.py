"""The demo's devreg.toml: every source of the city, pointing to the stand-ins."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from devreg.demo.chromebooks import PATHS, Console
from devreg.demo.city import City
from devreg.demo.managed import CATEGORIES
from devreg.demo.sheets import HEADCOUNTS, LEASES, OLD_REGISTER, PURCHASES, UNITS
from devreg.domain.device import Stage, Use

TARGETS: Final = {
    Stage.ECE: 0.1, Stage.PRE_PRIMARY: 0.25, Stage.GRADES_1_2: 0.5, Stage.GRADES_3_6: 1.0, Stage.GRADES_7_9: 1.0,
    Stage.UPPER_SECONDARY: 1.0,
}  # fmt: skip
"""Devices per pupil; invented."""
_USES: Final = {"digilab": Use.DIGILAB, "kirjasto": Use.SHARED, "it": Use.SHARED}
_HEAD: Final = """\
# Settings of devreg's demo. The city, its people and every number are invented; the servers below are stand-ins
# on this machine, not Microsoft's, Google's or anybody's network.

"""


class Addresses(msgspec.Struct, frozen=True):
    """Where the stand-ins listen; no SNMP targets leaves that source out."""

    graph_url: str
    google_url: str
    v3_targets: tuple[str, ...] = ()
    v2c_targets: tuple[str, ...] = ()


class Operator(msgspec.Struct, frozen=True):
    """Who is at the keyboard of the demo, and the app they sign in with."""

    user: str
    """The operating system's user."""
    entra: str
    client_id: str


def write_settings(path: Path, city: City, addresses: Addresses, graph: Mapping[str, str], operator: Operator) -> None:
    """Write the file. `graph` holds tenant_id and client_id."""
    tables: list[str] = [
        _table("registry", {"database": "sqlite:///devreg.db", "language": "fi", "timezone": "Europe/Helsinki"}),
        _intune(city, addresses, graph),
        *(_google(console, addresses) for console in city.consoles),
        *(_snmp(city, addresses) if addresses.v3_targets or addresses.v2c_targets else ()),
        *_sheets(),
        *_acting(city, operator),
        _table("tools.rules", {"kind": ["chromebook"], "unit": "kirjasto", "tool": "chrome-swedish"}, many=True),
        _table("equality", {"seen_within_days": 90}),
        _table("equality.targets", {stage.value: target for stage, target in TARGETS.items()}),
        _table("equality.prices", {"tablet": 420, "chromebook": 330, "laptop": 650}),
    ]
    path.write_text(_HEAD + "\n".join(tables), encoding="utf-8")


def _intune(city: City, addresses: Addresses, graph: Mapping[str, str]) -> str:
    options = {
        "kind": "intune", **graph, "client_secret": {"file": "intune.secret"}, "graph_url": addresses.graph_url,
        "login_url": addresses.graph_url, "ca_bundle": "ca.pem", "page_size": 250, "corporate_identifiers": True, "apple_devices": True,
        "registrations": True, "approvals": True, "leave_dates": True, "every": "1h",
    }  # fmt: skip
    rules: list[dict[str, Any]] = [
        {"category": category, "unit": unit, "use": "pupil", "stage": stage.value}
        for (unit, stage), category in CATEGORIES.items()
    ]
    rules += [
        {"department": unit.name_sv if unit.language == "sv" else unit.name_fi, "unit": unit.id, "use": "staff"}
        for unit in city.units
    ]
    rules.append({"category": "Hoiva", "unit": "koti-hoiva", "use": "shared"})
    return _source("intune", options, rules)


def _google(console: Console, addresses: Addresses) -> str:
    options = {
        "kind": "google", "customer_id": console.customer_id, "subject": console.subject, "key": {"file": f"{console.source}.json"},
        "admin_url": addresses.google_url, "chromemanagement_url": addresses.google_url,
        "users": True, "every": "6h",
    }  # fmt: skip
    rules = [
        {
            "org_unit": path,
            "unit": unit,
            "use": str(_USES.get(unit, Use.PUPIL)),
            "stage": stage.value if stage else None,
        }
        for (unit, stage), path in PATHS[console.source].items()
    ]
    return _source(console.source, options, rules)


def _snmp(city: City, addresses: Addresses) -> list[str]:
    every = {"probe": "1d", "inventory": "6h", "location": "30m", "load": "5m"}
    rules: list[dict[str, Any]] = [
        {"name": f"*-{unit.id}-*", "unit": unit.id, "use": "infrastructure"} for unit in city.units if unit.id != "it"
    ]
    rules += [{"name": "sw-core-*", "unit": "kaupungintalo", "use": "infrastructure"}]
    rules += [{"subnet": "127.0.0.0/8", "unit": "it", "use": "infrastructure"}]
    ranges = ((addresses.v3_targets, "demo"), (addresses.v2c_targets, "legacy"))
    return [
        _table("sources.network", {"kind": "snmp", "every": every}),
        *(
            _table("sources.network.ranges", {"targets": targets, "credentials": [name]}, many=True)
            for targets, name in ranges
        ),
        *(_table("sources.network.units", rule, many=True) for rule in rules),
        _table(
            "snmp.demo",
            {
                "version": "3",
                "user": "registry",
                "auth": {"protocol": "SHA-256", "key": {"file": "snmp-auth.secret"}},
                "priv": {"protocol": "AES-128", "key": {"file": "snmp-priv.secret"}},
            },
        ),
        _table("snmp.legacy", {"version": "2c", "community": {"file": "snmp-community.secret"}}),
    ]


def _sheets() -> list[str]:
    profiles: dict[str, tuple[str, str, list[str], Mapping[str, str]]] = {
        "purchases": ("purchases.xlsx", "purchases", ["serial", "imei"], PURCHASES),
        "leases": ("leases.xlsx", "leases", ["serial", "imei"], LEASES),
        "units": ("units.xlsx", "units", ["unit.id"], UNITS),
        "headcounts": ("headcounts.xlsx", "headcounts", ["headcount.unit"], HEADCOUNTS),
        "daycare": ("daycare.csv", "headcounts", ["headcount.unit"], HEADCOUNTS),
    }
    tables = []
    for source, (file, profile, match, columns) in profiles.items():
        tables.append(_table(f"sources.{source}", {"kind": "sheet", "path": file, "profile": profile, "every": "1d"}))
        if source == profile:
            tables.append(_table(f"profiles.{profile}", {"match": match}))
            tables.append(_table(f"profiles.{profile}.columns", columns))
    tables.append(_table("profiles.old", {"match": ["serial", "asset_tag"]}))
    tables.append(_table("profiles.old.columns", OLD_REGISTER))
    return tables


def _acting(city: City, operator: Operator) -> list[str]:
    """Remote actions on every source that takes them; the delay is short, so that a wipe can be tried out."""
    return [
        _table("operators", {operator.user: {"role": "admin", "entra": operator.entra}}),
        _table("audit", {"file": "audit.jsonl"}),
        _table("actions.intune", {"client_id": operator.client_id}),
        *(
            _table(
                f"actions.{console.source}",
                {"key": {"file": f"{console.source}-manage.json"}, "subject": console.subject},
            )
            for console in city.consoles
        ),
        _table("action_limits", {"delay_minutes": 1, "protected": ["kaupungintalo"]}),
    ]


def _source(name: str, options: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(
        [_table(f"sources.{name}", options), *(_table(f"sources.{name}.units", rule, many=True) for rule in rules)]
    )


def _table(name: str, values: Mapping[str, Any], *, many: bool = False) -> str:
    head = f"[[{name}]]" if many else f"[{name}]"
    return "\n".join(
        [head, *(f"{_key(key)} = {_value(value)}" for key, value in values.items() if value is not None), ""]
    )


def _key(name: str) -> str:
    return (
        name
        if name.replace("_", "").replace("-", "").isalnum() and name.isascii()
        else json.dumps(name, ensure_ascii=False)
    )


def _value(value: Any) -> str:
    # JSON's strings, numbers and lists are TOML's too; only tables differ.
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
