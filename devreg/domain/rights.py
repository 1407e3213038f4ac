"""Who may do what: one table of rights, asked by every service and mirrored in the database's own grants."""

from enum import StrEnum
from typing import Final

import msgspec


class Right(StrEnum):
    """Something that not everybody may do."""

    COLLECT = "collect"
    """Run a source."""
    EDIT = "edit"
    """Enter, change and import what people know: fields, holders, states, contracts."""
    DECIDE = "decide"
    """Answer what the register asks about identity."""
    ACCEPT = "accept"
    """Believe a held run."""
    KEEP = "keep"
    """Rebuild, rename, back up and restore."""
    OPERATE = "operate"
    """Say who may do what."""
    DISPOSE = "dispose"
    """Write off, dispose of, and take back into use what was out of use."""
    ACT = "act"
    """Lock and find devices from afar, request that one is wiped, and call off what was requested."""
    APPROVE = "approve"
    """Approve what somebody else requested, and lift what holds requests back."""
    VERIFY = "verify"
    """Say that a wiped device was looked at, and how."""


class Role(StrEnum):
    """What somebody is here, the weakest first; of several that one holds the last counts."""

    VIEWER = "viewer"
    COLLECTOR = "collector"
    """A timer's own user: it reads sources, and answers nothing in a person's name."""
    TECHNICIAN = "technician"
    APPROVER = "approver"
    ADMIN = "admin"


RIGHTS: Final = {
    Role.VIEWER: frozenset[Right](),
    Role.COLLECTOR: frozenset({Right.COLLECT}),
    Role.TECHNICIAN: frozenset({Right.COLLECT, Right.EDIT, Right.DECIDE, Right.ACT, Right.VERIFY}),
    Role.APPROVER: frozenset(Right) - {Right.KEEP, Right.OPERATE},
    Role.ADMIN: frozenset(Right),
}
"""The one table: services ask it, the grants on PostgreSQL are made from it, docs/rights.md shows it."""


class Actor(msgspec.Struct, frozen=True):
    """Who acts, as far as the register can tell."""

    name: str
    """The database's user on PostgreSQL, the operating system's on SQLite."""
    role: Role
    entra: str | None = None
    """User principal name that the operator list gives for the name."""
    host: str = ""
    """The machine it is done from."""

    def may(self, right: Right) -> bool:
        """Whether the actor's role has the right."""
        return right in RIGHTS[self.role]
