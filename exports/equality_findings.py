"""What the equality report says in sentences, and what must be known beside its figures."""

from collections.abc import Iterator
from typing import Final

from devreg.domain.equality import Assessment, Flag, Reason
from devreg.i18n import Catalogue
from exports.equality_words import REASONS, names, share

MOST_PAGES: Final = 40
"""Units that each get a page; with more, only those below their target do."""


def sentences(result: Assessment, t: Catalogue) -> list[str]:
    """Who has enough, what is missing, what is not fit, and the language gap."""
    if result.city.coverage is None:
        return [t("No unit has both a pupil count and a target, so coverage can't be told yet.")]
    return [
        _who_has_enough(result, t),
        _what_is_missing(result, t),
        _what_is_not_fit(result, t),
        between_languages(result, t),
    ]


def notes(result: Assessment, t: Catalogue, cut: int) -> Iterator[str]:
    """What a reader must know about the table: units without data, devices nowhere, units not shown."""
    if cut > 0:
        yield t("{n} more units are on the sheet {sheet}.", n=t.number(cut), sheet=t("Units"))
    if len(result.units) > MOST_PAGES:
        yield t("Only units that lack devices have a page of their own.")
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


def between_languages(result: Assessment, t: Catalogue) -> str:
    """Which language has the lower coverage, and by how much."""
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
