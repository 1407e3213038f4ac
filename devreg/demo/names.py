"""Invented names: people, and the city's units with their pupil numbers."""

from typing import Final

import msgspec

from devreg.domain.device import Stage

CITY_DOMAIN: Final = "kaupunki.example"
SCHOOL_DOMAIN: Final = "skola.example"

GIVEN_FI: Final = (
    "Aino", "Eero", "Liisa", "Matti", "Helmi", "Onni", "Venla", "Leo", "Sanni", "Aleksi", "Iida", "Juho", "Kerttu",
    "Oskari", "Tuuli", "Väinö", "Päivi", "Jyrki", "Sirpa", "Antti", "Elli", "Toivo", "Saara", "Niilo", "Hilla",
    "Urho", "Marjatta", "Kalle", "Reetta", "Ilmari",
)  # fmt: skip
GIVEN_SV: Final = (
    "Ella", "Axel", "Åsa", "Björn", "Linnea", "Emil", "Märta", "Oskar", "Saga", "Viktor", "Ebba", "Rasmus",
    "Ingrid", "Göran", "Solveig", "Anton", "Freja", "Hugo", "Tove", "Nils", "Alva", "Sixten", "Greta", "Fredrik",
    "Maj-Len", "Kurt", "Stina", "Elis", "Wilma", "Gustav",
)  # fmt: skip
FAMILY_FI: Final = (
    "Koski", "Laine", "Mäki", "Virtanen", "Nieminen", "Järvi", "Salo", "Lehto", "Hämäläinen", "Rantala", "Peltola",
    "Ahola", "Kivelä", "Niemi", "Toivonen", "Saarinen", "Ylönen", "Hakala", "Kallio", "Räsänen",
)  # fmt: skip
FAMILY_SV: Final = (
    "Lindholm", "Sjöberg", "Ekström", "Nyman", "Forsström", "Söderlund", "Åberg", "Holmqvist", "Backman",
    "Westerlund", "Österman", "Grönroos", "Lundin", "Björklund", "Sandström", "Engblom", "Rosenqvist", "Fagerström",
    "Nylund", "Häggblom",
)  # fmt: skip


class UnitFacts(msgspec.Struct, frozen=True):
    """One unit; pupil numbers are invented and stand for a city of 2,600 devices."""

    id: str
    name_fi: str
    name_sv: str
    kind: str
    language: str
    campus: str | None = None
    pupils: dict[Stage, int] = {}
    groups: int | None = None
    counted: bool = True
    """False: nobody has sent this unit's numbers."""


_S = Stage
UNITS: Final = (
    UnitFacts("mantymaki", "Mäntymäen koulu", "Mäntymäen koulu", "school", "fi", None, {_S.GRADES_1_2: 148, _S.GRADES_3_6: 312}),
    UnitFacts("kasavuori", "Kasavuoren koulu", "Kasavuoren koulu", "school", "fi", "kasavuori", {_S.GRADES_7_9: 338}),
    UnitFacts("lukio", "Kauniaisten lukio", "Kauniaisten lukio", "school", "fi", "kasavuori", {_S.UPPER_SECONDARY: 384}),
    UnitFacts(
        "granhult", "Granhultsskolan", "Granhultsskolan", "school", "sv", None,
        {_S.PRE_PRIMARY: 56, _S.GRADES_1_2: 112, _S.GRADES_3_6: 226},
    ),
    UnitFacts("hagelstamska", "Hagelstamska skolan", "Hagelstamska skolan", "school", "sv", "hagelstam", {_S.GRADES_7_9: 322}),
    UnitFacts(
        "samskola", "Gymnasiet Grankulla samskola", "Gymnasiet Grankulla samskola", "school", "sv", "hagelstam",
        {_S.UPPER_SECONDARY: 286},
    ),
    UnitFacts("sansinpelto", "Sansinpellon päiväkoti", "Sansinpellon päiväkoti", "daycare", "fi",
              None, {_S.ECE: 92, _S.PRE_PRIMARY: 40}, 6),
    UnitFacts("pikku-akatemia", "Pikku Akatemia", "Pikku Akatemia", "daycare", "fi", None, {_S.ECE: 64}, 4),
    UnitFacts("sprakbad", "Kielikylpy Grani Språkbad", "Kielikylpy Grani Språkbad", "daycare", "sv", None, {_S.ECE: 58}, 4),
    UnitFacts("kasaberget", "Kasabergets daghem", "Kasabergets daghem", "daycare", "sv", None, {_S.ECE: 71}, 5),
    UnitFacts("grankotten", "Daghemmet Grankotten", "Daghemmet Grankotten", "daycare", "sv", None, {_S.ECE: 44}, 3, counted=False),
    UnitFacts("kaupungintalo", "Kaupungintalo", "Stadshuset", "office", "fi"),
    UnitFacts("koti-hoiva", "Kotihoito", "Hemvården", "office", "fi"),
    UnitFacts("kirjasto", "Kaupunginkirjasto", "Stadsbiblioteket", "library", "fi"),
    UnitFacts("digilab", "DigiLab", "DigiLab", "digilab", "fi", "kasavuori"),
    UnitFacts("it", "Tietohallinto", "Dataförvaltningen", "office", "fi"),
)  # fmt: skip
"""Names as found in public; no number here is anybody's real one."""
