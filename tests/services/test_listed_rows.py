"""Rows that a source lists as it did before are not read again, and nothing is lost by it; on both engines."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from register_rig import changes, devices, dump, later, row, rows, run

from devreg.domain.observation import Subject
from devreg.ports import ListedRow, Page, Record, Rejected
from devreg.store import schema
from devreg.store.engine import Sessions, connect

CODE = "131052-308T"


class Console:
    """Lists rows, and notes which of them are read."""

    def __init__(self, *records: Record | Rejected) -> None:
        self.items = {str(item.native_id): item for item in records}
        self.hashes = {native_id: f"{native_id:.<16.16}".encode() for native_id in self.items}
        self.read: list[str] = []

    def says(self, record: Record | Rejected, row_hash: str = "") -> None:
        native_id = str(record.native_id)
        self.items[native_id] = record
        self.hashes[native_id] = f"{row_hash or native_id + '!':.<16.16}".encode()

    def page(self, without: Sequence[str] = ()) -> Page:
        self.read = []
        listed = [
            ListedRow(Subject.DEVICE, native_id, self.hashes[native_id], lambda n=native_id: self._read(n))
            for native_id in self.items
            if native_id not in without
        ]
        return Page((), listed=tuple(listed))

    def _read(self, native_id: str) -> Record | Rejected:
        self.read.append(native_id)
        return self.items[native_id]


def laptop(number: int, **body: str) -> Record:
    return row(f"n{number}", serial=f"SER{number:05d}", **{"name": f"pc-{number}"} | body)


def test_only_rows_that_differ_are_read(sessions: Sessions) -> None:
    console = Console(*(laptop(number) for number in range(5)))
    assert run(sessions, console.page()).counts.new == 5
    assert console.read == ["n0", "n1", "n2", "n3", "n4"]
    console.says(laptop(3, name="renamed"))
    ended = run(sessions, console.page(), now=later(60))
    assert console.read == ["n3"]
    assert (ended.verdict, ended.counts.seen, ended.counts.same, ended.counts.changed) == ("complete", 5, 4, 1)
    assert changes(sessions) == [(4, "name", "pc-3", "renamed")]
    assert {line["last_seen"] for line in rows(sessions, schema.sighting)} == {later(60)}


def test_a_register_fed_by_listed_rows_is_the_one_that_reads_everything(
    sessions: Sessions, make_register: Callable[[str, Path], str], tmp_path: Path
) -> None:
    other = connect(make_register("sqlite", tmp_path), tmp_path)
    console = Console(*(laptop(number) for number in range(4)))
    for step in range(3):
        run(sessions, console.page(), now=later(step))
        run(other, Page(tuple(item for item in console.items.values() if isinstance(item, Record))), now=later(step))
        console.says(laptop(step, name=f"renamed {step}"), f"hash {step}")
    without = ["row_hash"]
    assert dump(sessions, without=without) == dump(other, without=without)
    other.close()


def test_a_row_that_differs_in_nothing_that_is_kept_is_read_once(sessions: Sessions) -> None:
    console = Console(laptop(1), laptop(2))
    run(sessions, console.page())
    console.says(laptop(1), "other")
    assert run(sessions, console.page(), now=later(1)).counts.same == 2
    assert console.read == ["n1"]
    assert run(sessions, console.page(), now=later(2)).counts.same == 2
    assert console.read == []


def test_a_row_of_which_only_the_volatile_part_differs_is_read_once(sessions: Sessions) -> None:
    console = Console(laptop(1), laptop(2))
    run(sessions, console.page())
    console.says(Record(Subject.DEVICE, "n1", dict(laptop(1).body), {"as_of": later(5).isoformat()}), "synced")
    run(sessions, console.page(), now=later(10))
    assert console.read == ["n1"]
    assert [line["as_of"] for line in rows(sessions, schema.record)] == [later(5), None]
    run(sessions, console.page(), now=later(20))
    assert console.read == []


def test_another_mapping_reads_every_row(sessions: Sessions) -> None:
    console = Console(laptop(1), laptop(2))
    run(sessions, console.page())
    run(sessions, console.page(), now=later(1), mapping="2")
    assert console.read == ["n1", "n2"]
    run(sessions, console.page(), now=later(2), mapping="2")
    assert console.read == []


def test_a_newer_program_reads_every_row_once(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(laptop(1), laptop(2))
    run(sessions, console.page())
    monkeypatch.setattr("devreg.__version__", "99.0")
    assert run(sessions, console.page(), now=later(1)).counts.same == 2
    assert console.read == ["n1", "n2"]
    run(sessions, console.page(), now=later(2))
    assert console.read == []


def test_a_record_that_was_gone_is_read_when_it_is_listed_again(sessions: Sessions) -> None:
    console = Console(*(laptop(number) for number in range(30)))
    run(sessions, console.page())
    assert run(sessions, console.page(without=["n7"]), now=later(1)).counts.missing == 1
    ended = run(sessions, console.page(), now=later(2))
    assert console.read == ["n7"]
    assert (ended.counts.missing, [line for line in rows(sessions, schema.record) if line["gone_at"]]) == (0, [])


def test_a_row_that_cannot_be_read_is_tried_each_time_and_is_never_missing(sessions: Sessions) -> None:
    console = Console(*(laptop(number) for number in range(30)))
    run(sessions, console.page())
    console.says(Rejected("n7", "a field does not fit", "{}"))
    for minutes in (1, 2):
        ended = run(sessions, console.page(), now=later(minutes))
        assert console.read == ["n7"]
        assert (ended.counts.seen, ended.counts.rejected, ended.counts.missing) == (30, 1, 0)
    console.says(laptop(7), "n7")
    assert run(sessions, console.page(), now=later(3)).counts.same == 30
    assert devices(sessions)[7]["name"] == "pc-7"


def test_a_personal_code_is_told_of_at_each_run_and_never_kept(sessions: Sessions) -> None:
    console = Console(laptop(1, name=f"of {CODE}"), laptop(2))
    for minutes in (0, 1, 2):
        ended = run(sessions, console.page(), now=later(minutes))
        assert ended.counts.masked == 1
    assert console.read == ["n1"]
    assert CODE not in repr(dump(sessions))


@pytest.mark.parametrize("native_id", ["", "x" * 5_000, "a\0b"])
def test_a_row_whose_id_no_database_takes_is_set_aside(sessions: Sessions, native_id: str) -> None:
    console = Console(laptop(1), row(native_id, serial="SER9"))
    ended = run(sessions, console.page())
    assert (ended.counts.new, ended.counts.rejected) == (1, 1)


def test_a_row_listed_twice_counts_as_its_last_says(sessions: Sessions) -> None:
    first, second = Console(laptop(1)), Console(laptop(1, name="later"))
    second.says(laptop(1, name="later"))
    both = Page((), listed=(*first.page().listed, *second.page().listed))
    assert run(sessions, both).counts.seen == 1
    assert devices(sessions)[0]["name"] == "later"
