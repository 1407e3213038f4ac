"""The panel of values to filter by, with their counts."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.binding import BindingType

from devreg.i18n import Catalogue
from devreg.ports import Column, ColumnType, Query
from tui.cells import NOT_KNOWN, cell
from tui.keys import Where, bindings
from tui.widgets.line_list import Item, LineList

if TYPE_CHECKING:
    from devreg.services.browse import Browser, ViewInfo
    from tui.app import DevregApp

Counts = Sequence[tuple[str, Sequence[tuple[str | None, int]]]]
"""Column key, and its values with how many rows have each."""

_VALUES_SHOWN = 12


class More(NamedTuple):
    """Stands for the values of a column that are not shown yet."""

    key: str


class FacetPanel(LineList):
    """Values of the list's filter columns; choosing one filters, choosing it again lets go."""

    DEFAULT_CSS = """
    FacetPanel { width: 32; border-left: tall $bar; display: none; }
    FacetPanel.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FACETS)

    def __init__(self, on_leave: Callable[[], None]) -> None:
        super().__init__()
        self._depart = on_leave
        self._view: ViewInfo | None = None
        self._asked = Query()
        self._counts: Counts = ()
        self._whole: set[str] = set()

    @property
    def register(self) -> DevregApp:
        """The app, by its own type."""
        return cast("DevregApp", self.app)

    @property
    def is_open(self) -> bool:
        """Whether the panel is on screen."""
        return self.has_class("-shown")

    def open(self) -> None:
        """Show the panel and go to it."""
        self.add_class("-shown")
        self._read()
        self.focus()

    def close(self) -> None:
        """Away; the filters stay."""
        self.remove_class("-shown")

    def ask(self, view: ViewInfo, asked: Query) -> None:
        """Another question: ticks at once, counts as soon as they are there."""
        if self._view is None or view.name != self._view.name:
            self._counts, self._whole = (), set()
        self._view, self._asked = view, asked
        self.write()
        self._read()

    def write(self) -> None:
        """Write the values again, in the language of now."""
        if self._view is not None:
            self.empty = self.register.t("Nothing to filter by")
            items = facet_items(self._view, self._counts, self._asked.where, self._whole, self.register.t)
            self.show(items, self.value)

    def action_choose(self) -> None:
        """Filter by the value, or show the others of its column."""
        if isinstance(self.value, More):
            self._whole.add(self.value.key)
            self.write()
        else:
            super().action_choose()

    def action_leave(self) -> None:
        """Close the panel; filters stay."""
        self._depart()

    def _read(self) -> None:
        view, asked = self._view, self._asked
        if view is not None and self.is_open:
            self.register.loader.read(
                "counts", lambda browser: read_counts(browser, view, asked), self._got_counts, patient=True
            )

    def _got_counts(self, counts: Counts) -> None:
        self._counts = counts
        self.write()


def read_counts(browser: Browser, view: ViewInfo, asked: Query) -> Counts:
    """Counts of every filter column, each without its own filter: the alternatives stay in sight."""
    return [(key, browser.facets(view.name, _without(asked, key), key)) for key in view.facets]


def facet_items(
    view: ViewInfo, counts: Counts, where: tuple[tuple[str, str], ...], whole: Container[str], t: Catalogue
) -> list[Item]:
    """Headings and values, of columns not `whole` the most frequent; chosen values are ticked and never left out."""
    columns = {column.key: column for column in view.columns}
    items: list[Item] = []
    for key, values in counts:
        shown = [
            (value, n)
            for place, (value, n) in enumerate(values)
            if key in whole or place < _VALUES_SHOWN or (key, value or "") in where
        ]
        if not shown:
            continue
        items.append(Item(t(columns[key].label), ink="strong"))
        items += [_item(columns[key], value, n, where, t) for value, n in shown]
        if len(values) > len(shown):
            more = t.many("{n} more value", "{n} more values", len(values) - len(shown))
            items.append(Item("  " + more, value=More(key), ink="dim"))
    return items


def value_label(column: Column, value: str | None, t: Catalogue) -> str:
    """A filter value in words."""
    if not value:
        return t(NOT_KNOWN)
    if column.type is ColumnType.BOOLEAN:
        return t("yes") if value.lower() == "true" else t("no")
    return cell(column, value, t).text


def _item(column: Column, value: str | None, count: int, where: tuple[tuple[str, str], ...], t: Catalogue) -> Item:
    ticked = (column.key, value or "") in where
    sign = "● " if ticked else "○ "
    return Item(
        sign + value_label(column, value, t), t.number(count), (column.key, value or ""), "link" if ticked else ""
    )


def _without(asked: Query, key: str) -> Query:
    return Query(search=asked.search, where=tuple(pair for pair in asked.where if pair[0] != key))
