"""The dialog before an action is asked for: which device, what it would do, what stands against it, why, and its tag typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from devreg.domain.device import State
from devreg.domain.order_options import FLAG, OrderOption, options_of
from devreg.domain.traps import traps
from devreg.i18n import Catalogue
from devreg.ports import Row
from tui.cells import word
from tui.plain import Line
from tui.screens.device_facts import bullets, device_lines, named
from tui.screens.form import FormScreen

if TYPE_CHECKING:
    from devreg.services.desk import Prospect

_AFTER = (State.IN_STOCK, State.RETIRED)
"""States that a device may get once it is empty."""


class Said(msgspec.Struct, frozen=True):
    """What a person filled in."""

    reason: str
    despite: str | None = None
    typed: str | None = None
    then_state: State | None = None
    options: dict[str, str] = {}


class RequestScreen(FormScreen[Said]):
    """Asks for one act on one device; with `lost`, the device is reported as lost along with it."""

    def __init__(self, prospect: Prospect, row: Row, now: datetime, t: Catalogue, *, lost: bool = False) -> None:
        choice = prospect.choice
        self._prospect, self._row, self._now = prospect, row, now
        device = named(row, prospect.facts.device_id)
        title = t("Report lost and lock: {device}", device=device) if lost else f"{word(choice.act, t)}: {device}"
        deed = t("Report lost and lock") if lost else t("Ask for it")
        super().__init__(t, title, deed, is_grave=choice.is_destructive)
        self.add_text("reason", t("Reason"), t("reported lost") if lost else "")
        if prospect.cautions:
            self.add_text("despite", t("Nevertheless because"))
        self._options = options_of(choice.act, choice.mode)
        for option in self._options:
            if option.choices:
                self.add_choice(_field(option), t(option.label), [(_said(value, t), value) for value in option.choices])
            else:
                self.add_text(_field(option), t(option.label))
        if choice.is_destructive:
            states = [(t("its state stays"), None), *((word(state, t), state) for state in _AFTER)]
            self.add_choice("then", t("Once it is confirmed"), states)
            self.add_typed("typed", t("Asset tag, typed") if prospect.facts.asset_tag else t("Serial number, typed"))

    def lines(self, width: int) -> Sequence[Line]:
        """What it does, to what, and what speaks against it."""
        facts, t = self._prospect.facts, self.t
        return [
            *bullets([t(self._prospect.choice.consequence)], "▸", "bad" if self._prospect.choice.is_destructive else "", width),
            *device_lines(self._row, serial=facts.serial_of_tool or facts.serial, asset_tag=facts.asset_tag,
                          source=self._prospect.choice.source, native_id=self._prospect.native_id, now=self._now, width=width, t=t),
            *self._to_type(width),
            *bullets([t(said) for said in self._traps()], "·", "warn", width),
            *bullets([f"{t(what)} {t(step)}".strip() for what, step in self._prospect.objections], "✗", "bad", width),
            *bullets([t(what) for what in self._prospect.cautions], "!", "warn", width),
        ]  # fmt: skip

    def missing(self) -> str:
        """The gravest first."""
        t = self.t
        if self._prospect.objections:
            return t("This can't be asked for: see above.")
        if not self.text("reason"):
            return t("A reason is missing; it is kept with the request.")
        if self._prospect.cautions and not self.text("despite"):
            return t("Say why nevertheless: look again whether it is the right device.")
        if self._prospect.choice.is_destructive and self.text("typed").casefold() != self._prospect.to_type.casefold():
            return t("What was typed is not what stands on the device.")
        return ""

    def answer(self) -> Said:
        """What was filled in."""
        then = self.chosen("then")
        return Said(
            self.text("reason"),
            self.text("despite") or None,
            self.text("typed") or None,
            then if isinstance(then, State) else None,
            dict(self._given()),
        )

    def _given(self) -> Iterator[tuple[str, str]]:
        """Options that say more than what holds anyhow."""
        for option in self._options:
            value = str(self.chosen(_field(option))) if option.choices else self.text(_field(option))
            if value and (option.is_needed or option.choices[:1] != (value,)):
                yield option.name, value

    def _traps(self) -> tuple[str, ...]:
        """What this does otherwise than people think."""
        choice = self._prospect.choice
        of_options = tuple(option.trap for option in self._options if option.trap)
        return (*traps(choice.act, choice.mode, str(self._row.get("manufacturer") or "")), *of_options)

    def _to_type(self, width: int) -> Iterator[Line]:
        """Where it has no tag, the whole serial: it is what has to be typed."""
        if self._prospect.choice.is_destructive and not self._prospect.facts.asset_tag:
            yield from bullets(
                [self.t("It has no asset tag: type {serial}.", serial=self._prospect.to_type)], "▸", "", width
            )


def _field(option: OrderOption) -> str:
    """Its field's name: apart from the dialog's own."""
    return f"option {option.name}"


def _said(value: str, t: Catalogue) -> str:
    return (t("no"), t("yes"))[FLAG.index(value)] if value in FLAG else value
