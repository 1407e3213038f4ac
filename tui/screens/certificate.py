"""Where a sanitisation record is written to, and what only people know of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from devreg.i18n import Catalogue
from tui.plain import Line
from tui.screens.device_facts import bullets
from tui.screens.form import FormScreen


class Paper(msgspec.Struct, frozen=True):
    """What a person filled in; what they left empty is written by hand."""

    file: Path
    more: dict[str, str]
    """By the names of `certificates.Beside`."""


class CertificateScreen(FormScreen[Paper]):
    """Dismissed with what was filled in."""

    def __init__(self, t: Catalogue, ref: str, facts: Sequence[Line]) -> None:
        super().__init__(t, t("Sanitisation record {number}", number=ref), t("Write it"))
        self._said = facts
        self._names = ("title", "place", "contact", "destination")
        self.add_text("file", t("File (.xlsx or .txt)"), f"{ref}.xlsx")
        for name, label in zip(
            self._names, (t("Job title"), t("Location"), t("Contact"), t("Destination")), strict=True
        ):
            self.add_text(name, label)

    def lines(self, width: int) -> Sequence[Line]:
        """The device, and what the record is no proof of."""
        said = self.t(
            "It tells what was ordered and reported. What is left empty here is written by hand, with the signatures."
        )
        return [*self._said, *bullets([said], "·", "dim", width)]

    def missing(self) -> str:
        """A file."""
        return "" if self.text("file") else self.t("Name the file.")

    def answer(self) -> Paper:
        """All that was filled in."""
        return Paper(Path(self.text("file")), {name: said for name in self._names if (said := self.text(name))})
