"""How many devices of which kind every unit has; invented so that the equality report has something to say."""

from enum import StrEnum
from typing import Final

import msgspec

from devreg.domain.device import Stage, Use

SIZE: Final = 2600
"""The size the numbers here were chosen for."""


class Family(StrEnum):
    """How a device is managed and what it is."""

    CHROMEBOOK = "chromebook"
    LAPTOP = "laptop"
    IPAD = "ipad"
    IPHONE = "iphone"
    ANDROID = "android"


class Place(msgspec.Struct, frozen=True):
    """Devices of one family that serve one purpose in one unit."""

    family: Family
    unit: str
    use: Use
    stage: Stage | None = None


_C, _L, _I = Family.CHROMEBOOK, Family.LAPTOP, Family.IPAD
_P, _ST, _SH = Use.PUPIL, Use.STAFF, Use.SHARED

FLEET: Final[dict[Place, float]] = {
    # Coverage to aim at: Mäntymäki .97, Kasavuori .96, Granhult .93, Hagelstamska .65 (the worst), Samskola .99, lukio 1.04.
    Place(_C, "mantymaki", _P, Stage.GRADES_3_6): 302,
    Place(_C, "kasavuori", _P, Stage.GRADES_7_9): 324,
    Place(_C, "granhult", _P, Stage.GRADES_3_6): 210,
    Place(_C, "hagelstamska", _P, Stage.GRADES_7_9): 209,
    Place(_C, "samskola", _P, Stage.UPPER_SECONDARY): 28,
    Place(_C, "digilab", Use.DIGILAB): 24,
    Place(_C, "kirjasto", _SH): 16,
    Place(_C, "it", _SH): 40,
    Place(_L, "lukio", _P, Stage.UPPER_SECONDARY): 400,
    Place(_L, "samskola", _P, Stage.UPPER_SECONDARY): 255,
    Place(_L, "mantymaki", _ST): 38,
    Place(_L, "kasavuori", _ST): 30,
    Place(_L, "lukio", _ST): 28,
    Place(_L, "granhult", _ST): 34,
    Place(_L, "hagelstamska", _ST): 27,
    Place(_L, "samskola", _ST): 24,
    Place(_L, "kaupungintalo", _ST): 62,
    Place(_L, "koti-hoiva", _ST): 14,
    Place(_L, "kirjasto", _ST): 9,
    Place(_L, "it", _ST): 10,
    Place(_I, "mantymaki", _P, Stage.GRADES_1_2): 78,
    Place(_I, "granhult", _P, Stage.GRADES_1_2): 50,
    Place(_I, "granhult", _P, Stage.PRE_PRIMARY): 12,
    Place(_I, "sansinpelto", _P, Stage.ECE): 12,
    Place(_I, "sansinpelto", _P, Stage.PRE_PRIMARY): 9,
    Place(_I, "pikku-akatemia", _P, Stage.ECE): 9,
    Place(_I, "sprakbad", _P, Stage.ECE): 7,
    Place(_I, "kasaberget", _P, Stage.ECE): 5,
    Place(_I, "grankotten", _P, Stage.ECE): 5,
    Place(Family.IPHONE, "kaupungintalo", _ST): 84,
    Place(Family.IPHONE, "mantymaki", _ST): 22,
    Place(Family.IPHONE, "granhult", _ST): 20,
    Place(Family.IPHONE, "hagelstamska", _ST): 16,
    Place(Family.IPHONE, "it", _ST): 12,
    Place(Family.IPHONE, "kasavuori", _ST): 18,
    Place(Family.ANDROID, "koti-hoiva", _ST): 88,
    Place(Family.ANDROID, "koti-hoiva", _SH): 14,
    Place(Family.ANDROID, "sansinpelto", _ST): 12,
    Place(Family.ANDROID, "sprakbad", _ST): 9,
    Place(Family.ANDROID, "kaupungintalo", _ST): 20,
}
"""Place -> number of devices in a city of `SIZE`. The 40 Chromebooks of IT are the retired ones of the old console."""
