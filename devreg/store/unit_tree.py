"""Units as a tree: what belongs to one, at whatever depth. The one place that walks it downwards from a unit."""

from typing import Any

from sqlalchemy import ColumnElement, select

from devreg.store.schema import unit


def below(first: ColumnElement[bool]) -> Any:
    """SQL of the ids of the units for which `first` holds, and of all below them; a circle of units is gone round once."""
    tree = select(unit.c.id).where(first).cte(recursive=True)
    tree = tree.union(select(unit.c.id).where(unit.c.parent == tree.c.id))
    return select(tree.c.id)
