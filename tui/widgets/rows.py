"""A long list in memory: the vector of its keys, and the few pages of rows somebody looks at."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from devreg.ports import Key, Row

PAGE: Final = 100
_KEPT_PAGES: Final = 12

GONE: Final[Row] = {}
"""Stands for a row that was deleted after its key was read."""


class Rows:
    """Keys in order; rows come in pages and the least used pages go."""

    def __init__(self) -> None:
        self.keys: Sequence[Key] = ()
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.keys)

    def reset(self, keys: Sequence[Key]) -> None:
        """Another list: no page is known yet."""
        self.keys = keys
        self._pages.clear()

    def row(self, index: int) -> Row | None:
        """The row, `GONE`, or None while its page is not here."""
        page = self._pages.get(index // PAGE)
        if page is None:
            return None
        offset = index % PAGE
        return page[offset] if offset < len(page) else GONE

    def lacking(self, first: int, last: int) -> list[int]:
        """Pages of rows first..last (inclusive) that are not here; those that are count as used."""
        pages = range(first // PAGE, min(last, len(self.keys) - 1) // PAGE + 1)
        for page in pages:
            if page in self._pages:
                self._pages.move_to_end(page)
        return [page for page in pages if page not in self._pages]

    def keys_of(self, pages: Iterable[int]) -> list[Key]:
        """Keys of these pages, one after the other."""
        return [key for page in pages for key in self.keys[page * PAGE : (page + 1) * PAGE]]

    def put(self, pages: Sequence[int], rows: Sequence[Row]) -> None:
        """Take in the rows of `keys_of(pages)`, one for each key."""
        start = 0
        for page in pages:
            size = len(self.keys[page * PAGE : (page + 1) * PAGE])
            self._pages[page] = rows[start : start + size]
            start += size
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)

    def place(self, key: Key, near: int) -> int:
        """Where the key stands now; the nearest row to `near` when it is not in the list any more."""
        if near < len(self.keys) and self.keys[near] == key:
            return near
        try:
            return self.keys.index(key)
        except ValueError:
            return max(0, min(near, len(self.keys) - 1))

    def loaded(self) -> Iterable[Row]:
        """Every row that is here, in no order."""
        return (row for page in self._pages.values() for row in page)
