"""Triggers that let the audit trail and the history only grow, and on PostgreSQL the functions that chain it.

On SQLite the owner of the file can drop a trigger: there they make the trail tamper-evident, not tamper-proof (safety.md
section 2). On PostgreSQL nobody but the owner of the tables can.
"""

from typing import Final

from sqlalchemy import Connection, text

LOCK: Final = 0x6465_7672_6567  # "devreg"
"""The advisory lock under which PostgreSQL writers take the next number, one after another."""


def guard(connection: Connection) -> None:
    """Create them; the tables are there."""
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            connection.exec_driver_sql(statement)
        return
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in _POSTGRESQL:
        connection.exec_driver_sql(statement.replace("%SCHEMA%", schema).replace("%LOCK%", str(LOCK)))


def names(dialect: str) -> set[str]:
    """Every trigger that must be there."""
    statements: tuple[str, ...] = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    return {statement.split()[2] for statement in statements if statement.startswith("CREATE TRIGGER")}


def _no(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _no_replace(table: str, key: str) -> str:
    # INSERT OR REPLACE deletes without firing DELETE triggers on a connection that has recursive_triggers off.
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


_UNDONE_ONCE: Final = " AND ".join(
    [f'NEW."{name}" IS OLD."{name}"' for name in ("id", "kind", "review_id", "by", "at", "reason", "before")]
    + ["OLD.undone_at IS NULL", "NEW.undone_at IS NOT NULL"]
)

_KEPT: Final = {
    "change": ("id", "device_id", "at", "run_id", "by", "field"),
    "transition": ("id", "device_id", "at", "by", "rule", "before", "after", "step", "documents"),
}
_NAMES: Final = {
    table: " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns) for table, columns in _KEPT.items()
}
"""Tables whose rows may lose names when their time is over, and what stays as it was written even then."""
_NUMBERED: Final = " AND ".join(
    f"""(NEW."{name}" IS OLD."{name}" OR OLD.field IN ('holder', 'holder_email') AND substr(NEW."{name}", 1, 1) = 'P'
      AND length(NEW."{name}") > 6 AND rtrim(substr(NEW."{name}", 2), '0123456789') = '')"""
    for name in ("old", "new")
)
"""A holder may become P000012, and nothing else."""
_NAMES["change"] += f" AND {_NUMBERED}"
_TOLD: Final = "(SELECT act FROM audit ORDER BY seq DESC LIMIT 1) = 'pseudonymise'"
"""The audit row just before says what is done."""


def _only_names(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_only_names BEFORE UPDATE ON {table} WHEN ({_NAMES[table]} AND {_TOLD}) IS NOT TRUE "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only but for names whose time is over'); END"
    )


_SQLITE: Final = (
    _no("audit", "UPDATE"),
    _no("audit", "DELETE"),
    """CREATE TRIGGER audit_next BEFORE INSERT ON audit
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
      OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), zeroblob(32))
    BEGIN SELECT RAISE(ABORT, 'audit is append-only: this does not follow its last row'); END""",
    _no("audit_detail", "UPDATE"),
    """CREATE TRIGGER audit_detail_purge BEFORE DELETE ON audit_detail
    WHEN OLD.seq > (SELECT coalesce(max(purged_to), 0) FROM audit)
    BEGIN SELECT RAISE(ABORT, 'audit_detail is append-only: no audit row says that this was purged'); END""",
    """CREATE TRIGGER audit_detail_next BEFORE INSERT ON audit_detail
    WHEN NEW.seq IS NOT (SELECT max(seq) FROM audit) OR EXISTS (SELECT 1 FROM audit_detail WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'audit_detail is append-only: details belong to the last row'); END""",
    *(_only_names(table) for table in _NAMES),
    _no("change", "DELETE"),
    _no_replace("change", "id"),
    _no("transition", "DELETE"),
    _no_replace("transition", "id"),
    _no("contract_change", "UPDATE"),
    _no("contract_change", "DELETE"),
    _no_replace("contract_change", "id"),
    f"""CREATE TRIGGER decision_undone_once BEFORE UPDATE ON decision WHEN NOT ({_UNDONE_ONCE})
    BEGIN SELECT RAISE(ABORT, 'decision is append-only but for being undone'); END""",
    _no("decision", "DELETE"),
    _no_replace("decision", "id"),
)


def _never(table: str, verbs: str) -> str:
    return f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"


def _only_names_function(table: str) -> tuple[str, str]:
    kept = _NAMES[table].replace(" IS OLD", " IS NOT DISTINCT FROM OLD")
    return (
        f"""CREATE FUNCTION {table}_only_names() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
    BEGIN
      IF ({kept} AND {_TOLD}) IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = '{table} is append-only but for names whose time is over';
      END IF;
      RETURN NEW;
    END $$""",
        f"CREATE TRIGGER {table}_only_names BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_only_names()",
    )


_POSTGRESQL: Final = (
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN RAISE insufficient_privilege USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$""",
    _never("audit", "UPDATE OR DELETE OR TRUNCATE"),
    _never("audit_detail", "UPDATE OR TRUNCATE"),
    _never("change", "DELETE OR TRUNCATE"),
    _never("transition", "DELETE OR TRUNCATE"),
    *(part for table in _NAMES for part in _only_names_function(table)),
    _never("contract_change", "UPDATE OR DELETE OR TRUNCATE"),
    _never("decision", "DELETE OR TRUNCATE"),
    f"""CREATE FUNCTION decision_undone_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF NOT ({_UNDONE_ONCE.replace(" IS OLD", " IS NOT DISTINCT FROM OLD")}) THEN
        RAISE insufficient_privilege USING MESSAGE = 'decision is append-only but for being undone';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER decision_undone_once BEFORE UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION decision_undone_once()",
    """CREATE FUNCTION audit_netstring(VARIADIC parts text[]) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
      SELECT convert_to(string_agg(coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-') || ',', '' ORDER BY n), 'UTF8')
      FROM unnest(parts) WITH ORDINALITY AS t(part, n) $$""",
    """CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
    DECLARE last record;
    BEGIN
      PERFORM pg_advisory_xact_lock(%LOCK%);
      SELECT seq, at, hash INTO last FROM audit ORDER BY seq DESC LIMIT 1;
      NEW.seq := coalesce(last.seq, 0) + 1;
      NEW.at := clock_timestamp();
      NEW.clock_back := coalesce(NEW.at < last.at, false);
      NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
      NEW.hash := sha256(audit_netstring(
        NEW.seq::text, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NEW.clock_back::text,
        NEW.role, NEW."right", NEW.act, NEW.about, NEW.outcome, NEW.run_id::text, NEW.intent_id::text, NEW.purged_to::text,
        encode(NEW.commitment, 'hex'), encode(NEW.previous, 'hex')));
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER audit_next BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_link()",
    """CREATE FUNCTION audit_detail_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
    BEGIN
      IF NEW.seq IS DISTINCT FROM (SELECT max(seq) FROM audit) OR NEW.actor IS DISTINCT FROM session_user::text
        OR sha256(NEW.salt || audit_netstring(
          NEW.actor, NEW.entra, NEW.host, NEW.reason, NEW.error, NEW."before", NEW."after"
        )) IS DISTINCT FROM (SELECT commitment FROM audit WHERE seq = NEW.seq)
      THEN
        RAISE insufficient_privilege USING MESSAGE = 'audit_detail is append-only: details belong to the last row and to who writes it';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER audit_detail_next BEFORE INSERT ON audit_detail FOR EACH ROW EXECUTE FUNCTION audit_detail_fits()",
    """CREATE FUNCTION audit_detail_purged() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
    BEGIN
      IF OLD.seq > (SELECT coalesce(max(purged_to), 0) FROM audit) THEN
        RAISE insufficient_privilege USING MESSAGE = 'audit_detail is append-only: no audit row says that this was purged';
      END IF;
      RETURN OLD;
    END $$""",
    "CREATE TRIGGER audit_detail_purge BEFORE DELETE ON audit_detail FOR EACH ROW EXECUTE FUNCTION audit_detail_purged()",
    """CREATE FUNCTION audit_role() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
      SELECT CASE
        WHEN pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = to_regclass('operator')), 'USAGE') THEN 'admin'
        ELSE coalesce((
          SELECT role FROM unnest(ARRAY['admin', 'approver', 'technician', 'collector']) WITH ORDINALITY AS strongest (role, n)
          JOIN pg_roles ON rolname = current_database() || '_' || role
          WHERE pg_has_role(session_user, pg_roles.oid, 'USAGE') ORDER BY n LIMIT 1
        ), 'viewer') END $$""",
    """CREATE FUNCTION audit_append(
      a_right text, a_act text, a_about text, a_outcome text, a_run bigint, a_intent bigint, a_purged_to bigint,
      a_host text, a_reason text, a_error text, a_before text, a_after text
    ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$
    DECLARE
      a_salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
      a_role text := audit_role();
      a_entra text := (SELECT entra FROM operator WHERE name = session_user AND removed_at IS NULL);
      a_seq bigint;
    BEGIN
      IF a_purged_to IS NOT NULL AND NOT has_table_privilege(session_user, 'audit_detail', 'DELETE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who may remove details can say that they were purged';
      END IF;
      INSERT INTO audit (role, "right", act, about, outcome, run_id, intent_id, purged_to, commitment)
      VALUES (a_role, a_right, a_act, a_about, a_outcome, a_run, a_intent, a_purged_to, sha256(a_salt || audit_netstring(
        session_user::text, a_entra, a_host, a_reason, a_error, a_before, a_after)))
      RETURNING seq INTO a_seq;
      INSERT INTO audit_detail (seq, salt, actor, entra, host, reason, error, "before", "after")
      VALUES (a_seq, a_salt, session_user, a_entra, a_host, a_reason, a_error, a_before, a_after);
      RETURN a_seq;
    END $$""",
    *(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        for name in (
            "append_only", "decision_undone_once", "audit_netstring", "audit_link", "audit_detail_fits", "audit_detail_purged",
            "audit_role", "audit_append", *(f"{table}_only_names" for table in _NAMES),
        )
    ),
)  # fmt: skip
