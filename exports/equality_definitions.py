"""The definitions sheet: what every word and number of the equality report means, and the technical measures."""

from collections.abc import Iterator
from typing import Final

from devreg.domain.equality import Assessment, Rules, StageTarget
from devreg.domain.equality_chance import chance
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services.equality_notes import notes
from exports.equality_quality import quality_rows
from exports.equality_words import ENOUGH, EVEN, NO_DATA, STAGES, SYMBOLS, target_text
from exports.looks import Look, Styled
from exports.workbook import Area, Book, Page, Rows

_TERMS: Final = (
    (N_("Unit"), N_("A school or a day-care centre.")),
    (
        N_("Pupils"),
        N_("Children, pupils and students on the day of the newest pupil count up to the date of the report."),
    ),
    (
        N_("Pupil device"),
        N_(
            "A device for pupils' use. Staff, shared, DigiLab and infrastructure devices are not counted. "
            "A device counts once, however many sources know it."
        ),
    ),
    (N_("Target"), N_("Devices for each pupil at a stage. The city sets it; see the table below.")),
    (N_("Need"), N_("Pupils × target, rounded up to whole devices for each unit and stage.")),
    (
        N_("Fit for use"),
        N_(
            "In a state of working ({working}), managed, with update support, and seen in the last {days} days, days off not counted. "
            "What no source says does not make a device unfit; the column Data complete shows how much is known."
        ),
    ),
    (
        N_("Fit by quality"),
        N_(
            "Fit devices, each counted by its quality score from 0 to 1: the mean of the parts that are known, by weight. "
            "Devices of which nothing is known count as the others do. It is always shown beside the plain counts."
        ),
    ),
    (N_("Coverage"), N_("Fit devices / need. 100 per cent means that the target is reached.")),
    (N_("Shortfall"), N_("Need – fit devices, where the need is larger. A surplus elsewhere does not lessen it.")),
    (
        N_("Spread"),
        N_(
            "Lowest coverage / highest coverage, among units of {pupils} pupils or more: "
            "in small units one device is many per cent."
        ),
    ),
    (
        N_("Devices to move"),
        N_(
            "How many fit devices would have to change unit for the same coverage everywhere, without buying any "
            "(Hoover index × fit devices). It says how uneven the present split is; "
            "it is not the plan that reaches the target."
        ),
    ),
    (
        N_("Language gap"),
        N_(
            "Difference in coverage between Finnish and Swedish units, stage by stage, weighted by the city's pupils, "
            "so that a different mix of ages makes no gap."
        ),
    ),
    (
        N_("No data"),
        N_("Not known, shown as –. It is never treated as zero, and such units are in no figure of the city."),
    ),
)
_CHANCE: Final = N_(
    "95 of 100 cities stay below it where 10 per cent of devices break at random; below it nothing is proven"
)


def write_definitions(book: Book, name: str, result: Assessment, version: str, trail: str) -> Area:
    """Terms, targets, limits, technical measures and how the workbook is built; where the technical measures stand."""
    t, rules = book.t, result.rules
    sheet = book.sheet(name, (46, 84, 13), Page(portrait=True, one_page=True, row_height=15))
    sheet.title(t("Definitions"))
    terms = Rows((Column("term", N_("Concept")), Column("meaning", N_("Meaning"))), _terms(rules, t))
    sheet.table("definitions", terms, ruled=True)
    sheet.heading(t("Targets"))
    targets = [[_target_name(target, t), target_text(target, t)] for target in rules.targets]
    sheet.table(
        "targets", Rows((Column("stage", N_("Stage")), Column("target", N_("Devices per pupil"))), targets), ruled=True
    )
    sheet.add(t("Level of the targets that the city did not set itself: {preset}.", preset=rules.preset))
    sheet.heading(t("Quality score"))
    sheet.table("quality", quality_rows(rules.quality, t), ruled=True)
    sheet.heading(t("Limits of the assessments"))
    limits = Rows((Column("what", N_("Measure")), Column("limits", N_("Assessments"))), list(_limits(rules, t)))
    sheet.table("limits", limits, ruled=True)
    sheet.heading(t("Technical measures, over coverage"))
    columns = (
        Column("name", N_("Name")),
        Column("meaning", N_("What it says")),
        Column("value", N_("Value"), ColumnType.NUMBER),
    )
    technical = sheet.table("technical", Rows(columns, list(_measures(result, t))), ruled=True)
    sheet.heading(t("Beside the figures"))
    for line in notes(result, t):
        sheet.add(line)
    sheet.heading(t("About this workbook"))
    sheet.add(
        t(
            "Made by devreg {version}. Numbers are values; only the sheet {check} has formulas. "
            "There are no macros or links to other files.",
            version=version,
            check=t("Check"),
        )
    )
    if trail:
        sheet.add(t("Last row of the audit trail when it was made: {trail}", trail=trail))
    sheet.add(
        t(
            "Accessibility: marked-up tables with one header row, no merged cells, no empty rows in tables, "
            "described charts, colour always with a word and a symbol, or a pattern. "
            "Not met: the sheets {units} and {devices} have filters and frozen rows.",
            units=t("Units"),
            devices=t("Devices"),
        )
    )
    return technical


def _terms(rules: Rules, t: Catalogue) -> Iterator[list[object]]:
    working = ", ".join(t(label(state)) for state in rules.gates.working)
    values = {"days": t.number(rules.gates.seen_days), "pupils": t.number(rules.spread_min_pupils), "working": working}
    for term, meaning in _TERMS:
        look = Look(wrap=True, upright="top", align="left", indent=1, ruled=True)
        yield [
            Styled(t(term), Look(bold=True, wrap=True, upright="top", ruled=True)),
            Styled(t(meaning, **values), look),
        ]


def _target_name(target: StageTarget, t: Catalogue) -> str:
    name = t(STAGES[target.stage])
    return name if target.kind is None else f"{name} ({t(label(target.kind))})"


def _limits(rules: Rules, t: Catalogue) -> Iterator[list[object]]:
    bands = rules.bands
    for name, (good, fair), words, text in (
        (N_("Coverage"), bands.coverage, ENOUGH, N_("{good_word} from {good}, {fair_word} from {fair}, below that {poor_word}")),
        (N_("Spread"), bands.spread, EVEN, N_("{good_word} from {good}, {fair_word} from {fair}, below that {poor_word}")),
        (N_("Devices to move"), bands.to_move, EVEN, N_("{good_word} up to {good}, {fair_word} up to {fair}, above that {poor_word}")),
        (N_("Language gap"), bands.language_gap, EVEN, N_("{good_word} up to {good}, {fair_word} up to {fair}, above that {poor_word}")),
    ):  # fmt: skip
        said = {f"{band}_word": f"{SYMBOLS[band]} {t(word)}" for band, word in words.items()}
        yield [t(name), t(text, good=t.percent(good), fair=t.percent(fair), **said)]


def _measures(result: Assessment, t: Catalogue) -> Iterator[list[object]]:
    city, technical, theil = result.city, result.city.technical, result.city.technical.theil
    low, high = technical.hoover_without_one or (None, None)
    usual = chance([unit.need or 0 for unit in result.units])
    for name, meaning, value in (
        (N_("Hoover index"), N_("share of devices to move"), city.hoover),
        (N_("Hoover index of chance"), _CHANCE,
         usual and usual.hoover_most),
        (N_("Hoover index, lowest without one unit"), N_("how much hangs on a single unit"), low),
        (N_("Hoover index, highest without one unit"), N_("how much hangs on a single unit"), high),
        (N_("Coefficient of variation"), N_("weighted by need"), technical.variation),
        (N_("Coefficient of variation of chance"), N_("as the Hoover index of chance"), usual and usual.variation_most),
        (N_("Gini index"), N_("to follow over time; not comparable with cities of another size"), technical.gini),
        (N_("Theil index"), N_("all inequality between units"), theil and theil.total),
        (N_("Theil index between languages"), N_("part that lies between the language groups"), theil and theil.between),
        (N_("Theil index within languages"), N_("part that lies between units of the same language"), theil and theil.within),
        (N_("McLoone index"), N_("what the lower half has, of what it would have at the median"), technical.mcloone),
    ):  # fmt: skip
        look = Look(format="0.0000", align="right", indent=1, ruled=True)
        yield [t(name), t(meaning), Styled("–", NO_DATA) if value is None else Styled(value, look)]
