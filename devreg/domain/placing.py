"""Which unit, use and stage a source's records belong to, first match wins, and which are critical: by the city's own rules."""

import ipaddress
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Protocol

from devreg.domain.observation import Observation, Value


class Rule(Protocol):
    """One entry of `units` in a source's settings. A condition not given is not asked; all given ones must hold."""

    @property
    def org_unit(self) -> str | None: ...
    @property
    def group_tag(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...
    @property
    def department(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def subnet(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def use(self) -> str | None: ...
    @property
    def stage(self) -> str | None: ...


class CriticalRule(Protocol):
    """One entry of `critical` in a source's settings; all conditions given must hold."""

    @property
    def name(self) -> str | None: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...


def is_critical(claims: Mapping[str, Value], rules: Iterable[CriticalRule]) -> bool:
    """Whether a rule calls a device of these claims critical; a name takes `*` and `?`, case put aside."""
    name = str(claims.get("name", "")).casefold()
    return any(
        (rule.name is None or fnmatchcase(name, rule.name.casefold()))
        and (rule.kind is None or claims.get("kind") == rule.kind)
        and (rule.unit is None or claims.get("unit") == rule.unit)
        for rule in rules
    )


def place(seen: Observation, rules: Iterable[Rule]) -> dict[str, str]:
    """Claims (unit, use, stage) that the first fitting rule makes; empty when none fits."""
    for rule in rules:
        if _fits(rule, seen.facts, str(seen.claims.get("name", ""))):
            said = {"unit": rule.unit, "use": rule.use, "stage": rule.stage}
            return {field: str(value) for field, value in said.items() if value is not None}
    return {}


def _fits(rule: Rule, facts: Mapping[str, str], name: str) -> bool:
    """Whether every condition of the rule holds.

    An organisational unit matches itself and all below it, by the path it has or the one it had when the rule was written; a name
    takes `*` and `?`; a subnet holds the address; the rest are equal but for case.
    """
    conditions = (
        rule.org_unit is None or any(_below(facts.get(name), rule.org_unit) for name in ("org_unit", "org_unit_was")),
        rule.subnet is None or _inside(facts.get("subnet"), rule.subnet),
        rule.name is None or fnmatchcase(name.casefold(), rule.name.casefold()),
        *(
            wanted is None or facts.get(fact, "").casefold() == wanted.casefold()
            for fact, wanted in (
                ("group_tag", rule.group_tag),
                ("category", rule.category),
                ("department", rule.department),
            )
        ),
    )
    return all(conditions)


def _below(path: str | None, top: str) -> bool:
    if path is None:
        return False
    path, top = path.casefold().rstrip("/"), top.casefold().rstrip("/")
    return path == top or path.startswith(top + "/")


def _inside(address: str | None, subnet: str) -> bool:
    if address is None:
        return False
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        return False
