"""What the service account may do in a console, wanted and too much. Source: contracts/google.md 1; safety.md 36.

A token holds just the scopes that were asked for, so it does not tell what else is delegated. That is found out by asking for each
scope by itself; a token for one that is too much is thrown away unused.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from collectors.google_api import SCOPE_PREFIX, Area, GoogleServices
from devreg.errors import Refused
from devreg.ports import Finding, Severity

WIPING: Final = (
    "admin.directory.device.chromeos",
    "admin.directory.device.mobile.action",
    "admin.directory.device.mobile",
    "cloud-identity.devices",
)
"""Scopes that can wipe, disable or delete devices. Who has the key file has them."""
CHANGING: Final = ("admin.directory.user", "admin.directory.orgunit", "admin.directory.customer")
"""Scopes that change other things."""


def refuse_wiping(source: str, services: GoogleServices) -> None:
    """Raises Refused when the collector's own service account could wipe devices."""
    may = [scope for scope in WIPING if services.may(scope)]
    if may:
        raise _can_wipe(source, may)


def findings(source: str, services: GoogleServices, areas: Iterable[Area]) -> Iterator[Finding]:
    """Rights present and missing by what they are for, and those that are too many."""
    for area in areas:
        missing = [scope for scope in area.scopes if not services.may(scope)]
        if missing:
            yield Finding(
                Severity.FAULT,
                f"{source}: no right to read {area.what}: {_named(missing)} is not delegated.",
                "Add it in that console's Security, API controls, Domain-wide delegation; it can take a day.",
            )
        else:
            yield Finding(Severity.OK, f"{source}: rights to read {area.what} are there.")
    wiping = [scope for scope in WIPING if services.may(scope)]
    if wiping:
        error = _can_wipe(source, wiping)
        yield Finding(Severity.FAULT, error.what, error.next_step)
    changing = [scope for scope in CHANGING if services.may(scope)]
    if changing:
        yield Finding(
            Severity.ADVICE,
            f"{source}: the service account may change more than it reads: {_named(changing)}.",
            "Take these scopes from it in that console's Domain-wide delegation.",
        )
    if not wiping and not changing:
        yield Finding(Severity.OK, f"{source}: it has no right to change or wipe anything.")


def _can_wipe(source: str, scopes: Iterable[str]) -> Refused:
    return Refused(
        f"{source}: the service account may wipe or disable devices ({_named(scopes)}); a source only reads, so nothing was read.",
        next_step="Take these scopes from it in that console's Domain-wide delegation; remote actions use an account of their own.",
    )


def _named(scopes: Iterable[str]) -> str:
    return ", ".join(SCOPE_PREFIX + scope for scope in scopes)
