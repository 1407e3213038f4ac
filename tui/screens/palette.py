"""The command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.commands import Command, commands, matching
from tui.keys import Where
from tui.screens.choices import ChoiceScreen
from tui.widgets.line_list import Item

if TYPE_CHECKING:
    from tui.app import DevregApp


class PaletteScreen(ChoiceScreen[Command]):
    """Type a few letters of what you want, or a device's serial, IMEI, tag or reference."""

    def __init__(self, app: DevregApp, places: tuple[Where, ...]) -> None:
        t = app.t
        super().__init__(t("Commands"), t("What to do, or a serial number, IMEI, asset tag"), t("Nothing like that"))
        self._register = app
        self._offered = list(commands(app, places))

    def items(self, text: str) -> Sequence[Item]:
        """Commands that answer to the text."""
        return [Item(command.text, command.keys, command) for command in matching(self._offered, text, self._register)]
