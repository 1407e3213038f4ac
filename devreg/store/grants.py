"""What each role may do to each table on PostgreSQL: one list, from which the grants are made and against which they are tested.

A role gets a verb on a table when it has one of the rights that the verb is for. Everybody may read; nobody but the owner may
truncate, alter or drop. Groups are named after the database (`devreg_technician`), since a server's roles are shared by all its databases.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection, text

from devreg.domain.rights import RIGHTS, Right, Role

_WORK: Final = frozenset({Right.COLLECT, Right.EDIT, Right.DECIDE, Right.ACCEPT, Right.KEEP})
"""Whatever moves records between devices."""
_READ_IN: Final = frozenset({Right.COLLECT, Right.EDIT, Right.KEEP})
"""Whatever takes in what a source or a person says."""
_KEEP: Final = frozenset({Right.KEEP})
_EDIT: Final = frozenset({Right.EDIT})
_DECIDE: Final = frozenset({Right.DECIDE})
_OPERATE: Final = frozenset({Right.OPERATE})
_ACT: Final = frozenset({Right.ACT})
_APPROVE: Final = frozenset({Right.APPROVE})
_VERIFY: Final = frozenset({Right.VERIFY})
_FOLLOW: Final = frozenset({Right.ACT, Right.COLLECT})
"""What follows an order once it was sent: timers too."""
_EDIT_OR_RULE: Final = frozenset({Right.EDIT, Right.COLLECT})
"""What people do, and timers too where the settings name a rule that may."""


class Grant(msgspec.Struct, frozen=True):
    """A verb on a table."""

    verb: str
    rights: frozenset[Right]
    """Any one of them is enough."""
    columns: tuple[str, ...] = ()
    """None named: all."""


_WISH: Final = (
    "device_id", "act", "lane", "source", "native_id", "mode", "serial", "asset_tag", "ownership", "used_by", "options", "then_state",
    "cautions", "despite", "reason", "request_id", "requested_by", "requested_entra", "requested_at", "standing", "seen_pending",
)  # fmt: skip
"""What a request for a remote action says; whatever comes of it is written later, and by whom is looked at then."""

TABLES: Final[dict[str, tuple[Grant, ...]]] = {
    "action_hold": (
        Grant("INSERT", _ACT, ("kind", "at", "by", "reason")),
        Grant("UPDATE", _APPROVE, ("lifted_at", "lifted_by", "lifted_reason")),
    ),
    "action_limit": (Grant("INSERT", _OPERATE), Grant("DELETE", _OPERATE)),
    "alarm": (Grant("INSERT", _READ_IN), Grant("UPDATE", _EDIT, ("acked_at", "acked_by", "acked_reason"))),
    "alembic_version": (),
    "audit": (),
    "audit_detail": (Grant("DELETE", _KEEP),),
    "change": (Grant("INSERT", _WORK), Grant("UPDATE", _KEEP, ("old", "new", "reason"))),
    "contract": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK)),
    "contract_change": (Grant("INSERT", _WORK),),
    "contract_day": (Grant("INSERT", _READ_IN), Grant("UPDATE", _READ_IN)),
    "contract_device": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK), Grant("DELETE", _WORK)),
    "contract_document": (Grant("INSERT", _EDIT), Grant("UPDATE", _EDIT, ("removed_at",))),
    "counted_day": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "counter": (Grant("UPDATE", _WORK, ("next",)),),
    "decision": (Grant("INSERT", _DECIDE), Grant("UPDATE", _DECIDE, ("undone_at", "undone_by"))),
    "device": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK)),
    "gauge": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK), Grant("DELETE", _WORK)),
    "headcount": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN), Grant("UPDATE", _KEEP, ("source",))),
    "intent": (
        Grant("INSERT", _ACT, _WISH),
        Grant(
            "UPDATE",
            _FOLLOW,
            (
                "standing",
                "accepted_at",
                "command_id",
                "seen_pending",
                "said",
                "read_at",
                "heard_at",
                "next_at",
                "expires_at",
                "closed_at",
            ),
        ),
        Grant("UPDATE", _ACT, ("sending_at", "sent_as", "approval_code")),
        Grant("UPDATE", _APPROVE, ("approved_by", "approved_at")),
    ),
    "intent_event": (Grant("INSERT", _FOLLOW),),
    "issued_tag": (Grant("INSERT", _EDIT),),
    "local_time": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "keeping": (Grant("INSERT", _KEEP), Grant("DELETE", _KEEP)),
    "memo": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN), Grant("UPDATE", _KEEP, ("source",))),
    "notice": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "neighbour": (Grant("INSERT", _READ_IN), Grant("UPDATE", _READ_IN)),
    "offer": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "operator": (),
    "overridden": (Grant("INSERT", _WORK), Grant("DELETE", _WORK), Grant("UPDATE", _KEEP, ("source", "other_source"))),
    "person": (
        Grant("INSERT", _READ_IN),
        Grant("DELETE", _READ_IN),
        Grant("UPDATE", _READ_IN, ("who",)),
        Grant("UPDATE", _KEEP, ("source",)),
    ),
    "pin": (Grant("INSERT", _DECIDE), Grant("DELETE", _DECIDE)),
    "planned_move": (
        Grant("INSERT", _EDIT),
        Grant("UPDATE", _EDIT, ("moved_at", "dropped_at", "dropped_by", "dropped_reason")),
    ),
    "planned_step": (Grant("INSERT", _EDIT), Grant("UPDATE", _EDIT, ("done_at", "done_by"))),
    "policy": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "port": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK), Grant("DELETE", _WORK)),
    "record_key": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "registration": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK), Grant("DELETE", _READ_IN)),
    "rejected_record": (Grant("INSERT", _READ_IN), Grant("UPDATE", _KEEP, ("source",))),
    "review": (Grant("INSERT", _WORK), Grant("UPDATE", _WORK)),
    "route": (Grant("INSERT", _READ_IN), Grant("UPDATE", _READ_IN), Grant("DELETE", _READ_IN)),
    "run": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK)),
    "sample": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "snapshot": (Grant("INSERT", _EDIT), Grant("UPDATE", _EDIT, ("replaced_at",))),
    "snapshot_line": (Grant("INSERT", _EDIT),),
    "sighting": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK), Grant("DELETE", _KEEP)),
    "source": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK)),
    "source_record": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK), Grant("DELETE", _KEEP)),
    "stocktake": (Grant("INSERT", _EDIT), Grant("UPDATE", _EDIT, ("closed", "closed_by"))),
    "stocktake_line": (Grant("INSERT", _EDIT), Grant("UPDATE", _EDIT), Grant("DELETE", _EDIT)),
    "stocktake_scan": (Grant("INSERT", _EDIT),),
    "target": (Grant("INSERT", _READ_IN), Grant("UPDATE", _READ_IN)),
    "suggestion": (Grant("INSERT", _EDIT_OR_RULE), Grant("DELETE", _EDIT_OR_RULE), Grant("UPDATE", _EDIT)),
    "transition": (Grant("INSERT", _EDIT_OR_RULE), Grant("UPDATE", _KEEP, ("reason",))),
    "trouble": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "station": (Grant("INSERT", _READ_IN), Grant("UPDATE", _READ_IN), Grant("DELETE", _READ_IN)),
    "tool_rule": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN), Grant("UPDATE", _KEEP, ("tool",))),
    "subscription": (Grant("INSERT", _READ_IN), Grant("UPDATE", _WORK), Grant("DELETE", _READ_IN)),
    "unit": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN), Grant("UPDATE", _KEEP, ("source",))),
    "yardstick": (Grant("INSERT", _READ_IN), Grant("DELETE", _READ_IN)),
    "verification": (Grant("INSERT", _VERIFY),),
    "word": (Grant("INSERT", _EDIT_OR_RULE), Grant("UPDATE", _DECIDE, ("anchor_id",)), Grant("DELETE", _EDIT_OR_RULE)),
}
"""Every table; a test holds it against the schema, so that a new one is not forgotten."""

CALLED: Final = frozenset({"audit_append"})
"""Functions that everybody may call: what a viewer was refused stands in the audit trail too."""


def granted(role: Role, table: str) -> Iterator[Grant]:
    """What the role may do to the table beyond reading it."""
    return (grant for grant in TABLES[table] if grant.rights & RIGHTS[role])


def group(database: str, role: Role) -> str:
    """The name of the role's group on the server."""
    return f"{database}_{role}"


def groups(connection: Connection) -> dict[Role, str]:
    """The groups of this register that there are on the server."""
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    names = {group(database, role): role for role in Role}
    there = connection.execute(text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": list(names)})
    return {names[name]: name for name in there.scalars()}


def make_groups(connection: Connection) -> None:
    """Every role's group, made where it is not there, and what it may do."""
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    for role in Role:
        if role not in groups(connection):
            connection.exec_driver_sql(f"CREATE ROLE {quoted(connection, group(database, role))} NOLOGIN")
    renew(connection)


def renew(connection: Connection) -> None:
    """The grants of the groups there are as this program means them: what is not in the list is taken away."""
    there = groups(connection)
    if not there:
        return
    schema = quoted(connection, connection.execute(text("SELECT current_schema()")).scalar_one())
    functions = _functions(connection)
    everybody = ", ".join(quoted(connection, name) for name in there.values())
    database = quoted(connection, connection.execute(text("SELECT current_database()")).scalar_one())
    for statement in (
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {everybody}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {everybody}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {everybody}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {everybody}",
        *(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC, {everybody}" for _, signature in functions),
        *(f"GRANT EXECUTE ON FUNCTION {signature} TO {everybody}" for name, signature in functions if name in CALLED),
        f"GRANT USAGE ON SCHEMA {schema} TO {everybody}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {everybody}",
        f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {everybody}",
        *_writing(connection, there),
    ):
        connection.exec_driver_sql(statement)


def is_renewed(connection: Connection) -> bool:
    """Whether the groups may do to the tables what the list says, no more and no less."""
    there = groups(connection)
    wanted = {(name, table, "SELECT", "") for name in there.values() for table in TABLES} | {
        (name, table, grant.verb, column)
        for role, name in there.items()
        for table in TABLES
        for grant in granted(role, table)
        for column in grant.columns or ("",)
    }
    return wanted == {tuple(row) for row in connection.execute(_GRANTED, {"names": list(there.values())})}


_GRANTED: Final = text(
    "SELECT rolname, relname, privilege_type, '' AS attname FROM pg_class"
    " CROSS JOIN aclexplode(relacl) JOIN pg_roles ON pg_roles.oid = grantee"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND rolname = ANY(:names)"
    " UNION ALL SELECT rolname, relname, privilege_type, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
    " CROSS JOIN aclexplode(attacl) JOIN pg_roles ON pg_roles.oid = grantee"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND rolname = ANY(:names)"
)
"""Group, table, verb and column ("": all) of every grant."""


def _writing(connection: Connection, there: dict[Role, str]) -> Iterator[str]:
    sequences = _sequences(connection)
    for role, name in there.items():
        to = quoted(connection, name)
        for table in TABLES:
            for grant in granted(role, table):
                columns = ", ".join(quoted(connection, column) for column in grant.columns)
                what = f"{grant.verb} ({columns})" if columns else grant.verb
                yield f"GRANT {what} ON {quoted(connection, table)} TO {to}"
                if grant.verb == "INSERT" and table in sequences:
                    yield f"GRANT USAGE ON SEQUENCE {sequences[table]} TO {to}"


def _sequences(connection: Connection) -> dict[str, str]:
    """Table -> the sequence that numbers its rows."""
    rows = connection.execute(
        text(
            "SELECT depended.relname, sequence.oid::regclass::text AS named FROM pg_class sequence"
            " JOIN pg_depend ON objid = sequence.oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')"
            " JOIN pg_class depended ON depended.oid = refobjid"
            " WHERE sequence.relkind = 'S' AND sequence.relnamespace = current_schema()::regnamespace"
        )
    )
    return {row.relname: row.named for row in rows}


def _functions(connection: Connection) -> list[tuple[str, str]]:
    """Name and signature of the register's own functions: what an extension brought is not ours to take away."""
    rows = connection.execute(
        text(
            "SELECT proname, pg_proc.oid::regprocedure::text AS signature FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
            " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
    )
    return [(row.proname, row.signature) for row in rows]


def quoted(connection: Connection, name: str) -> str:
    """The name as SQL may hold it."""
    return connection.dialect.identifier_preparer.quote_identifier(name)
