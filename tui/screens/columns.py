"""Choosing the columns of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from devreg.domain.sorting import fold
from devreg.i18n import Catalogue
from tui.screens.choices import ChoiceScreen
from tui.widgets.line_list import Item

if TYPE_CHECKING:
    from devreg.services.browse import ViewInfo


class ColumnChooser(ChoiceScreen[tuple[str, ...]]):
    """Ticks columns on and off; Esc closes and the choice holds, in the order of the view."""

    def __init__(self, view: ViewInfo, shown: tuple[str, ...], t: Catalogue) -> None:
        super().__init__(t("Columns"), t("Enter shows or hides, Esc closes"), t("No such column"))
        self._view = view
        self._shown = list(shown)
        self._t = t

    def items(self, text: str) -> Sequence[Item]:
        """Columns whose label has the text."""
        return [
            Item(("● " if column.key in self._shown else "○ ") + label, value=column.key)
            for column in self._view.columns
            if fold(text) in fold(label := self._t(column.label))
        ]

    def action_accept(self) -> None:
        """Show the column, or hide it; one always stays."""
        key = cast("str | None", self.list.value)
        if key is None:
            return
        if key not in self._shown:
            self._shown.append(key)
        elif len(self._shown) > 1:
            self._shown.remove(key)
        self.list.show(self.items(self.box.value), key)

    def action_leave(self) -> None:
        """Done."""
        known = [column.key for column in self._view.columns]
        self.dismiss(tuple(sorted(self._shown, key=known.index)))
