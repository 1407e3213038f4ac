"""One row of a list with all its columns: a run, a unit, a person, a contract, a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from devreg.field_columns import resolved
from devreg.ports import Query, Row
from tui.cells import cell
from tui.places import Place
from tui.plain import Line, Span
from tui.screens.page import PageScreen, labelled
from tui.widgets.paper import Section

if TYPE_CHECKING:
    from devreg.services.browse import ViewInfo

_DEVICES_OF: Final[Mapping[str, tuple[str, str]]] = {
    "units": ("unit", "unit"),
    "persons": ("holder_email", "addresses"),
    "leavers": ("holder_email", "addresses"),
    "review": ("id", "devices"),
}
"""View -> the devices' column, and the row's column with the values (blank-separated) to find there."""


class RowScreen(PageScreen):
    """Every column of the row, those of the list first, what nobody said last."""

    def __init__(self, view: ViewInfo, row: Row) -> None:
        super().__init__()
        self._view = view
        self._row = row

    def title_spans(self) -> list[Span]:
        """The list's name and the row's first value."""
        first = cell(self._view.columns[0], self._row.get(self._view.columns[0].key), self.t).text
        return [Span(f" {self.t(self._view.title)} ", "dim"), Span(first, "strong")]

    def write(self, width: int) -> Sequence[Section]:
        """One section."""
        said: list[Line] = []
        silent: list[Line] = []
        for column in self._view.columns:
            shown = cell(*resolved(column, self._row), self.t)
            if shown.text:
                said += labelled(self.t(column.label), shown.text, width, shown.ink)
            else:
                silent += labelled(self.t(column.label), "–", width, "dim")
        return [Section("", [*said, *([()] if silent else []), *silent])]

    def status(self) -> list[Span]:
        """A hint where devices belong to the row."""
        return [Span(self.t("d shows its devices"), "dim")] if self._view.name in _DEVICES_OF else []

    def action_devices(self) -> None:
        """The list of devices that belong to this."""
        if self._view.name in _DEVICES_OF:
            column, key = _DEVICES_OF[self._view.name]
            values = str(self._row.get(key) or "").split()
            self.register.go(Place("devices", Query(where=tuple((column, value) for value in values))))
