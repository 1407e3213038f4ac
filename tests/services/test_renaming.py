"""A source with another name is the same source: its records, its place in the policy, its interrupted run; not its past."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from killed import day, pages
from operator_rig import opened, staffed
from register_rig import (
    Listed,
    actor,
    changes,
    devices,
    dump,
    laptops,
    later,
    observe,
    page,
    row,
    rows,
    run,
    run_of,
)
from sqlalchemy import Text, cast, select

from devreg.domain.observation import Subject
from devreg.domain.policy import Weighing, policy_of
from devreg.domain.rights import Role
from devreg.errors import AlreadyRunning, Misconfigured, NotFound, Refused
from devreg.ports import Page
from devreg.services.devices import HAND
from devreg.services.ingest import Feed
from devreg.services.renaming import rename_source
from devreg.services.replay import replay
from devreg.store import locks, policies, schema, sources
from devreg.store.engine import Sessions


def rename(sessions: Sessions, old: str = "intune", new: str = "intune-city", **more: Any) -> None:
    rename_source(sessions, old, new, **{"actor": actor(), "now": later(30), **more})


def replayed(sessions: Sessions, *names: str, policy: Any = None) -> None:
    feeds = {name: Feed(name, "intune" if name.startswith("intune") else "sheet", observe, (), "1") for name in names}
    with sessions.read.begin() as session:
        policy = policies.in_force(session) if policy is None else policy
    replay(sessions, feeds, actor=actor(), now=later(31), policy=policy)


def places_that_say(sessions: Sessions, name: str) -> set[str]:
    """Columns of any table in which the text stands, on its own or among others."""
    found = set()
    with sessions.read.begin() as session:
        for table in schema.metadata.tables.values():
            for column in table.c:
                told = select(column).where(cast(column, Text).contains(name)).limit(1)
                if session.execute(told).first() is not None:
                    found.add(f"{table.name}.{column.name}")
    return found


def test_the_old_name_stands_nowhere_but_in_the_history(sessions: Sessions) -> None:
    day(sessions)
    rename(sessions)
    rename(sessions, "papers", "purchases")
    history = {
        "change.by",
        "change.new",
        "contract_change.by",
        "audit.about",
        "audit_detail.before",
        "audit_detail.after",
    }
    new = {"run.source", "source.name", "source_record.source", "device.sources", "audit.about", "audit_detail.after"}
    new |= {"contract.source", "rejected_record.source", "tool_rule.tool"}
    assert places_that_say(sessions, "intune-city") == new
    assert places_that_say(sessions, "intune") - history <= new | {"source.kind"}
    assert places_that_say(sessions, "papers") <= history
    assert {line["source"] for line in rows(sessions, schema.run)} == {"intune-city", "purchases", HAND}


def test_a_replay_after_renaming_changes_nothing(sessions: Sessions) -> None:
    day(sessions)
    rename(sessions)
    rename(sessions, "papers", "a-list")
    before = dump(sessions)
    replayed(sessions, "intune-city", "a-list")
    assert dump(sessions) == before


def test_the_next_run_knows_every_record_again(sessions: Sessions) -> None:
    run(sessions, page(*laptops(5)))
    rename(sessions)
    ended = run(sessions, page(*laptops(4)), name="intune-city", now=later(40))
    assert (ended.counts.same, ended.counts.new) == (4, 0)
    assert len(devices(sessions)) == 5


def test_an_interrupted_run_goes_on_under_the_new_name(sessions: Sessions) -> None:
    with pytest.raises(_Killed):
        run_of(sessions, _Cut(*pages()))
    rename(sessions, now=later(1))
    again = Listed(*pages())
    ended = run_of(sessions, again, name="intune-city", now=later(2))
    assert (again.asked, ended.run_id, ended.verdict) == (["3"], 1, "complete")


class _Killed(BaseException):
    """As a killed process ends: nobody catches it."""


class _Cut(Listed):
    """Three pages and no more."""

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        yield from islice(super().pages(checkpoint), 3)
        raise _Killed


def test_where_names_decide_between_equals_the_new_name_decides(sessions: Sessions) -> None:
    run(sessions, page(row("1", serial="SER1A", name="from b")), name="b")
    run(sessions, page(row("1", serial="SER1A", name="from c")), name="c", now=later(1))
    assert devices(sessions)[0]["name"] == "from b"
    rename(sessions, "c", "a")
    assert (devices(sessions)[0]["name"], devices(sessions)[0]["sources"]) == ("from c", "a b")
    assert changes(sessions)[-1] == (1, "name", "from b", "from c")
    assert rows(sessions, schema.change)[-1]["by"] == "me"


def test_the_policy_in_force_names_the_source_anew(sessions: Sessions) -> None:
    weighed = policy_of(
        {"name": Weighing(("c",)), "room": Weighing(write_if_empty=("c",)), "model": Weighing(locked="c")}
    )
    run(sessions, page(row("1", serial="SER1A", name="from b", model="B")), name="b", policy=weighed)
    run(sessions, page(row("1", serial="SER1A", name="from c", model="C", room="C")), name="c", policy=weighed)
    rename(sessions, "c", "z")
    line = devices(sessions)[0]
    assert (line["name"], line["model"], line["room"]) == ("from c", "C", "C")
    with sessions.read.begin() as session:
        kept = policies.in_force(session).fields
    assert (kept["name"].sources[0], kept["room"].write_if_empty, kept["model"].locked) == ("z", ("z",), "z")


def test_a_name_that_is_taken_or_no_name_is_refused_and_changes_nothing(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2)))
    run(sessions, page(row("1", serial="SER9A")), name="papers", kind="sheet")
    before = dump(sessions)
    with pytest.raises(Misconfigured, match="already"):
        rename(sessions, "intune", "papers")
    with pytest.raises(Misconfigured, match="already"):
        rename(sessions, "intune", "intune")
    for name in ("", "two words", "../up", HAND, "x" * 41):
        with pytest.raises(Misconfigured, match="can't be the name"):
            rename(sessions, "intune", name)
    with pytest.raises(NotFound, match="no source 'nobody'") as caught:
        rename(sessions, "nobody", "somebody")
    assert "intune, papers" in caught.value.next_step
    with pytest.raises(NotFound):
        rename(sessions, "../up", "somebody")
    with pytest.raises(Misconfigured, match="people typed"):
        rename(sessions, HAND, "hand")
    assert dump(sessions) == before


@pytest.mark.parametrize("name", ["intune", "intune-city"])
def test_nothing_is_renamed_while_it_is_collected(sessions: Sessions, name: str) -> None:
    run(sessions, page(*laptops(2)))
    with locks.hold(sessions, name), pytest.raises(AlreadyRunning, match=name):
        rename(sessions)
    with sessions.read.begin() as session:
        assert sources.known(session) == {"intune"}


def test_only_an_admin_renames_and_the_trail_tells(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2)))
    with pytest.raises(Refused):
        rename(sessions, actor=actor(role=Role.APPROVER))
    rename(sessions)
    told = [
        (line["act"], line["about"], line["outcome"])
        for line in rows(sessions, schema.audit)
        if line["right"] == "keep"
    ]
    assert told == [("rename a source", "intune", "refused"), ("rename source", "intune-city", "done")]


def test_a_replay_waits_for_no_source_that_only_the_register_knows(sessions: Sessions) -> None:
    run(sessions, page(*laptops(2)), name="forgotten")
    with locks.hold(sessions, "forgotten"), pytest.raises(AlreadyRunning, match="forgotten"):
        replayed(sessions, "intune")
    replayed(sessions, "intune")


def test_an_admin_of_a_postgresql_register_has_the_grants_to_rename(
    fresh_register: Callable[[str], str], tmp_path: Path
) -> None:
    address = fresh_register("postgresql")
    with opened(address, tmp_path) as sessions:
        day(sessions)
        run(sessions, page(row("p", Subject.PERSON, name="Aalto Ilma"), row("u", Subject.UNIT, id="u", name_fi="U")))
    admin = staffed(address, tmp_path)[Role.ADMIN]
    with opened(admin, tmp_path) as sessions:
        rename(sessions)
        assert {line["source"] for line in rows(sessions, schema.person)} == {"intune-city"}
