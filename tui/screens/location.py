"""Where a device is, until the person who asked closes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devreg.i18n import Catalogue
from tui.plain import Line
from tui.screens.device_facts import bullets
from tui.screens.form import FormScreen
from tui.screens.page import labelled

if TYPE_CHECKING:
    from devreg.action_ports import Location


class LocationScreen(FormScreen[str]):
    """Shown once: it goes with the box."""

    def __init__(self, t: Catalogue, device: str, found: Location) -> None:
        super().__init__(t, t("Where it is: {device}", device=device), "")
        self._found = found

    def lines(self, width: int) -> Sequence[Line]:
        """Coordinates as maps take them, how exact, and of when."""
        t, found = self.t, self._found
        exact = (
            t("not known") if found.accuracy_m is None else t("within {metres} m", metres=t.number(found.accuracy_m))
        )
        pairs = (
            (t("Coordinates"), found.coordinates),
            (t("Accuracy"), exact),
            (t("As of"), t("not known when") if found.at is None else t.datetime(found.at)),
        )
        facts = [line for label, value in pairs for line in labelled(label, value, width, "strong")]
        return [*facts, *bullets([t("Shown once; where it is is kept nowhere here.")], "!", "warn", width)]

    def answer(self) -> str:
        """Nothing is done here."""
        return ""
