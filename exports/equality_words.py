"""The equality report's words, numbers as people read them, and the looks of its bands."""

from collections.abc import Iterable
from typing import Final

import msgspec

from devreg.domain.device import Stage, Use
from devreg.domain.equality import Band, Basis, Flag, Reason, StageTarget, UnitLine
from devreg.domain.words import label
from devreg.i18n import N_, Catalogue
from exports.looks import Look, Styled

STAGES: Final = {
    Stage.ECE: N_("Early childhood"),
    Stage.PRE_PRIMARY: N_("Pre-primary"),
    Stage.GRADES_1_2: N_("Grades 1–2"),
    Stage.GRADES_3_6: N_("Grades 3–6"),
    Stage.GRADES_7_9: N_("Lower secondary (7–9)"),
    Stage.UPPER_SECONDARY: N_("Upper secondary"),
}
REASONS: Final = {
    Reason.NOT_WORKING: N_("in repair or lost"),
    Reason.NOT_MANAGED: N_("not managed"),
    Reason.UNSUPPORTED: N_("update support has ended"),
    Reason.NOT_SEEN: N_("not seen lately"),
}
NEXT_STEPS: Final = {
    Reason.NOT_WORKING: N_("Repair it, find it, or retire it in the register."),
    Reason.NOT_MANAGED: N_("Enrol it in the management tool."),
    Reason.UNSUPPORTED: N_("Replace it, or use it where updates are not needed."),
    Reason.NOT_SEEN: N_("Find it and switch it on; else say that it is lost."),
}
USES: Final = {
    Use.STAFF: N_("Staff devices"),
    Use.SHARED: N_("Shared devices"),
    Use.DIGILAB: N_("DigiLab devices"),
    Use.INFRASTRUCTURE: N_("Infrastructure devices"),
    None: N_("Devices whose use is not known"),
}
FLAGS: Final = {
    Flag.NO_COUNT: N_("pupil count missing"),
    Flag.NO_STAGE: N_("pupil count does not say the stage"),
    Flag.NO_TARGET: N_("stage has no target"),
    Flag.SPLIT_STAGE: N_("devices without a stage split by need"),
    Flag.SPLIT_CAMPUS: N_("devices of the campus split by pupils"),
    Flag.COUNTS_DIFFER: N_("two pupil counts differ, the larger is used"),
}

ENOUGH: Final = {Band.GOOD: N_("enough"), Band.FAIR: N_("nearly enough"), Band.POOR: N_("too few")}
EVEN: Final = {Band.GOOD: N_("even"), Band.FAIR: N_("slightly uneven"), Band.POOR: N_("uneven")}

SYMBOLS: Final = {Band.GOOD: "●", Band.FAIR: "▲", Band.POOR: "■"}
"""Different shapes, in every common font: readable in black and white and by the colour-blind."""
FILLS: Final = {Band.GOOD: "0072B2", Band.FAIR: "F7DDA4", Band.POOR: "E69F00"}
"""Blue and orange of the Okabe-Ito palette, which differ for every kind of colour vision."""
NO_DATA: Final = Look(colour="595959", align="right", indent=1, ruled=True)


def band_text(band: Band | None, words: dict[Band, str], t: Catalogue) -> str:
    """`▲ slightly uneven`; "no data" without a band."""
    return t("no data") if band is None else f"{SYMBOLS[band]} {t(words[band])}"


def band_look(band: Band | None) -> Look:
    """The look of a cell that says a band in words."""
    if band is None:
        return msgspec.structs.replace(NO_DATA, align="left")
    colour = "FFFFFF" if band is Band.GOOD else "1A1A1A"
    return Look(bold=True, fill=FILLS[band], colour=colour, align="left", indent=1, ruled=True)


def enough(band: Band | None, need: int | None, t: Catalogue) -> Styled:
    """A cell that says whether there are enough devices, also where none are needed."""
    return Styled(t("no need") if need == 0 else band_text(band, ENOUGH, t), band_look(band))


def known(value: float | None) -> object:
    """A number, or a dash beside the words "no data"."""
    return Styled("–", NO_DATA) if value is None else value


def share(value: float, t: Catalogue) -> str:
    """A share as per cent; never rounded up to the whole."""
    return t.percent(value, 1 if 0.995 <= value < 1 else 0)


def target_text(target: StageTarget, t: Catalogue) -> str:
    """`1 : 7` where a device is shared, else devices for each one; says so when it counts groups."""
    devices = target.devices
    text = f"1 : {devices.denominator}" if devices.numerator == 1 else t.number(float(devices), 2)
    return t("{target} per group", target=text) if target.per is Basis.GROUP else text


def language_name(language: str | None, t: Catalogue) -> str:
    """A teaching language in words."""
    return t("not known") if language is None else t(label(language))


def names(units: Iterable[UnitLine], t: Catalogue, at_most: int = 6) -> str:
    """The units' names in a row; many are cut with a count."""
    all_names = [line.unit.name(t.language) for line in units]
    more = len(all_names) - at_most
    listed = ", ".join(all_names[:at_most])
    return t("{units} and {n} more", units=listed, n=t.number(more)) if more > 0 else listed
