"""What must be known beside the figures of equality, in sentences: for the command line and whoever else tells of them."""

from collections.abc import Iterator
from datetime import date

from devreg.domain.device import Use
from devreg.domain.equality import Assessment, Flag
from devreg.domain.equality_beside import daycare_gap, one_to_one, pupil_files, what_if
from devreg.domain.equality_chance import chance
from devreg.domain.windows_support import CHECKED, SOURCE
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue

_OLD_DAYS = 365


def notes(result: Assessment, t: Catalogue) -> Iterator[str]:
    """The sentences that hold of this city, the most important first."""
    yield from _chance(result, t)
    yield from _leave_one_out(result, t)
    yield from ranking(result, t)
    yield from _pupils(result, t)
    yield from _daycare(result, t)
    yield from _apart(result, t)
    yield windows_table(result.as_of, t)


def _chance(result: Assessment, t: Catalogue) -> Iterator[str]:
    usual, index = chance([unit.need or 0 for unit in result.units]), result.city.hoover
    if usual is None or index is None:
        return
    limit, share = t.percent(usual.hoover_most, 1), t.percent(index, 1)
    if index > usual.hoover_most:
        yield t(
            "{share} of the devices would have to move; chance alone gives up to {limit}.", share=share, limit=limit
        )
    else:
        yield t(
            "{share} of the devices would have to move, which chance alone can give (up to {limit}): nothing is proven.",
            share=share, limit=limit,
        )  # fmt: skip


def _leave_one_out(result: Assessment, t: Catalogue) -> Iterator[str]:
    if (without := result.city.technical.hoover_without_one) is not None:
        low, high = (t.percent(index, 1) for index in without)
        yield t(
            "Without any one unit that share is {low} to {high}: so much hangs on a single unit.", low=low, high=high
        )


def ranking(result: Assessment, t: Catalogue) -> Iterator[str]:
    """Whether the order of the units hangs on the weights of the quality score."""
    compared = what_if(result.units)
    if compared is None:
        return
    if compared.holds:
        yield t("With all parts of the quality score weighing alike the units rank the same.")
    else:
        names = {unit.unit.id: unit.unit.name(t.language) for unit in result.units}
        moved = ", ".join(names[key] for key in compared.moved)
        yield t("With all parts of the quality score weighing alike these units rank otherwise: {units}.", units=moved)


def _pupils(result: Assessment, t: Catalogue) -> Iterator[str]:
    for file in pupil_files(result.units):
        name, mark = file.name or t("not known"), file.hash[:12] or "–"
        yield t("Pupils of {day} are from {file} (SHA-256 {hash}).", day=t.date(file.date), file=name, hash=mark)
    own = [f"{t(label(stage))} {t.percent(part)}" for stage, part in one_to_one(result.units).items()]
    if own:
        yield t("Pupils with a device of their own at hand: {stages}.", stages=", ".join(own))
    if any(Flag.SPLIT_CAMPUS in unit.flags for unit in result.units):
        yield t("Devices known only by campus are shared out by pupils.")


def _daycare(result: Assessment, t: Catalogue) -> Iterator[str]:
    gap = daycare_gap(result.units, result.rules.daycare_price)
    if gap is None:
        return
    short, need = t.number(gap.shortfall), t.number(gap.need)
    if gap.cost is None:
        yield t("Day-care centres lack {short} of {need} devices.", short=short, need=need)
    else:
        cost = t.number(gap.cost)
        yield t("Day-care centres lack {short} of {need} devices, about {cost} €.", short=short, need=need, cost=cost)


def _apart(result: Assessment, t: Catalogue) -> Iterator[str]:
    for use, text in (
        (Use.STAFF, N_("Staff devices, not counted above: {n}.")),
        (Use.DIGILAB, N_("DigiLab's devices, shared by the city and not counted above: {n}.")),
    ):
        if n := result.other_uses.get(use):
            yield t(text, n=t.number(n))


def windows_table(day: date, t: Catalogue) -> str:
    """Where the ends of Windows come from, and whether that is too old to be trusted."""
    said = {"source": SOURCE, "day": t.date(CHECKED)}
    if (day - CHECKED).days > _OLD_DAYS:
        return t(
            "Ends of support of Windows are from {source}, checked {day}, over a year ago: do not trust them.", **said
        )
    return t("Ends of support of Windows are from {source}, checked {day}.", **said)
