"""Every list whole and as of one moment, for the programs of others: the rows that the `bi_` views hold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from devreg.errors import Misconfigured
from devreg.ports import Column, Row
from devreg.store import query
from devreg.store.engine import Sessions, told_plainly
from devreg.store.views import of_language

_LANGUAGE: Final = "fi"
"""Of units' names, as in the views of the database; the list of units has both."""


class Streamed(msgspec.Struct, frozen=True):
    """A list that is read while its rows are taken."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]
    """Good until the next list is asked for."""


def chosen(wanted: str | None) -> tuple[str, ...]:
    """The lists of `devices,phones`, or every one. Raises Misconfigured naming those there are."""
    views = of_language(_LANGUAGE)
    if wanted is None:
        return tuple(views)
    names = [name.strip() for name in wanted.split(",")]
    for name in names:
        if name not in views:
            raise Misconfigured(f"There is no list {name!r}.", next_step=f"There are: {', '.join(views)}.")
    return tuple(dict.fromkeys(names))


@contextmanager
def streamed(sessions: Sessions, wanted: Sequence[str]) -> Iterator[Iterator[Streamed]]:
    """These lists one after another, all as of one moment."""
    views = of_language(_LANGUAGE)
    with told_plainly("read the register"), sessions.read.begin() as session:
        yield (
            Streamed(name, tuple(item.column for item in views[name].columns), query.every(session, views[name]))
            for name in wanted
        )
