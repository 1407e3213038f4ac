"""What the definitions sheet says of the quality score: its parts, weights and levels, as the settings have them."""

from collections.abc import Iterator

from devreg.domain.equality_quality import Part, Quality
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from exports.looks import Look
from exports.looks import Styled as Cell
from exports.workbook import Rows

COLUMNS = (
    Column("part", N_("Part of the quality score")),
    Column("levels", N_("Levels")),
    Column("weight", N_("Weight"), ColumnType.NUMBER),
)


def quality_rows(quality: Quality, t: Catalogue) -> Rows:
    """A row a part that is looked at."""
    names = {
        Part.SUPPORT: N_("Update support left"), Part.AGE: N_("Age"), Part.MEMORY: N_("Memory and storage"), Part.BATTERY: N_("Battery"),
        Part.CONDITION: N_("Condition"),
    }  # fmt: skip
    look = Look(format="0.00", align="right", indent=1, ruled=True)
    rows = [
        [t(names[part]), "; ".join(_levels(part, quality, t)), Cell(quality.weights[part], look)]
        for part in quality.weighed
    ]
    return Rows(COLUMNS, rows)


def _levels(part: Part, quality: Quality, t: Catalogue) -> Iterator[str]:
    match part:
        case Part.SUPPORT:
            month, day = quality.year_ends
            yield t("when the school year ends on {day}.{month}.", day=day, month=month)
            marks = (N_("three years or more"), N_("two years"), N_("one year"), N_("less"))
            yield from (f"{t(mark)} {t.number(level, 2)}" for mark, level in zip(marks, quality.support, strict=True))
        case Part.AGE:
            yield t("1 – age / expected life in years, at least 0")
            yield from (f"{t(label(kind))} {t.number(years)}" for kind, years in quality.life_years.items())
        case Part.MEMORY:
            for kind, wanted in quality.memory.items():
                asked = {"ram": t.number(wanted.gigabytes), "below": t.number(wanted.below, 2)}
                text = t("from {ram} GB 1, below {below}", **asked)
                if wanted.storage_gigabytes:
                    storage = t.number(wanted.storage_gigabytes)
                    text = t("from {ram} GB and {storage} GB of storage 1, below {below}", storage=storage, **asked)
                yield f"{t(label(kind))} {text}"
        case Part.BATTERY:
            yield from (f"{t(label(word))} {t.number(level, 2)}" for word, level in quality.battery.items())
        case Part.CONDITION:
            yield from (f"{word} {t.number(level, 2)}" for word, level in quality.condition.items())
