"""Devices in stock weighed against what units lack, and kept for the list: the equality rules decide who lacks what."""

from collections.abc import Sequence
from datetime import datetime

from devreg.domain.circulation import offers
from devreg.domain.equality import UnitLine
from devreg.services.equality import measure
from devreg.settings import Equality
from devreg.store import local_time, stock
from devreg.store import offers as store
from devreg.store.engine import Sessions, told_plainly
from devreg.store.repeating import repeats


@repeats
def weigh(sessions: Sessions, equality: Equality, now: datetime) -> None:
    """Have the list say what can be offered now; nothing is written where it says so already."""
    lines = measure(sessions, equality, now).units
    with told_plainly("read what is in stock"), sessions.read.begin() as session:
        classes, kept = stock.classes(session, local_time.day(session, now)), store.kept(session)
    wanted = offers([_need(line, classes) for line in lines if line.shortfall], _free(lines, classes))
    if list(wanted) != kept:
        with told_plainly("keep what can be offered"), sessions.write.begin() as session:
            store.keep(session, wanted)


def _need(line: UnitLine, classes: Sequence[stock.Class]) -> tuple[str, int, tuple[str, ...]]:
    """The unit, its shortfall, and the kinds its pupils have, most frequent first."""
    held = [item for item in classes if item.unit == line.unit.id and item.pupils and item.kind]
    held.sort(key=lambda item: -item.pupils)
    return line.unit.id, line.shortfall or 0, tuple(str(item.kind) for item in held)


def _free(lines: Sequence[UnitLine], classes: Sequence[stock.Class]) -> dict[tuple[str | None, str], int]:
    """What is in stock, but for units that lack devices themselves."""
    short = {line.unit.id for line in lines if line.shortfall}
    return {
        (item.unit, item.kind): item.in_stock
        for item in classes
        if item.kind and item.in_stock and item.unit not in short
    }
