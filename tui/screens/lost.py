"""The dialog before a device is reported lost that nothing can lock: which one it is, and what to do about it instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from devreg.i18n import Catalogue
from devreg.ports import Row
from tui.plain import Line
from tui.screens.device_facts import bullets, device_lines, named
from tui.screens.form import FormScreen

if TYPE_CHECKING:
    from devreg.services.remote_menu import Menu


class LostScreen(FormScreen[str]):
    """Dismissed with the reason."""

    def __init__(self, menu: Menu, row: Row, now: datetime, t: Catalogue) -> None:
        super().__init__(t, t("Report lost: {device}", device=named(row, menu.device_id)), t("Report lost"))
        self._instead, self._row, self._now = menu.instead, row, now
        self.add_text("reason", t("Reason"), t("reported lost"))

    def lines(self, width: int) -> Sequence[Line]:
        """What to do, and which device it is about."""
        row, t = self._row, self.t
        serial, tag = row.get("serial"), row.get("asset_tag")
        device = device_lines(row, serial=str(serial) if serial else None, asset_tag=str(tag) if tag else None,
                              source=None, native_id="", now=self._now, width=width, t=t)  # fmt: skip
        return [*bullets([t(what) for what in self._instead], "▸", "warn", width), *device]

    def missing(self) -> str:
        """A reason."""
        return "" if self.text("reason") else self.t("A reason is missing.")

    def answer(self) -> str:
        """The reason."""
        return self.text("reason")
