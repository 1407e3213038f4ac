"""A working day in a process that tests kill: `python killed.py ADDRESS FOLDER PAUSE [before|after NUMBER]`.

Prints a line before the first page and after every page it has committed; the same day every time. With the last two it kills
itself right before or after so many commits.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from register_rig import Listed, actor, laptops, later, observe, page, row, rows, run_of
from sqlalchemy import event

from devreg.errors import Ambiguous
from devreg.ports import Page
from devreg.services.devices import add
from devreg.services.ingest import Feed
from devreg.services.replay import replay
from devreg.services.review import Answer, decide, undo
from devreg.store import schema
from devreg.store.engine import Sessions, connect
from devreg.store.runs import Counts

_ME = actor("me")
_KINDS = {"intune": "intune", "papers": "sheet"}


def pages() -> tuple[Page, ...]:
    """Eight pages: devices, two enrolments of one serial, a contract, ports, one record nobody can use."""
    lease = {"number": "L-1", "kind": "lease", "monthly_fee_cents": 1250}
    odd = (
        row("again", serial="SER00003"),
        row("leased", serial="LEASED1", contract=lease),
        row("switch", serial="SW1A", ports=[{"name": "1", "if_index": 1}, {"name": "2", "if_index": 2}]),
        row("bad", bad=True),
        *(row(f"twice {n}", serial=f"TWICE{n}", manufacturer="Dell") for n in range(3)),
    )
    return (*(page(*laptops(12, 12 * n)) for n in range(7)), page(*odd))


def _later_pages() -> tuple[Page, ...]:
    """The same in the afternoon: some renewed, one with another board, five gone."""
    first, *others, last = pages()
    renewed = page(*laptops(7, room="B2"), row("hand", serial="HAND1"))
    board = row("leased", serial="LEASED2", contract={"number": "L-1", "kind": "lease", "monthly_fee_cents": 1300})
    return renewed, *others, page(board, *(one for one in last.records if one.native_id != "leased"))


def _papers(room: str) -> Page:
    twice = (row(f"paper {n}", serial=f"TWICE{n}", manufacturer="HP", room=room) for n in range(3))
    return page(*twice, row("paper old", serial="LEASED1", room=room), row("paper hand", serial="HAND2", room=room))


def day(
    sessions: Sessions, listed: Callable[..., Listed] = Listed, told: Callable[[Counts], None] | None = None
) -> None:
    """Two sources collected twice, and a person at work between; what was done before it was cut off is not done again."""
    _collect(sessions, 1, "intune", listed(*pages()), told)
    _add(sessions, 2, "HAND1")
    _collect(sessions, 3, "papers", listed(_papers("A1")), told)
    _answer(sessions, 4, "paper 0", Answer.MERGE)
    _answer(sessions, 5, "paper 1", Answer.KEEP)
    _answer(sessions, 6, "paper 2", Answer.MERGE)
    _undo(sessions, 7, "paper 2")
    _add(sessions, 8, "HAND3")
    _collect(sessions, 9, "intune", listed(*_later_pages()), told)
    _collect(sessions, 10, "papers", listed(_papers("A2")), told)
    feeds = {name: Feed(name, kind, observe, (), "1") for name, kind in _KINDS.items()}
    replay(sessions, feeds, actor=_ME, now=later(11))


def _collect(sessions: Sessions, minute: int, name: str, source: Listed, told: Callable[[Counts], None] | None) -> None:
    started = {
        line["started"]
        for line in rows(sessions, schema.run)
        if (line["source"], line["verdict"]) == (name, "complete")
    }
    if later(minute) not in started:
        assert run_of(sessions, source, name, _KINDS[name], later(minute), progress=told).verdict == "complete"


def _add(sessions: Sessions, minute: int, serial: str) -> None:
    try:
        add(sessions, _ME, {"serial": serial, "room": "cupboard"}, "found in a cupboard", later(minute))
    except Ambiguous:
        assert any(line["key"] == f"serial:{serial}" for line in rows(sessions, schema.record_key))


def _decisions(sessions: Sessions, native_id: str) -> list[dict[str, Any]]:
    about = {line["id"] for line in _questions(sessions, native_id)}
    return [line for line in rows(sessions, schema.decision) if line["review_id"] in about]


def _questions(sessions: Sessions, native_id: str) -> list[dict[str, Any]]:
    (record_id,) = (line["id"] for line in rows(sessions, schema.record) if line["native_id"] == native_id)
    return [line for line in rows(sessions, schema.review) if line["record_id"] == record_id]


def _answer(sessions: Sessions, minute: int, native_id: str, answer: Answer) -> None:
    if not _decisions(sessions, native_id):
        (question,) = (line for line in _questions(sessions, native_id) if line["closed_at"] is None)
        into = question["device_ids"][0] if answer is Answer.MERGE else None
        decide(sessions, question["id"], answer, into=into, actor=_ME, reason="looked", now=later(minute))


def _undo(sessions: Sessions, minute: int, native_id: str) -> None:
    for line in _decisions(sessions, native_id):
        if line["undone_at"] is None:
            undo(sessions, line["id"], actor=_ME, now=later(minute))


class Slow(Listed):
    """Tells how far it is, so that the test can choose its moment."""

    pause = 0.0

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        for given in super().pages(checkpoint):
            print("page", flush=True)
            yield given
            time.sleep(self.pause)


def die_at(sessions: Sessions, when: str, number: int) -> None:
    """Make the process kill itself at its commit of that number."""
    done = {"before": 0, "after": 0}

    def count(moment: str) -> None:
        done[moment] += 1
        if (moment, done[moment]) == (when, number):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(sessions.engine, "commit", lambda _: count("before"))
    event.listen(sessions.write, "after_commit", lambda _: count("after"))


if __name__ == "__main__":
    opened = connect(sys.argv[1], Path(sys.argv[2]))
    Slow.pause = float(sys.argv[3])
    if len(sys.argv) > 4:
        die_at(opened, sys.argv[4], int(sys.argv[5]))
    print("ready", flush=True)
    day(opened, Slow, lambda _: print("kept", flush=True))
    print("done", flush=True)
