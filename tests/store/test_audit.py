"""The audit trail only grows, on both engines, whoever tries what."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from register_rig import NOON, later, page, row, run
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from devreg.domain import chain
from devreg.domain.chain import Deed, Detail
from devreg.store import audit
from devreg.store.engine import Sessions

_DEED = Deed("admin", "edit", "add", "D000001", run_id=7)
_DETAIL = Detail("me", "me@school.example", "desk", "åäö 😀", None, '{"name":null}', '{"name":"pc-1"}')


def _append(sessions: Sessions, count: int = 1) -> None:
    with sessions.write.begin() as session:
        for _ in range(count):
            audit.append(session, _DEED, _DETAIL, NOON)


def _verified(sessions: Sessions) -> chain.Verified:
    with sessions.read.begin() as session:
        return chain.verify(audit.rows(session), (), audit.purged_to(session))


def test_rows_make_a_chain_that_verifies(sessions: Sessions) -> None:
    _append(sessions, 3)
    verified = _verified(sessions)
    with sessions.read.begin() as session:
        assert (verified.count, verified.fault, verified.head) == (3, None, audit.head(session).hash)
        first = next(audit.rows(session))
    assert first.link.deed == _DEED
    assert first.detail is not None
    assert (first.detail.reason, first.detail.after) == (_DETAIL.reason, _DETAIL.after)


_ATTACKS = {
    "edit": "UPDATE audit SET about = 'D000002' WHERE seq = 2",
    "edit nothing": "UPDATE audit SET about = about",
    "delete": "DELETE FROM audit WHERE seq = 3",
    "delete all": "DELETE FROM audit",
    "edit details": "UPDATE audit_detail SET reason = 'none'",
    "delete details": "DELETE FROM audit_detail WHERE seq = 1",
    "edit history": "UPDATE change SET new = 'x'",
    "delete history": "DELETE FROM change",
    "put a number in the history": "UPDATE change SET new = 'P000001'",
    "edit a step": "UPDATE transition SET reason = 'x'",
    "delete a step": "DELETE FROM transition",
    "edit a decision": "UPDATE decision SET reason = 'x'",
    "undo a decision under another's name": "UPDATE decision SET undone_at = at, undone_by = 'x', \"by\" = 'x'",
    "delete a decision": "DELETE FROM decision",
}
_SQLITE_ATTACKS = {
    "replace": "INSERT OR REPLACE INTO audit SELECT seq, at, clock_back, role, \"right\", act, 'D000009', outcome, run_id, intent_id,"
    " purged_to, commitment, previous, hash FROM audit WHERE seq = 3",
    "insert or ignore": 'INSERT OR IGNORE INTO audit SELECT seq + 5, at, clock_back, role, "right", act, about, outcome, run_id,'
    " intent_id, purged_to, commitment, previous, hash FROM audit WHERE seq = 3",
    "update or replace": "UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 3",
    "replace details": "INSERT OR REPLACE INTO audit_detail SELECT seq, salt, 'x', entra, host, reason, error, before, after"
    " FROM audit_detail",
    "replace history": "INSERT OR REPLACE INTO change SELECT id, device_id, at, run_id, by, field, old, 'x', reason FROM change",
    "upsert": "INSERT INTO audit SELECT * FROM audit WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET about = 'x'",
    "replace a decision": "INSERT OR REPLACE INTO decision SELECT id, kind, review_id, 'x', at, reason, before, undone_at, undone_by"
    " FROM decision",
}
_POSTGRES_ATTACKS = {
    "truncate": "TRUNCATE audit CASCADE",
    "truncate details": "TRUNCATE audit_detail",
    "truncate history": "TRUNCATE change",
    "truncate decisions": "TRUNCATE decision CASCADE",
    "truncate steps": "TRUNCATE transition",
    "merge": "MERGE INTO audit USING (SELECT 2 AS n) AS x ON seq = n WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO audit SELECT * FROM audit WHERE seq = 3 ON CONFLICT (seq) DO UPDATE SET about = 'x'",
    "details for an old row": "INSERT INTO audit_detail SELECT seq, salt, 'x' FROM audit_detail WHERE seq = 1",
    "details in another's name": "SELECT audit_append('r','a','b','done',1,1,NULL,NULL,NULL,NULL,NULL,NULL);"
    " INSERT INTO audit_detail SELECT max(seq), decode('00','hex'), 'boss' FROM audit",
}


@pytest.fixture
def attacker(sessions: Sessions) -> Iterator[Connection]:
    """A connection of another program to a register with something in every table; on SQLite without recursive triggers."""
    run(sessions, page(row("a", serial="SER00001")))
    _append(sessions, 3)
    with sessions.write.begin() as session:
        session.execute(
            text("INSERT INTO decision (kind, \"by\", at, before) VALUES ('merge', 'me', :at, '{}')"),
            {"at": "2026-11-24T10:00:00.000000Z"},
        )
        session.execute(
            text(
                'INSERT INTO transition (device_id, at, "by", before, after, step, reason)'
                " VALUES (1, :at, 'me', 'in_use', 'lost', 'lost', 'on a bus')"
            ),
            {"at": "2026-11-24T10:00:00.000000Z"},
        )
    engine = create_engine(sessions.engine.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _attacks(sessions: Sessions) -> dict[str, str]:
    return _ATTACKS | (_SQLITE_ATTACKS if sessions.is_sqlite else _POSTGRES_ATTACKS)


def test_nobody_changes_what_was_written(sessions: Sessions, attacker: Connection) -> None:
    before = _verified(sessions)
    for attack in _attacks(sessions).values():
        with pytest.raises(DBAPIError, match="append-only"):
            attacker.execute(text(attack))
        attacker.rollback()
    assert _verified(sessions) == before


def test_a_row_that_does_not_follow_the_last_is_refused_or_put_right(sessions: Sessions, attacker: Connection) -> None:
    forged = (
        "INSERT INTO audit SELECT 900, at, clock_back, 'admin', \"right\", act, about, outcome, run_id, intent_id, purged_to,"
        " commitment, hash, hash FROM audit WHERE seq = 2"
    )
    if sessions.is_sqlite:
        with pytest.raises(DBAPIError, match="append-only"):
            attacker.execute(text(forged))
        return
    last = _verified(sessions).count
    attacker.execute(text(forged))
    attacker.commit()
    with sessions.read.begin() as session:
        *_, row = audit.rows(session)
    assert (row.link.seq, row.link.hash) == (last + 1, chain.digest(row.link))


def test_details_go_only_when_a_row_says_so(sessions: Sessions) -> None:
    _append(sessions, 4)
    with sessions.write.begin() as session:
        audit.append(session, Deed("admin", "keep", "purge", "audit", purged_to=3), _DETAIL, later(1))
        assert audit.drop_details(session, 3) == 3
    verified = _verified(sessions)
    assert (verified.fault, verified.count, verified.purged) == (None, 5, 3)
    with pytest.raises(DBAPIError, match="append-only"), sessions.write.begin() as session:
        audit.drop_details(session, 4)


def test_every_guard_is_there_and_one_that_is_gone_is_named(sessions: Sessions) -> None:
    with sessions.write() as session:
        assert audit.guards_missing(session) == set()
        session.execute(text("DROP TRIGGER audit_next" + ("" if sessions.is_sqlite else " ON audit")))
        assert audit.guards_missing(session) == {"audit_next"}
        session.rollback()


def test_a_clock_that_goes_back_is_marked_and_reorders_nothing(sessions: Sessions) -> None:
    _append(sessions)
    if not sessions.is_sqlite:  # its clock is the server's: an owner's hand puts the last row into the future
        with sessions.write.begin() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            (first,) = audit.rows(session)
            ahead = chain.follow(None, first.link.deed, first.link.commitment, NOON + timedelta(days=36500))
            session.execute(text("UPDATE audit SET at = :at, hash = :hash"), {"at": ahead.at, "hash": ahead.hash})
    with sessions.write.begin() as session:
        audit.append(session, _DEED, _DETAIL, NOON - timedelta(hours=1))
    verified = _verified(sessions)
    assert (verified.fault, verified.count, verified.clock_back) == (None, 2, 1)
    with sessions.read.begin() as session:
        assert audit.older_than(session, NOON - timedelta(minutes=30)) == 0
        assert audit.older_than(session, NOON + timedelta(days=99999)) == 2
