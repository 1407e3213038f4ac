"""What the equality report says first: five figures, three sentences, the language gap, and what must be known beside them."""

from collections.abc import Iterator

from devreg.domain.equality import Assessment, Band, Flag, Reason
from devreg.domain.equality_rules import band_at_least, band_at_most
from devreg.i18n import Catalogue
from devreg.ports import ColumnType
from exports.cells import number_format
from exports.equality_words import ENOUGH, EVEN, NO_DATA, REASONS, judged, names, share
from exports.looks import Look, Styled

Figure = list[object]


def figures(result: Assessment, t: Catalogue) -> list[Figure]:
    """The five numbers: name, value, band in words, what it means."""
    return [make(result, t) for make in (_worst, _spread, _to_move, _shortfall, _gap)]


def sentences(result: Assessment, t: Catalogue) -> list[str]:
    """Who has enough, what is missing, what is not fit, and the language gap."""
    if result.city.coverage is None:
        return [t("No unit has both a pupil count and a target, so coverage can't be told yet.")]
    return [
        _who_has_enough(result, t),
        _what_is_missing(result, t),
        _what_is_not_fit(result, t),
        _between_languages(result, t),
    ]


def notes(result: Assessment, t: Catalogue, cut: int) -> Iterator[str]:
    """What a reader must know about the table: units without data, devices nowhere, units not shown."""
    if cut > 0:
        yield t("{n} more units are on the sheet {sheet}.", n=t.number(cut), sheet=t("Units"))
    unknown = [unit for unit in result.units if unit.need is None]
    if unknown:
        yield t("No data on pupils, so in no figure above: {units}.", units=names(unknown, t))
    partly = [unit for unit in result.units if unit.need is not None and unit.outside]
    if partly:
        yield t(
            "Some devices belong to a stage without a pupil count and are not compared: {units}.",
            units=names(partly, t),
        )
    split = [unit for unit in result.units if Flag.SPLIT_CAMPUS in unit.flags]
    if split:
        yield t("Devices known only by campus were split by pupils: {units}.", units=names(split, t))
    if result.unplaced:
        yield t("Pupil devices that belong to no unit, and so are not counted: {n}.", n=t.number(result.unplaced))


def _worst(result: Assessment, t: Catalogue) -> Figure:
    unit = result.city.worst
    coverage = unit.coverage if unit else None
    meaning = (
        t(
            "{unit}: {fit} fit devices, {need} needed",
            unit=unit.unit.name(t.language),
            fit=t.number(unit.fit),
            need=t.number(unit.need or 0),
        )
        if unit
        else ""
    )
    band = band_at_least(coverage, result.rules.bands.coverage)
    return _figure(t("Worst unit: coverage"), coverage, ColumnType.PERCENT, band, ENOUGH, meaning, t)


def _spread(result: Assessment, t: Catalogue) -> Figure:
    value, least = result.city.spread, t.number(result.rules.spread_min_pupils)
    band = band_at_least(value, result.rules.bands.spread)
    meaning = t("fewer than two units of {n} pupils or more", n=least)
    if value is not None:
        meaning = t("what the lowest unit has of the highest's coverage; units of {n} pupils or more", n=least)
    return _figure(t("Spread: lowest / highest"), value, ColumnType.PERCENT, band, EVEN, meaning, t)


def _to_move(result: Assessment, t: Catalogue) -> Figure:
    index = result.city.hoover
    band = band_at_most(index, result.rules.bands.to_move)
    meaning = (
        t("{share} of the fit devices; then coverage would be the same everywhere", share=t.percent(index, 1))
        if index is not None
        else ""
    )
    return _figure(t("Devices to move"), result.city.to_move, ColumnType.INTEGER, band, EVEN, meaning, t)


def _shortfall(result: Assessment, t: Catalogue) -> Figure:
    city = result.city
    filled = None if city.shortfall is None or not city.need else 1 - city.shortfall / city.need
    band = band_at_least(filled, result.rules.bands.coverage)
    meaning = (
        t("devices missing from the need of {need} in all units", need=t.number(city.need))
        if filled is not None
        else ""
    )
    return _figure(t("Shortfall"), city.shortfall, ColumnType.INTEGER, band, ENOUGH, meaning, t)


def _gap(result: Assessment, t: Catalogue) -> Figure:
    gap = result.city.language_gap
    size = None if gap is None else abs(gap.gap)
    band = band_at_most(size, result.rules.bands.language_gap)
    name = t("Language gap")
    if gap is None or size is None:
        return _figure(name, None, ColumnType.NUMBER, None, EVEN, t("no stage has units in both languages"), t)
    meaning = t(
        "Finnish {fi}, Swedish {sv}, at the same mix of stages", fi=share(gap.first, t), sv=share(gap.second, t)
    )
    row = _figure(name, round(size * 100, 1), ColumnType.NUMBER, band, EVEN, meaning, t)
    row[1] = Styled(
        round(size * 100, 1), Look(format=f'0.0\\ "{t("pp")}"', bold=True, size=11, align="right", indent=1, ruled=True)
    )
    return row


def _figure(
    name: str,
    value: float | None,
    kind: ColumnType,
    band: Band | None,
    words: dict[Band, str],
    meaning: str,
    t: Catalogue,
) -> Figure:
    look = Look(format=number_format(kind, t.language), bold=True, size=11, align="right", indent=1, ruled=True)
    return [
        Styled(name, Look(bold=True, ruled=True)),
        Styled("–", NO_DATA) if value is None else Styled(value, look),
        judged(band, words, t),
        Styled(meaning, Look(align="left", indent=1)),
    ]


def _who_has_enough(result: Assessment, t: Catalogue) -> str:
    known = [unit for unit in result.units if unit.need]
    reached = [unit for unit in known if unit.shortfall == 0]
    if len(reached) == len(known):
        return t("Every unit with data has all the devices it needs.")
    return t(
        "Enough devices: {reached} of {all} units, with {share} of the children and pupils.",
        reached=t.number(len(reached)), all=t.number(len(known)), share=share(result.city.at_target or 0, t),
    )  # fmt: skip


def _what_is_missing(result: Assessment, t: Catalogue) -> str:
    short, move = result.city.shortfall or 0, result.city.movable or 0
    if not short:
        return t("No devices are missing.")
    return t(
        "Devices missing: {short}. Units with more than they need could give {move}; {buy} would have to be acquired.",
        short=t.number(short), move=t.number(move), buy=t.number(short - move),
    )  # fmt: skip


def _what_is_not_fit(result: Assessment, t: Catalogue) -> str:
    counts = [line.devices for unit in result.units for line in unit.stages]
    reasons = {reason: sum(count.not_fit.get(reason, 0) for count in counts) for reason in Reason}
    unfit = sum(reasons.values())
    if not result.city.total:
        return t("There are no pupil devices in the units.")
    if not unfit:
        return t("All {total} pupil devices are fit for use.", total=t.number(result.city.total))
    return t(
        "Not fit for use: {unfit} of {total} pupil devices; most often because: {reason} ({n}).",
        unfit=t.number(unfit), total=t.number(result.city.total),
        reason=t(REASONS[max(reasons, key=reasons.__getitem__)]), n=t.number(max(reasons.values())),
    )  # fmt: skip


def _between_languages(result: Assessment, t: Catalogue) -> str:
    gap = result.city.language_gap
    if gap is None:
        return t("Language groups can't be compared: no stage has units in both languages.")
    points = t.number(abs(gap.gap) * 100, 1)
    if abs(gap.gap) < 0.0005:
        return t("Between Finnish and Swedish units there is no difference in coverage.")
    lower = t(
        "In Swedish units coverage is {points} percentage points lower than in Finnish ones, stage by stage.",
        points=points,
    )
    higher = t(
        "In Finnish units coverage is {points} percentage points lower than in Swedish ones, stage by stage.",
        points=points,
    )
    return lower if gap.gap > 0 else higher
