"""The five numbers that the equality report leads with, for the workbook and for every screen that shows them."""

import msgspec

from devreg.domain.equality import Assessment, Band
from devreg.domain.equality_rules import band_at_least, band_at_most
from devreg.i18n import Catalogue
from devreg.ports import ColumnType
from exports.equality_words import ENOUGH, EVEN, band_text, share


class Figure(msgspec.Struct, frozen=True):
    """One number with its judgement, in one language."""

    name: str
    value: float | None
    """None = no data."""
    kind: ColumnType
    """PERCENT: a share; INTEGER: devices; NUMBER: percentage points, with one decimal."""
    band: Band | None
    said: str
    """The band as symbol and word."""
    meaning: str

    def text(self, t: Catalogue) -> str:
        """The value as people read it."""
        if self.value is None:
            return "–"
        if self.kind is ColumnType.PERCENT:
            return share(self.value, t)
        return t.number(self.value) if self.kind is ColumnType.INTEGER else f"{t.number(self.value, 1)} {t('pp')}"


def figures(result: Assessment, t: Catalogue) -> list[Figure]:
    """Worst coverage, spread, devices to move, shortfall, language gap."""
    return [make(result, t) for make in (_worst, _spread, _to_move, _shortfall, _gap)]


def _worst(result: Assessment, t: Catalogue) -> Figure:
    unit = result.city.worst
    band = band_at_least(unit.coverage if unit else None, result.rules.bands.coverage)
    name, said = t("Worst unit: coverage"), band_text(band, ENOUGH, t)
    if unit is None:
        return Figure(name, None, ColumnType.PERCENT, None, said, "")
    fit, need = t.number(unit.fit), t.number(unit.need or 0)
    meaning = t("{unit}: {fit} fit devices, {need} needed", unit=unit.unit.name(t.language), fit=fit, need=need)
    return Figure(name, unit.coverage, ColumnType.PERCENT, band, said, meaning)


def _spread(result: Assessment, t: Catalogue) -> Figure:
    value, least = result.city.spread, t.number(result.rules.spread_min_pupils)
    band = band_at_least(value, result.rules.bands.spread)
    meaning = t("fewer than two units of {n} pupils or more", n=least)
    if value is not None:
        meaning = t("what the lowest unit has of the highest's coverage; units of {n} pupils or more", n=least)
    return Figure(t("Spread: lowest / highest"), value, ColumnType.PERCENT, band, band_text(band, EVEN, t), meaning)


def _to_move(result: Assessment, t: Catalogue) -> Figure:
    index = result.city.hoover
    band = band_at_most(index, result.rules.bands.to_move)
    meaning = ""
    if index is not None:
        meaning = t("{share} of the fit devices; then coverage would be the same everywhere", share=t.percent(index, 1))
    said = band_text(band, EVEN, t)
    return Figure(t("Devices to move"), result.city.to_move, ColumnType.INTEGER, band, said, meaning)


def _shortfall(result: Assessment, t: Catalogue) -> Figure:
    short, need = result.city.shortfall, result.city.need
    band = None if short is None else band_at_least((need - short) / need, result.rules.bands.coverage)
    meaning = "" if short is None else t("devices missing from the need of {need} in all units", need=t.number(need))
    return Figure(t("Shortfall"), short, ColumnType.INTEGER, band, band_text(band, ENOUGH, t), meaning)


def _gap(result: Assessment, t: Catalogue) -> Figure:
    gap = result.city.language_gap
    band = band_at_most(None if gap is None else abs(gap.gap), result.rules.bands.language_gap)
    name, said = t("Language gap"), band_text(band, EVEN, t)
    if gap is None:
        return Figure(name, None, ColumnType.NUMBER, None, said, t("no stage has units in both languages"))
    fi, sv = share(gap.first, t), share(gap.second, t)
    meaning = t("Finnish {fi}, Swedish {sv}, at the same mix of stages", fi=fi, sv=sv)
    return Figure(name, round(abs(gap.gap) * 100, 1), ColumnType.NUMBER, band, said, meaning)
