"""A table over any number of rows: it knows their keys, and asks for the pages it shows."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from devreg.field_columns import resolved
from devreg.ports import Column, Key, Row
from tui.cells import Cell
from tui.keys import Where, bindings
from tui.plain import Line, Span
from tui.widgets.columns import GAP, Slot, first_showing, fitted, visible
from tui.widgets.painted import Painted, spread, thumb
from tui.widgets.rows import GONE, Rows
from tui.widgets.table_lines import header_spans, lit, row_spans

_WHEEL_ROWS = 3


class WindowTable(Painted, can_focus=True):
    """Header, rows, a cursor on one cell. Whoever mounts it gives it five callables and answers `fetch` with `put`."""

    DEFAULT_CSS = "WindowTable { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TABLE)

    class Opened(Message):
        """The row under the cursor was double-clicked."""

    class Sorted(Message):
        """A header was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        *,
        fetch: Callable[[Sequence[int]], None],
        label: Callable[[Column], str],
        cell: Callable[[Column, object], Cell],
        empty: Callable[[], Sequence[Line]],
        moved: Callable[[], None],
    ) -> None:
        super().__init__()
        self.rows = Rows()
        self.columns: Sequence[Column] = ()
        self.cursor = 0
        self.column_cursor = 0
        self.top = 0
        self.sorted_by: tuple[str | None, bool] = (None, False)
        self._widths: list[int] = []
        self._first_column = 1
        self._dragging = False
        self._fetch, self._label, self._cell, self._empty, self._moved = fetch, label, cell, empty, moved

    # what it shows

    def show_columns(self, columns: Sequence[Column], column_cursor: int = 0) -> None:
        """Other columns; their widths are fitted to the next rows."""
        self.columns = columns
        self.column_cursor = max(0, min(column_cursor, len(columns) - 1))
        self._widths = []
        self._first_column = 1
        self.refresh()

    def show_keys(self, keys: Sequence[Key], cursor: int = 0) -> None:
        """Another list, from its top or with the cursor in view."""
        self.rows.reset(keys)
        self.cursor = max(0, min(cursor, len(keys) - 1))
        self.top = 0 if cursor == 0 else self.top
        self._settle()

    def refresh_keys(self, keys: Sequence[Key]) -> None:
        """The same list read again: the cursor stays on its row."""
        here = self.key
        near = self.cursor
        self.rows.reset(keys)
        self.cursor = 0 if here is None else self.rows.place(here, near)
        self._settle()

    def put(self, pages: Sequence[int], rows: Sequence[Row]) -> None:
        """Rows that were asked for."""
        self.rows.put(pages, rows)
        if not self._widths:
            self._fit()
        self.refresh()

    def refit(self) -> None:
        """Fit widths again: the language or the rows have changed."""
        self._widths = []
        self._settle()

    @property
    def key(self) -> Key | None:
        """Key of the row under the cursor."""
        return self.rows.keys[self.cursor] if len(self.rows) else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None when there is none or it is not here yet."""
        found = self.rows.row(self.cursor) if len(self.rows) else None
        return found or None

    @property
    def column(self) -> Column | None:
        """The column under the cursor."""
        return self.columns[self.column_cursor] if self.columns else None

    # moving

    def action_move(self, rows: int) -> None:
        """Cursor down, or up."""
        self._go(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """A screenful down, or up."""
        self.top += pages * self._height
        self._go(self.cursor + pages * self._height)

    def action_first(self) -> None:
        """To the first row."""
        self._go(0)

    def action_last(self) -> None:
        """To the last row."""
        self._go(len(self.rows) - 1)

    def action_column(self, columns: int) -> None:
        """Column cursor to the right, or left."""
        self.column_cursor = max(0, min(self.column_cursor + columns, len(self.columns) - 1))
        before = self._first_column
        if self._widths:
            self._first_column = first_showing(self.columns, self._widths, self.column_cursor, before, self._room)
        if self._first_column == before and columns:
            self._refresh_lines(0, self.cursor - self.top + 1)
        else:
            self.refresh()
        self._moved()

    def on_resize(self) -> None:
        """Other rows and columns are in view now."""
        self._settle()
        self.action_column(0)

    def on_focus(self) -> None:
        """The cursor row looks different in focus."""
        self.refresh()

    def on_blur(self) -> None:
        """As `on_focus`."""
        self.refresh()

    # the mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Rows move up; the cursor stays where it is."""
        event.stop()
        self._scroll(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Rows move down."""
        event.stop()
        self._scroll(-_WHEEL_ROWS)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the scroll bar."""
        if event.x == self.size.width - 1 and event.y > 0:
            self._dragging = True
            self.capture_mouse()
            self._drag(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the scroll bar."""
        if self._dragging:
            self._drag(event.y)

    def on_mouse_up(self) -> None:
        """Let go."""
        self._dragging = False
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """A header sorts, a row takes the cursor, a double click opens."""
        slot = self._slot_at(event.x)
        if event.y == 0:
            if slot is not None:
                self.post_message(self.Sorted(slot.column))
            return
        index = self.top + event.y - 1
        if index >= len(self.rows) or event.x == self.size.width - 1:
            return
        if slot is not None:
            self.column_cursor = slot.place
        self._go(index)
        self.refresh()
        if event.chain == 2:
            self.post_message(self.Opened())

    # painting

    def render_line(self, y: int) -> Strip:
        """The header, a row, or what is said when there are none."""
        if y == 0:
            labels = [self._label(slot.column) for slot in self._slots()]
            spans = header_spans(self._slots(), labels, self.sorted_by, self.column_cursor)
            more = [Span("▸", "dim")] if self._slots() and self._slots()[-1].place < len(self.columns) - 1 else []
            return self.paint(spread([Span(" "), *spans], more, width=self.size.width), "head")
        if not len(self.rows):
            lines = self._empty()
            return self.paint(lines[y - 2] if 2 <= y < len(lines) + 2 else ())
        index = self.top + y - 1
        if index >= len(self.rows):
            return self.paint(())
        here = index == self.cursor
        return self.paint(self._line(index, y), ("row" if self.has_focus else "row-away") if here else "")

    def _line(self, index: int, y: int) -> list[Span]:
        here = index == self.cursor
        row = self.rows.row(index)
        slots = self._slots()
        mark = Span((" " if not here else "▌" if self.has_focus else "▏"), "link")
        cells = row_spans(slots, [self._shown(slot.column, row) for slot in slots])
        if here and self.has_focus:
            cells = lit(cells, slots, self.column_cursor)
        return [
            *spread([mark, *cells], width=self.size.width - 1),
            thumb(y - 1, self._height, len(self.rows), self.top),
        ]

    def _shown(self, column: Column, row: Row | None) -> Cell:
        if row is None:
            return Cell("…", "dim")
        return Cell("", "dim") if row is GONE else self._cell(*resolved(column, row))

    # where things are

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _room(self) -> int:
        return max(1, self.size.width - 3)

    def _slots(self) -> list[Slot]:
        widths = self._widths or [column.width for column in self.columns]
        return visible(self.columns, widths, self._first_column, self._room)

    def _slot_at(self, x: int) -> Slot | None:
        end = 1
        for slot in self._slots():
            end += slot.width + GAP
            if x < end:
                return slot
        return None

    def _go(self, index: int) -> None:
        before, top = self.cursor, self.top
        self.cursor = max(0, min(index, len(self.rows) - 1))
        self._bring_into_view()
        if self.top != top:
            self._want()
            self.refresh()
        elif before != self.cursor:
            self._refresh_lines(before - self.top + 1, self.cursor - self.top + 1)
        self._moved()

    def _refresh_lines(self, *lines: int) -> None:
        self.refresh(*(Region(0, line, self.size.width, 1) for line in lines))

    def _scroll(self, rows: int) -> None:
        self.top = max(0, min(self.top + rows, len(self.rows) - self._height))
        self._want()
        self.refresh()

    def _drag(self, y: int) -> None:
        span = max(0, len(self.rows) - self._height)
        self.top = max(0, min(span, round(span * (y - 1) / max(1, self._height - 1))))
        self._want()
        self.refresh()

    def _settle(self) -> None:
        self._bring_into_view()
        self._want()
        self.refresh()

    def _bring_into_view(self) -> None:
        lowest = max(0, len(self.rows) - self._height)
        self.top = max(0, self.cursor - self._height + 1, min(self.top, self.cursor, lowest))

    def _want(self) -> None:
        if not len(self.rows) or not self.size.height:
            return
        lacking = self.rows.lacking(self.top, self.top + self._height)
        if lacking:
            self._fetch(lacking)
        elif not self._widths:
            self._fit()

    def _fit(self) -> None:
        self._widths = fitted(
            self.columns, self.rows.loaded(), self._label, lambda column, value: self._cell(column, value).text
        )
        self._first_column = first_showing(
            self.columns, self._widths, self.column_cursor, self._first_column, self._room
        )
