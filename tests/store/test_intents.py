"""What the database itself refuses of remote actions, whatever program asks: raw SQL past every service."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from intent_rig import Office
from sqlalchemy.exc import DBAPIError

from devreg.domain.action import MOVES, Mover, Standing
from devreg.domain.platforms import DESTRUCTIVE, RemoteAct
from devreg.services import act
from devreg.store.migrations import intents_guarded

ENGINES = ("sqlite", "postgresql")
COPIED = "device_id, act, lane, source, native_id, mode, reason, request_id, requested_by, requested_at, standing, seen_pending, options"
"""What a row needs, so that tests can write one of their own making."""


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, fresh_register: Callable[[str], str], tmp_path: Path) -> Iterator[Office]:
    made = Office(request.param, fresh_register(request.param), tmp_path)
    yield made
    made.close()


@pytest.fixture
def shared(fresh_register: Callable[[str], str], tmp_path: Path) -> Iterator[Office]:
    made = Office("postgresql", fresh_register("postgresql"), tmp_path)
    yield made
    made.close()


def refused(office: Office, statement: str, who: str | None = "anna", **values: object) -> str:
    """Why the database did not take the statement."""
    with pytest.raises(DBAPIError) as caught:
        office.raw(statement, who, **values)
    return str(caught.value.orig)


def put(office: Office, standing: Standing, kind: RemoteAct = RemoteAct.LOCK) -> None:
    """The one intent stands so, however it came there."""
    values = f"standing = '{standing}', closed_at = NULL, sending_at = NULL, act = '{kind}'"
    if office.engine == "postgresql":
        with office.past_the_guards() as run_it:
            run_it(f"UPDATE intent SET {values}")
        return
    names = [name for name in intents_guarded.names("sqlite") if name.startswith("intent_moved")]
    (statement,) = [text for text in intents_guarded._SQLITE if text.split()[2] in names]
    for name in names:
        office.raw(f"DROP TRIGGER {name}")
    office.raw(f"UPDATE intent SET {values}")
    office.owner.engine.raw_connection().driver_connection.execute(statement)


@pytest.mark.parametrize(("before", "after"), list(product(Standing, Standing)))
def test_the_database_takes_the_moves_there_are_and_no_other(lock: Office, before: Standing, after: Standing) -> None:
    """Moved by who requested it, of a lock: what a second person must do is refused to them where the database knows who they are."""
    if before is after:
        return
    put(lock, before)
    mover = MOVES.get((before, after))
    statement = f"UPDATE intent SET standing = '{after}'"
    if mover is None or (mover is Mover.SECOND and lock.engine == "postgresql"):
        said = refused(lock, statement)
        assert any(why in said for why in ("it is over", "no such move", "did not request it"))
    else:
        lock.raw(statement, "anna")


@pytest.fixture(scope="module", params=ENGINES)
def lock(
    request: pytest.FixtureRequest, make_register: Callable[[str, Path], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """An office with a lock that anna requested."""
    folder = tmp_path_factory.mktemp("office")
    made = Office(request.param, make_register(request.param, folder), folder)
    made.ask(RemoteAct.LOCK)
    yield made
    made.close()


@pytest.mark.parametrize(
    "name", [name for name in intents_guarded._BOUND if name not in {"id", "options", "device_id"}]
)
def test_what_an_intent_is_about_never_changes(lock: Office, name: str) -> None:
    put(lock, Standing.REQUESTED)
    value = "'2020-01-01T00:00:00.000000Z'" if name == "requested_at" else "'other'"
    assert refused(lock, f'UPDATE intent SET "{name}" = {value}', None)


def test_rows_are_neither_deleted_nor_replaced(office: Office) -> None:
    office.ask(RemoteAct.LOCK)
    office.raw("INSERT INTO action_hold (kind, at, by) VALUES ('rate', '2026-11-24T10:00:00.000000Z', 'anna')")
    for table in ("intent", "intent_event", "action_hold"):
        refused(office, f"DELETE FROM {table}", None)
    refused(office, "UPDATE intent_event SET after = 'confirmed'", None)
    if office.engine == "postgresql":
        for table in ("intent", "intent_event", "action_hold"):
            refused(office, f"TRUNCATE {table} CASCADE", None)
    else:
        columns = '"id", "intent_id", "at", "by", "after"'
        refused(office, f"INSERT OR REPLACE INTO intent_event ({columns}) VALUES (1, 1, 'x', 'x', 'confirmed')", None)
        refused(office, "INSERT OR REPLACE INTO intent SELECT * FROM intent", None)


def test_one_open_intent_a_device_and_lane(office: Office) -> None:
    office.ask(RemoteAct.WIPE)
    other = COPIED.replace("act,", "'retire',", 1)
    said = refused(office, f"INSERT INTO intent ({COPIED}) SELECT {other} FROM intent", None)
    assert "ix_intent_open" in said or "intent.device_id, intent.lane" in said


@pytest.mark.parametrize("kind", sorted(DESTRUCTIVE))
def test_a_destructive_act_cannot_pass_for_a_harmless_one(office: Office, kind: RemoteAct) -> None:
    office.ask(RemoteAct.LOCK)
    forged = COPIED.replace("act, lane", f"'{kind}', 'sync'", 1)
    statement = f"INSERT INTO intent ({COPIED}) SELECT {forged} FROM intent"
    if office.engine == "sqlite":
        assert "begins as requested" in refused(office, statement)
    else:
        office.raw(statement, "anna")
        assert office.intents()[-1]["lane"] == "destructive"


def test_who_requests_and_approves_is_who_is_signed_in(shared: Office) -> None:
    names = {name: shared.who(name)[1].name for name in ("anna", "bertta", "carl", "timer", "viewer")}
    shared.ask(RemoteAct.WIPE, who="bertta")
    assert refused(shared, "UPDATE intent SET standing = 'approved'", "bertta").startswith(
        "intent: an approver who did not"
    )
    assert "did not request" in refused(shared, "UPDATE intent SET standing = 'approved'", "anna")
    for forged in ("approved_by = :other", "approved_by = :other, approved_at = now()"):
        shared.raw(f"UPDATE intent SET {forged}", "carl", other=names["carl"])
    assert shared.intents()[0]["approved_by"] is None  # only approving names an approver
    assert "permission denied" in refused(shared, "UPDATE intent SET requested_by = 'carl'", "carl")
    assert "permission denied" in refused(shared, "UPDATE intent SET standing = 'approved'", "viewer")
    assert "did not request" in refused(shared, "UPDATE intent SET standing = 'approved'", "timer")
    shared.raw("UPDATE intent SET standing = 'approved', approved_by = 'somebody'", "carl")
    assert shared.intents()[0]["approved_by"] == names["carl"]
    for who in ("anna", "carl", "timer"):
        assert refused(shared, "UPDATE intent SET standing = 'sending'", who)
    shared.raw("UPDATE intent SET standing = 'sending'", "bertta")


def test_a_wipe_is_not_sent_unapproved_or_late_or_while_held(shared: Office) -> None:
    shared.ask(RemoteAct.WIPE)
    assert "nobody has approved it" in refused(shared, "UPDATE intent SET standing = 'sending'")
    sessions, actor = shared.who("carl")
    act.approve(sessions, actor, 1, reason=None, now=shared.now())
    for kind, said in (("freeze", "frozen"), ("rate", "held back")):
        shared.raw("INSERT INTO action_hold (kind, at, by) VALUES (:kind, now(), 'x')", kind=kind)
        assert said in refused(shared, "UPDATE intent SET standing = 'sending'")
        with shared.past_the_guards() as run_it:
            run_it("UPDATE action_hold SET lifted_at = now(), lifted_by = 'y', lifted_reason = 'z'")
    shared.pass_time(timedelta(hours=25))
    assert "expired" in refused(shared, "UPDATE intent SET standing = 'sending'")


def test_what_was_forged_into_a_new_row_does_not_count(shared: Office) -> None:
    """A technician writes a row of their own making: approved by another, requested long ago, by somebody else."""
    shared.ask(RemoteAct.LOCK)
    forged = COPIED.replace("act, lane", "'wipe', 'destructive'").replace(
        "requested_by, requested_at, standing", "'carl', now() - interval '9 days', 'approved'"
    )
    shared.raw(f"INSERT INTO intent ({COPIED}) SELECT {forged} FROM intent", "anna")
    line = shared.intents()[-1]
    assert (line["requested_by"], line["standing"], line["approved_by"]) == (
        shared.who("anna")[1].name,
        "requested",
        None,
    )
    harmless = forged.replace("'wipe', 'destructive'", "'sync', 'sync'")
    forgery = f"INSERT INTO intent ({COPIED}, approved_by) SELECT {harmless}, 'carl' FROM intent WHERE act = 'lock'"
    assert "permission denied" in refused(shared, forgery)


def test_limits_are_an_admins_and_the_count_is_of_who_is_signed_in(shared: Office) -> None:
    for who in ("anna", "carl", "timer", "viewer"):
        assert "permission denied" in refused(
            shared, "INSERT INTO action_limit (name, value) VALUES ('daily_per_operator', '99')", who
        )
    shared.ask(RemoteAct.LOCK)
    for number in range(3):
        forged = COPIED.replace("device_id, act, lane", "1, 'wipe', 'x'").replace(
            "requested_by", f"'somebody {number}'"
        )
        shared.raw(f"INSERT INTO intent ({COPIED}) SELECT {forged} FROM intent WHERE act = 'lock'", "anna")
        with shared.past_the_guards() as run_it:
            run_it("UPDATE intent SET standing = 'cancelled' WHERE act = 'wipe'")
    forged = COPIED.replace("device_id, act, lane", "1, 'wipe', 'x'").replace("requested_by", "'somebody else'")
    said = refused(shared, f"INSERT INTO intent ({COPIED}) SELECT {forged} FROM intent WHERE act = 'lock'")
    assert "daily limit" in said


def test_who_set_a_hold_off_does_not_lift_it(shared: Office) -> None:
    name = shared.who("bertta")[1].name
    shared.raw("INSERT INTO action_hold (kind, at, by) VALUES ('rate', now(), :name)", name=name)
    lifted = "UPDATE action_hold SET lifted_at = now(), lifted_by = 'carl', lifted_reason = 'looked'"
    assert "somebody else lifts" in refused(shared, lifted, "bertta")
    assert "permission denied" in refused(shared, lifted, "anna")
    shared.raw(lifted, "carl")
    assert "only be lifted, once" in refused(shared, lifted, "carl")


def test_functions_of_the_guards_pin_where_they_look_and_nobody_may_call_them(shared: Office) -> None:
    found = shared.raw(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        " AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=pg_catalog%', false)"
    )
    assert found == 0
    open_to_all = shared.raw(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'intent%'"
        " AND has_function_privilege('public', oid, 'EXECUTE')"
    )
    assert open_to_all == 0
