"""Boxes before a single deed on an action: send, approve, reject, call off, settle; and those that tell why something was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from devreg.domain.action import Standing
from devreg.i18n import Catalogue
from tui.cells import word
from tui.plain import Line
from tui.screens.device_facts import bullets
from tui.screens.form import FormScreen


class ConfirmScreen(FormScreen[str]):
    """Facts, a reason where one is asked for, Cancel and the deed; dismissed with the reason."""

    def __init__(
        self,
        t: Catalogue,
        title: str,
        deed: str,
        facts: Sequence[Line] = (),
        *,
        needs_reason: bool = True,
        offers_reason: bool = True,
        is_grave: bool = False,
    ) -> None:
        super().__init__(t, title, deed, is_grave=is_grave)
        self._said = facts
        self._needs_reason = needs_reason
        if offers_reason:
            self.add_text("reason", t("Reason"))

    def lines(self, width: int) -> Sequence[Line]:
        """As they were handed over: written for the narrowest box."""
        return self._said

    def missing(self) -> str:
        """A reason."""
        return self.t("A reason is missing.") if self._needs_reason and not self.text("reason") else ""

    def answer(self) -> str:
        """The reason."""
        return self.text("reason")


class SettleScreen(FormScreen[tuple[Standing, str]]):
    """What became of an order, by a person's word, and how they know."""

    def __init__(self, t: Catalogue, title: str, facts: Sequence[Line], outcomes: Sequence[Standing]) -> None:
        super().__init__(t, title, t("Say so"), is_grave=True)
        self._said = facts
        self.add_choice("outcome", t("What became of it"), [(word(one, t), one) for one in outcomes])
        self.add_text("reason", t("How you know"))

    def lines(self, width: int) -> Sequence[Line]:
        """As above."""
        return self._said

    def missing(self) -> str:
        """A reason."""
        return "" if self.text("reason") else self.t("Say how you know: who looked where, and what was there.")

    def answer(self) -> tuple[Standing, str]:
        """Both."""
        return cast("Standing", self.chosen("outcome")), self.text("reason")


class NoticeScreen(FormScreen[str]):
    """What failed and what to do next, until somebody has read it."""

    def __init__(self, t: Catalogue, title: str, *texts: str) -> None:
        super().__init__(t, title, "")
        self._texts = texts

    def lines(self, width: int) -> Sequence[Line]:
        """The texts."""
        return list(bullets(self._texts, "!", "warn", width))

    def answer(self) -> str:
        """Nothing is done here."""
        return ""


FACTS_WIDTH: Final = 72
"""Cells that facts are written for; a box is never wider than 84."""
