"""One list of the register: search as you type, filters, sort, columns; every view of the register is shown by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from devreg.field_columns import resolved
from devreg.ports import Column, Key, Query
from tui.cells import Cell, cell
from tui.keys import Where, actions, bindings
from tui.places import Place
from tui.plain import Line, Span, plain
from tui.screens.base import RegisterScreen
from tui.screens.columns import ColumnChooser
from tui.screens.device import DeviceScreen
from tui.screens.facets import FacetPanel, value_label
from tui.screens.finder import Count, Prompt
from tui.screens.list_rows import device_of, filter_text, read_rows
from tui.screens.row import RowScreen
from tui.widgets.line_list import LineList
from tui.widgets.painted import paint_soon
from tui.widgets.search_box import SearchBox
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from devreg.services.browse import ViewInfo

_LIST_ACTIONS = frozenset(action.id for action in actions(Where.LIST))
_DEVICE_VIEWS = frozenset({"devices", "phones", "chromebooks", "network", "missing"})


class ListScreen(RegisterScreen):
    """A place of the register: a view with what is asked of it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LIST)
    AUTO_FOCUS = "WindowTable"

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._asked = place.asked
        self._totals: dict[str, int] = {}
        self._chosen_columns: dict[str, tuple[str, ...]] = {}
        self._left: dict[str, Place] = {}
        self.table = WindowTable(
            fetch=self._fetch, label=self._label, cell=self._cell, empty=self._empty, moved=self._cursor_moved
        )
        self.box = SearchBox(self._search, self._to_rows)
        self.panel = FacetPanel(self._close_panel)
        self._count = Count(self.count_spans)

    def body(self) -> Iterable[Widget]:
        """Search line, table, filter panel."""
        yield Horizontal(Prompt(), self.box, self._count, id="finder")
        yield Horizontal(self.table, self.panel, id="rows")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A list's actions wait until there is a list."""
        return bool(self.register.views) or action not in _LIST_ACTIONS

    def places(self) -> tuple[Where, ...]:
        """Depends on where the focus is."""
        if self.focused is self.box:
            return (Where.SEARCH, Where.APP)
        if self.focused is self.panel:
            return (Where.FACETS, Where.APP)
        return (Where.LIST, Where.TABLE, Where.APP)

    @property
    def view(self) -> ViewInfo:
        """The list on screen."""
        return self.register.views[self._place.view]

    @property
    def here(self) -> Place:
        """The place as it is now."""
        return Place(self._place.view, self._asked, self.table.cursor, self.table.column_cursor)

    # going places

    def show(self, place: Place) -> None:
        """Go to a place; the one left is remembered by its view."""
        self._left[self._place.view] = self.here
        self._place, self._asked = place, place.asked
        with self.app.batch_update():
            self.box.put(place.asked.search)
            self.box.placeholder = self.t("Search")
            self.table.show_columns(self._columns(), place.column)
            self._ask(place.asked, cursor=place.cursor)
            self._read_total()
            self.table.focus()
            self.refresh_frame()

    def left(self, view: str) -> Place:
        """The view as it was left, else from its beginning."""
        return self._left.get(view, Place(view))

    def reload(self) -> None:
        """The same question again; the cursor stays on its row."""
        self._read_total()
        self._read_keys(self._asked, self._got_same_keys)
        self.panel.ask(self.view, self._asked)

    def reword(self) -> None:
        """Labels and words of the new language."""
        self.box.placeholder = self.t("Search")
        self.table.refit()
        self.panel.write()

    # asking

    def _ask(self, asked: Query, cursor: int = 0) -> None:
        self._asked = asked
        self.table.sorted_by = (asked.sort, asked.descending)
        self._read_keys(asked, lambda keys: self._got_keys(keys, cursor))
        self.panel.ask(self.view, asked)

    def _read_keys(self, asked: Query, done: Callable[[Sequence[Key]], None]) -> None:
        view = self._place.view
        self.register.loader.read("keys", lambda browser: browser.keys(view, asked), done)

    def _got_keys(self, keys: Sequence[Key], cursor: int) -> None:
        self.register.loader.forget("rows")
        self.table.show_keys(keys, cursor)
        self._answered()

    def _got_same_keys(self, keys: Sequence[Key]) -> None:
        self.register.loader.forget("rows")
        self.table.refresh_keys(keys)
        self._answered()

    def _answered(self) -> None:
        bars = (self._count, self.status_bar)
        for bar in bars:
            bar.refresh()
        paint_soon(self.table, self.box, *bars)

    def _fetch(self, pages: Sequence[int]) -> None:
        view, keys = self._place.view, self.table.rows.keys_of(pages)
        self.register.loader.read(
            "rows", lambda browser: read_rows(browser, view, keys), lambda rows: self.table.put(pages, rows)
        )

    def _read_total(self) -> None:
        view = self._place.view
        self.register.loader.read(
            "total",
            lambda browser: len(browser.keys(view, Query())),
            lambda total: self._got_total(view, total),
            patient=True,
        )

    def _got_total(self, view: str, total: int) -> None:
        self._totals[view] = total
        self._count.refresh()

    def _search(self, text: str) -> None:
        if not self.register.views:
            return
        self._ask(Query(text, self._asked.where, self._asked.sort, self._asked.descending))

    def _filter(self, where: tuple[tuple[str, str], ...]) -> None:
        self._ask(Query(self._asked.search, where, self._asked.sort, self._asked.descending))

    def _sort(self, key: str | None, *, descending: bool = False) -> None:
        self._ask(Query(self._asked.search, self._asked.where, key, descending))

    # filters

    @on(LineList.Chosen)
    def _value_chosen(self, message: LineList.Chosen) -> None:
        self._toggle(cast("tuple[str, str]", message.value))

    def _toggle(self, pair: tuple[str, str]) -> None:
        where = self._asked.where
        self._filter(tuple(kept for kept in where if kept != pair) if pair in where else (*where, pair))

    # what keys do

    def action_search(self) -> None:
        """Into the search field."""
        self.box.focus()

    def action_facets(self) -> None:
        """Open the filter panel, or go to it."""
        self.panel.open()

    def _close_panel(self) -> None:
        self.panel.close()
        self.table.focus()

    def action_filter_value(self) -> None:
        """Only rows with the value under the cursor, or all again."""
        column, row = self.table.column, self.table.row
        if column is not None and row is not None:
            self._toggle((column.key, filter_text(row.get(column.key))))

    def action_unfilter(self, place: int) -> None:
        """Let one filter go."""
        self._toggle(self._asked.where[place])

    def action_sort(self) -> None:
        """Sort by the column under the cursor: up, down, as before."""
        if self.table.column is not None:
            self._cycle(self.table.column.key)

    @on(WindowTable.Sorted)
    def _header_clicked(self, message: WindowTable.Sorted) -> None:
        self._cycle(message.column.key)

    def _cycle(self, key: str) -> None:
        if self._asked.sort != key:
            self._sort(key)
        elif self._asked.descending:
            self._sort(None)
        else:
            self._sort(key, descending=True)

    def action_columns(self) -> None:
        """Choose columns."""
        shown = tuple(column.key for column in self.table.columns)
        self.app.push_screen(ColumnChooser(self.view, shown, self.t), self._columns_chosen)

    def _columns_chosen(self, keys: tuple[str, ...] | None) -> None:
        if keys:
            self._chosen_columns[self._place.view] = keys
            self.table.show_columns(self._columns(), self.table.column_cursor)
            self.table.refit()

    @on(WindowTable.Opened)
    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.table.key is None:
            return
        if self._place.view == "actions" and self.table.row is not None and self.register.acts.show_row(self.table.row):
            return
        device_id = self.device_here()
        if device_id is not None:
            self.app.push_screen(DeviceScreen(device_id, self.neighbour))
        elif self.table.row is not None:
            self.app.push_screen(RowScreen(self.view, self.table.row))

    def action_acts(self) -> None:
        """What can be done to the device under the cursor."""
        device_id = self.device_here()
        if device_id is not None:
            self.register.acts.open(device_id)
        elif self.table.key is not None:
            self.register.tell(self.t("This row is about no single device."))

    def device_here(self) -> int | None:
        """The device that the row under the cursor is or is about."""
        key, row = self.table.key, self.table.row
        if self._place.view in _DEVICE_VIEWS and isinstance(key, int):
            return key
        return device_of(row) if row is not None else None

    def neighbour(self, steps: int) -> int | None:
        """Move on in the list; the device there, None at its end or where the row is about no device."""
        before = self.table.cursor
        self.table.action_move(steps)
        return self.device_here() if self.table.cursor != before else None

    def action_clear(self) -> None:
        """Drop search and filters; with none of them, go back."""
        if self._asked.search or self._asked.where:
            self.box.put("")
            self._ask(Query(sort=self._asked.sort, descending=self._asked.descending))
        elif self.panel.is_open:
            self._close_panel()
        else:
            self.action_back()

    def action_back(self) -> None:
        """To the list before."""
        self.register.go_back()

    def action_forward(self) -> None:
        """To the list that was left by going back."""
        self.register.go_forward()

    def action_previous_view(self) -> None:
        """The list before this one in the top line."""
        self.register.step_view(-1)

    def action_next_view(self) -> None:
        """The list after this one in the top line."""
        self.register.step_view(1)

    def action_copy(self) -> None:
        """The value under the cursor to the clipboard, through the terminal."""
        column, row = self.table.column, self.table.row
        if column is not None and row is not None:
            text = plain(self._cell(*resolved(column, row)).text)
            self.app.copy_to_clipboard(text)
            self.register.tell(self.t("Copied: {value}", value=text))

    def action_collect(self) -> None:
        """Collect from all sources."""
        self.register.start_collection()

    def _to_rows(self) -> None:
        self.table.focus()

    # what it says

    def status(self) -> list[Span]:
        """The filters that hold, each with a way to let it go; without any, what the row's number is."""
        if not self.register.views:
            return []
        columns = {column.key: column for column in self.view.columns}
        spans = []
        for at, (key, value) in enumerate(self._asked.where):
            said = f"{self._label(columns[key])}: {value_label(columns[key], value, self.t)} ×"
            spans += [Span(f" {said} ", "cell", f"screen.unfilter({at})"), Span(" ")]
        if not spans and len(self.table.rows):
            spans = [Span(self.t("row {place}", place=self.t.number(self.table.cursor + 1)), "dim")]
        return spans

    def _cursor_moved(self) -> None:
        self.status_bar.refresh()
        paint_soon(self.table, self.status_bar)

    def count_spans(self) -> list[Span]:
        """`128 / 2 613`, or the one number when nothing is asked."""
        if not self.register.views:
            return []
        found, total = len(self.table.rows), self._totals.get(self._place.view)
        spans = [Span(self.t.number(found), "strong")]
        if total is not None and (self._asked.search or self._asked.where):
            spans.append(Span(f" / {self.t.number(total)}", "dim"))
        return [*spans, Span(" ")]

    def _empty(self) -> list[Line]:
        if not self.register.views:
            said, hint = self.t("Opening the register…"), ""
        elif self._asked.search or self._asked.where:
            said, hint = self.t("No row answers."), self.t("Esc clears search and filters.")
        else:
            filled = self.t("Collect fills the register.")
            said, hint = self.t("Nothing here yet."), filled if self._place.view == "devices" else ""
        return [(Span("  " + said),), (Span("  " + hint, "dim"),)]

    def _columns(self) -> list[Column]:
        keys = self._chosen_columns.get(self._place.view, self.view.shown)
        columns = {column.key: column for column in self.view.columns}
        return [columns[key] for key in keys if key in columns]

    def _label(self, column: Column) -> str:
        return self.t(column.label)

    def _cell(self, column: Column, value: object) -> Cell:
        return cell(column, value, self.t)
