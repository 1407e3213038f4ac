"""Units as a tree: what belongs to one, at whatever depth. The one place that walks it downwards."""

from typing import Any

from sqlalchemy import ColumnElement, select

from devreg.store.schema import unit


def below(first: ColumnElement[bool]) -> Any:
    """SQL of the ids of the units for which `first` holds, and of all below them; a circle of units is gone round once."""
    tree = select(unit.c.id).where(first).cte(recursive=True)
    tree = tree.union(select(unit.c.id).where(unit.c.parent == tree.c.id))
    return select(tree.c.id)


def pairs() -> Any:
    """SQL of each unit (`top`) with itself and with every unit below it (`id`)."""
    known = select(unit.c.id.label("top"), unit.c.id.label("id")).cte("below", recursive=True)
    return known.union(select(known.c.top, unit.c.id).where(unit.c.parent == known.c.id))
