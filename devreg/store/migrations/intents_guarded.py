"""Triggers that hold intents to their moves, their people and their limits, whatever program writes them.

One set of rules for both engines. On PostgreSQL they also know who acts: `session_user` is written whatever the row says, so that
nobody approves their own request, sends another's, or lifts a limit by lending a name (safety.md 7, 13, 14). On SQLite the owner of
the file can drop a trigger; there the names are what the program says, and a delay stands in for the second person (safety.md 8).
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from devreg.domain.action import MOVES, OPEN, Hold, Limits, Mover, Standing, lane
from devreg.domain.platforms import DESTRUCTIVE, RemoteAct

LOCK: Final = 0x6465_7672_6568
"""The advisory lock under which destructive requests are counted one after another."""
_DEFAULT: Final = Limits()
_WIPING: Final = lane(RemoteAct.WIPE)
_BOUND: Final = (
    "id", "device_id", "act", "lane", "source", "native_id", "mode", "serial", "asset_tag", "ownership", "used_by", "options",
    "then_state", "cautions", "despite", "reason", "request_id", "requested_by", "requested_entra", "requested_at",
)  # fmt: skip
"""What an intent is about; a row of it never changes."""
_APPEND_ONLY: Final = ("intent_event", "verification")


def guard(connection: Connection) -> None:
    """Create them; the tables are there."""
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            connection.exec_driver_sql(statement)
        return
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in _POSTGRESQL:
        connection.exec_driver_sql(statement.replace("%SCHEMA%", schema))


def names(dialect: str) -> set[str]:
    """Every trigger that must be there."""
    statements = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    return {statement.split()[2] for statement in statements if statement.startswith("CREATE TRIGGER")}


def _words(members: Iterable[str]) -> str:
    return ", ".join(f"'{member}'" for member in members)


def _moves() -> str:
    return ", ".join(f"('{before}', '{after}', '{mover}')" for (before, after), mover in MOVES.items())


def _limit(name: str, cast: str = "INTEGER") -> str:
    return (
        f"coalesce((SELECT CAST(value AS {cast}) FROM action_limit WHERE name = '{name}'), {getattr(_DEFAULT, name)})"
    )


def _changed(bound: str) -> str:
    return " OR ".join(f'NEW."{name}" {bound} OLD."{name}"' for name in _BOUND)


_RECENT: Final = f"SELECT count(*) FROM intent WHERE lane = '{_WIPING}' AND requested_at > "
"""A clock that went back makes rows of the future, and those count too."""


def _ago(name: str, unit: str, sign: str = "-") -> str:
    """A moment of SQLite's text, before or after the row's; cut to the second, so that it sorts before all of its own."""
    return f"strftime('%Y-%m-%dT%H:%M:%S', {name}, '{sign}' || {unit})"


_HELD: Final = "EXISTS (SELECT 1 FROM action_hold WHERE lifted_at IS NULL"

_SQLITE: Final = (
    f"""CREATE TRIGGER intent_requested BEFORE INSERT ON intent BEGIN
      SELECT RAISE(ABORT, 'intent: it begins as requested') WHERE NEW.standing <> '{Standing.REQUESTED}'
        OR NEW.approved_by IS NOT NULL OR NEW.sending_at IS NOT NULL OR NEW.accepted_at IS NOT NULL
        OR NEW.lane <> CASE WHEN NEW.act IN ({_words(DESTRUCTIVE)}) THEN '{_WIPING}' ELSE NEW.act END;
      SELECT RAISE(ABORT, 'intent: there is one of this number') WHERE EXISTS (SELECT 1 FROM intent WHERE id = NEW.id);
      SELECT RAISE(ABORT, 'intent: destructive actions are held back')
        WHERE NEW.lane = '{_WIPING}' AND {_HELD});
      SELECT RAISE(ABORT, 'intent: the daily limit is reached') WHERE NEW.lane = '{_WIPING}' AND
        ({_RECENT}{_ago("NEW.requested_at", "'1 day'")} AND requested_by = NEW.requested_by) >= {_limit("daily_per_operator")};
    END""",
    f"""CREATE TRIGGER intent_too_many AFTER INSERT ON intent WHEN NEW.lane = '{_WIPING}' AND
      ({_RECENT}{_ago("NEW.requested_at", _limit("hold_minutes") + " || ' minutes'")}) > {_limit("hold_count")}
    BEGIN INSERT INTO action_hold (kind, at, by) VALUES ('{Hold.RATE}', NEW.requested_at, NEW.requested_by); END""",
    f"""CREATE TRIGGER intent_moved BEFORE UPDATE ON intent BEGIN
      SELECT RAISE(ABORT, 'intent: what it is about never changes') WHERE {_changed("IS NOT")};
      SELECT RAISE(ABORT, 'intent: there is no such move') WHERE NEW.standing <> OLD.standing
        AND (OLD.standing, NEW.standing) NOT IN (VALUES {", ".join(f"('{a}', '{b}')" for a, b in MOVES)});
      SELECT RAISE(ABORT, 'intent: it is over') WHERE OLD.standing NOT IN ({_words(OPEN)});
      SELECT RAISE(ABORT, 'intent: only approving names who approved')
        WHERE (NEW.approved_by IS NOT OLD.approved_by OR NEW.approved_at IS NOT OLD.approved_at)
        AND NOT (OLD.standing = '{Standing.REQUESTED}' AND NEW.standing = '{Standing.APPROVED}');
      SELECT RAISE(ABORT, 'intent: all actions are frozen')
        WHERE NEW.standing = '{Standing.SENDING}' AND OLD.standing <> NEW.standing AND {_HELD} AND kind = '{Hold.FREEZE}');
      SELECT RAISE(ABORT, 'intent: destructive actions are held back') WHERE NEW.standing = '{Standing.SENDING}'
        AND OLD.standing <> NEW.standing AND NEW.lane = '{_WIPING}' AND {_HELD});
      SELECT RAISE(ABORT, 'intent: it can still be cancelled') WHERE NEW.standing = '{Standing.SENDING}'
        AND OLD.standing <> NEW.standing AND NEW.lane = '{_WIPING}'
        AND (NEW.sending_at IS NULL
          OR NEW.sending_at < {_ago("OLD.requested_at", _limit("delay_minutes") + " || ' minutes'", "+")});
    END""",
    """CREATE TRIGGER intent_no_delete BEFORE DELETE ON intent
    BEGIN SELECT RAISE(ABORT, 'intent is append-only but for its moves'); END""",
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in _APPEND_ONLY
        for verb, when in (
            ("update", f"UPDATE ON {table}"),
            ("delete", f"DELETE ON {table}"),
            ("replace", f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"),
        )
    ),
    """CREATE TRIGGER action_hold_lifted BEFORE UPDATE ON action_hold
    WHEN OLD.lifted_at IS NOT NULL OR NEW.lifted_at IS NULL OR NEW.lifted_by IS NULL OR NEW.lifted_reason IS NULL
      OR NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind OR NEW.at IS NOT OLD.at OR NEW."by" IS NOT OLD."by"
      OR NEW.reason IS NOT OLD.reason
    BEGIN SELECT RAISE(ABORT, 'action_hold: it can only be lifted, once'); END""",
    """CREATE TRIGGER action_hold_no_delete BEFORE DELETE ON action_hold
    BEGIN SELECT RAISE(ABORT, 'action_hold: it can only be lifted, once'); END""",
    """CREATE TRIGGER action_hold_no_replace BEFORE INSERT ON action_hold WHEN EXISTS (SELECT 1 FROM action_hold WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'action_hold: it can only be lifted, once'); END""",
)


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, %SCHEMA%, pg_temp AS $$ {body} $$"
    )


def _refuse(when: str, message: str) -> str:
    return f"IF {when} THEN RAISE insufficient_privilege USING MESSAGE = 'intent: {message}'; END IF;"


_PEOPLE: Final = "('technician', 'approver', 'admin')"
_APPROVERS: Final = "('approver', 'admin')"
_HOURS: Final = f"make_interval(hours => least({_limit('approval_hours')}, 72))"

_OWN_HOLD: Final = f"""OLD.kind = '{Hold.RATE}' AND NEW.lifted_by = OLD."by\""""

_POSTGRESQL: Final = (
    _function(
        "intent_requested",
        f"""BEGIN
      NEW.requested_by := session_user;
      NEW.requested_at := clock_timestamp();
      NEW.requested_entra := (SELECT entra FROM operator WHERE name = session_user AND removed_at IS NULL);
      NEW.standing := '{Standing.REQUESTED}';
      NEW.lane := CASE WHEN NEW.act IN ({_words(DESTRUCTIVE)}) THEN '{_WIPING}' ELSE NEW.act END;
      NEW.approved_by := NULL; NEW.approved_at := NULL; NEW.sending_at := NULL; NEW.sent_as := NULL; NEW.accepted_at := NULL;
      NEW.command_id := NULL; NEW.approval_code := NULL; NEW.seen_pending := false; NEW.closed_at := NULL;
      IF NEW.lane = '{_WIPING}' THEN
        PERFORM pg_advisory_xact_lock({LOCK});
        {_refuse(f"{_HELD})", "destructive actions are held back")}
        {_refuse(
            f"({_RECENT}clock_timestamp() - interval '1 day' AND requested_by = session_user) >= {_limit('daily_per_operator')}",
            "the daily limit is reached",
        )}
        IF ({_RECENT}clock_timestamp() - make_interval(mins => {_limit('hold_minutes')})) >= {_limit('hold_count')} THEN
          INSERT INTO action_hold (kind, at, by) VALUES ('{Hold.RATE}', clock_timestamp(), session_user);
        END IF;
      END IF;
      RETURN NEW;
    END""",
    ),
    "CREATE TRIGGER intent_requested BEFORE INSERT ON intent FOR EACH ROW EXECUTE FUNCTION intent_requested()",
    _function(
        "intent_moved",
        f"""DECLARE mover text;
    BEGIN
      {_refuse(_changed("IS DISTINCT FROM"), "what it is about never changes")}
      {_refuse(f"OLD.standing NOT IN ({_words(OPEN)})", "it is over")}
      NEW.approved_by := OLD.approved_by;
      NEW.approved_at := OLD.approved_at;
      IF NEW.standing = OLD.standing THEN
        {_refuse("NEW.sending_at IS DISTINCT FROM OLD.sending_at", "only sending sets its time")}
        RETURN NEW;
      END IF;
      mover := (SELECT m FROM (VALUES {_moves()}) AS move (b, a, m) WHERE b = OLD.standing AND a = NEW.standing);
      {_refuse("mover IS NULL", "there is no such move")}
      {_refuse(f"mover = '{Mover.REQUESTER}' AND session_user <> OLD.requested_by", "only who requested it does this")}
      {_refuse(
          f"mover = '{Mover.SECOND}' AND (session_user = OLD.requested_by OR audit_role() NOT IN {_APPROVERS})",
          "an approver who did not request it does this",
      )}
      {_refuse(f"mover = '{Mover.ANYBODY}' AND audit_role() NOT IN {_PEOPLE}", "a person does this")}
      IF NEW.standing = '{Standing.APPROVED}' AND OLD.standing = '{Standing.REQUESTED}' THEN
        NEW.approved_by := session_user;
        NEW.approved_at := clock_timestamp();
      END IF;
      IF NEW.standing = '{Standing.SENDING}' THEN
        NEW.sending_at := clock_timestamp();
        {_refuse(f"{_HELD} AND kind = '{Hold.FREEZE}')", "all actions are frozen")}
        IF NEW.lane = '{_WIPING}' THEN
          {_refuse(f"{_HELD})", "destructive actions are held back")}
          {_refuse("OLD.approved_by IS NULL", "nobody has approved it")}
          {_refuse(f"OLD.approved_at < clock_timestamp() - {_HOURS}", "its approval has expired")}
        END IF;
      END IF;
      NEW.closed_at := CASE WHEN NEW.standing IN ({_words(OPEN)}) THEN NULL ELSE clock_timestamp() END;
      RETURN NEW;
    END""",
    ),
    "CREATE TRIGGER intent_moved BEFORE UPDATE ON intent FOR EACH ROW EXECUTE FUNCTION intent_moved()",
    _function("written_by", 'BEGIN NEW."by" := session_user; NEW.at := clock_timestamp(); RETURN NEW; END'),
    *(
        f"CREATE TRIGGER {table}_of BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION written_by()"
        for table in _APPEND_ONLY
    ),
    _function(
        "action_hold_begun",
        f"""BEGIN
      IF NEW.kind = '{Hold.FREEZE}' THEN NEW."by" := session_user; END IF;
      NEW.at := clock_timestamp(); NEW.lifted_at := NULL; NEW.lifted_by := NULL; NEW.lifted_reason := NULL;
      RETURN NEW;
    END""",
    ),
    "CREATE TRIGGER action_hold_begun BEFORE INSERT ON action_hold FOR EACH ROW EXECUTE FUNCTION action_hold_begun()",
    _function(
        "action_hold_lifted",
        f"""BEGIN
      {_refuse(
          "OLD.lifted_at IS NOT NULL OR NEW.lifted_reason IS NULL OR"
          ' (NEW.id, NEW.kind, NEW.at, NEW."by", NEW.reason) IS DISTINCT FROM (OLD.id, OLD.kind, OLD.at, OLD."by", OLD.reason)',
          "a hold can only be lifted, once",
      )}
      {_refuse(f"audit_role() NOT IN {_APPROVERS}", "an approver lifts a hold")}
      NEW.lifted_by := session_user; NEW.lifted_at := clock_timestamp();
      {_refuse(_OWN_HOLD, "somebody else lifts a hold than who set it off")}
      RETURN NEW;
    END""",
    ),
    "CREATE TRIGGER action_hold_lifted BEFORE UPDATE ON action_hold FOR EACH ROW EXECUTE FUNCTION action_hold_lifted()",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table, verbs in (
            ("intent", "DELETE OR TRUNCATE"),
            *((table, "UPDATE OR DELETE OR TRUNCATE") for table in _APPEND_ONLY),
            ("action_hold", "DELETE OR TRUNCATE"),
        )
    ),
    *(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        for name in ("intent_requested", "intent_moved", "written_by", "action_hold_begun", "action_hold_lifted")
    ),
)  # fmt: skip
