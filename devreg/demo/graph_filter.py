"""Intune's `$filter`: what it understands, and how it fails without saying so."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec


class Quirks(msgspec.Struct):
    """Failures seen in the field, each switchable. Source: intune.md 3.1."""

    ne_as_eq: bool = True
    or_first_only: bool = False
    log_ignored: bool = False
    """The filter on the audit log is ignored, as others are that the service does not support."""


_SUPPORTED: Final = {
    "lastSyncDateTime": ("gt", "lt", "ge", "le"),
    "enrolledDateTime": ("gt", "lt", "ge", "le"),
    "deviceCategoryDisplayName": ("eq", "ne"),
    "jailBroken": ("eq", "ne"),
    "operatingSystem": ("eq", "ne"),
    "azureADDeviceId": ("eq", "ne"),
    "managementAgent": ("eq", "ne"),
    "managedDeviceOwnerType": ("eq", "ne"),
}
_TERM: Final = re.compile(r"\s*(\w+)\s+(eq|ne|gt|lt|ge|le)\s+('(?:[^']|'')*'|\S+)\s*")
_COMPARE: Final[dict[str, Callable[[str, str], bool]]] = {
    "eq": lambda left, right: left.lower() == right.lower(),
    "ne": lambda left, right: left.lower() != right.lower(),
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
}

Row = dict[str, Any]
Test = Callable[[Row], bool]


def intune_filter(rows: list[Row], text: str | None, quirks: Quirks) -> list[Row]:
    """The rows that fit; all of them when any part is not supported, as the service does."""
    if not text:
        return rows
    groups = re.split(r"\s+or\s+", text)
    tests = [
        [_test(term, quirks) for term in re.split(r"\s+and\s+", group)]
        for group in groups[: 1 if quirks.or_first_only else None]
    ]
    known = [[test for test in group if test is not None] for group in tests]
    if any(len(group) < len(asked) for group, asked in zip(known, tests, strict=True)):
        return rows
    return [row for row in rows if any(all(test(row) for test in group) for group in known)]


def _test(term: str, quirks: Quirks) -> Test | None:
    """The term as a test of a row; None when the service would ignore it."""
    parsed = _TERM.fullmatch(term)
    if parsed is None or parsed[2] not in _SUPPORTED.get(parsed[1], ()):
        return None
    name, operator = parsed[1], "eq" if quirks.ne_as_eq and parsed[2] == "ne" else parsed[2]
    wanted = parsed[3].strip("'").replace("''", "'")
    return lambda row: _COMPARE[operator](str(row[name]), wanted)
