"""Cells as people in Finland fill them: comma decimals, `12,50 €`, 24.11.2026, kyllä, ja, x.

Every parser returns None for an empty cell.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from devreg.domain.sorting import fold
from devreg.domain.words import label
from devreg.text import clean

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""What a sheet reader hands over; "" is an empty cell too."""

_YES: Final = frozenset({"kyllä", "kylla", "k", "ja", "j", "yes", "y", "true", "tosi", "sant", "x", "1", "on"})
_NO: Final = frozenset({"ei", "e", "nej", "n", "no", "false", "epätosi", "falskt", "0", "-"})
_EXCEL_DAY_0: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(20_000, 80_000)
"""Day numbers from 1954 to 2119: a date column without a date format."""
_ROUNDED: Final = re.compile(r"^\d(?:[.,]\d+)?E\+\d+$", re.IGNORECASE)
_LARGEST: Final = 2**53


def text(cell: Cell) -> str | None:
    """Cleaned text; numbers without a trailing `.0`."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < _LARGEST:
            return str(int(cell))
        case date():
            return cell.isoformat()
        case None:
            return None
        case _:
            return clean(str(cell))


def identifier(cell: Cell) -> str | None:
    """Text of a number that is a name; refuses one that Excel has rounded away."""
    value = text(cell)
    if value is not None and (_ROUNDED.match(value) or (isinstance(cell, float) and not cell.is_integer())):
        raise ValueError(f"“{value}” lost its digits in Excel; format the column as text and enter it again")
    return value


def day(cell: Cell) -> date | None:
    """A date: Excel's own, 24.11.2026 or 2026-11-24."""
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case bool():
            raise ValueError("not a date")
        case int() | float():
            if int(cell) not in _EXCEL_DAYS:
                raise ValueError(f"“{text(cell)}” is not a date such as 24.11.2026")
            return _EXCEL_DAY_0 + timedelta(days=int(cell))
    value = text(cell)
    if value is None:
        return None
    parts = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?", value)
    try:
        if parts:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
        return (
            date.fromisoformat(value[:10]) if re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:[ T].*)?", value) else _no_day(value)
        )
    except ValueError:
        return _no_day(value)


def _no_day(value: str) -> date:
    raise ValueError(f"“{value}” is not a date such as 24.11.2026")


def instant(cell: Cell) -> datetime | None:
    """A date's first moment, UTC: sheets give no zone."""
    found = day(cell)
    return None if found is None else datetime(found.year, found.month, found.day, tzinfo=UTC)


def number(cell: Cell) -> Decimal | None:
    """A number with comma or point as decimal mark and blanks between thousands; refuses what could be read both ways."""
    match cell:
        case bool() | date():
            raise ValueError("not a number")
        case int() | float():
            return Decimal(repr(cell))
    value = text(cell)
    if value is None:
        return None
    bare = re.sub(r"\s|'", "", value).replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", bare):
        raise ValueError(
            f"“{value}” could be thousands or decimals; write {bare.replace('.', '')} or {bare.replace('.', ',')}"
        )
    if re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+,\d+", bare):
        bare = bare.replace(".", "")
    elif re.fullmatch(r"-?\d{1,3}(?:,\d{3})+\.\d+", bare):
        bare = bare.replace(",", "")
    if not re.fullmatch(r"-?\d{1,15}(?:[.,]\d{1,10})?", bare):
        raise ValueError(f"“{value}” is not a number")
    return Decimal(bare.replace(",", "."))


def money_cents(cell: Cell) -> int | None:
    """Euros as whole cents; `12,50 €`, `1 234,50`, `EUR 12.50`."""
    if isinstance(cell, str):
        cell = re.sub(r"€|\beur(?:oa|o)?\b|/\s*(?:kk|mån)\b\.?", "", cell, flags=re.IGNORECASE)
    found = number(cell)
    if found is None:
        return None
    if found < 0 or found > _LARGEST // 100:
        raise ValueError(f"“{text(cell)}” is not a price")
    return round(found * 100)


def count(cell: Cell) -> int | None:
    """A whole number, with or without its word: `24 kk`, `30 pv`, `12 st`."""
    if isinstance(cell, str):
        cell = re.sub(r"(?<=\d)\s*(?:kk|mån|pv|vrk|d|kpl|st)\.?\s*$", "", cell, flags=re.IGNORECASE)
    found = number(cell)
    if found is None:
        return None
    if found != int(found) or not 0 <= found <= _LARGEST:
        raise ValueError(f"“{text(cell)}” is not a whole number")
    return int(found)


def decimal(cell: Cell) -> float | None:
    """A number not below zero."""
    found = number(cell)
    if found is not None and found < 0:
        raise ValueError(f"“{text(cell)}” is below zero")
    return None if found is None else float(found)


def percent(cell: Cell) -> float | None:
    """Per cent as people say it: 25.5 for `25,5 %`, 25,5 and Excel's 0.255."""
    found = number(cell.replace("%", "") if isinstance(cell, str) else cell)
    if found is None:
        return None
    if not 0 <= found <= 100:
        raise ValueError(f"“{text(cell)}” is not a percentage")
    return float(found * 100 if 0 < found < 1 and not isinstance(cell, str) else found)


def boolean(cell: Cell) -> bool | None:
    """Yes or no in Finnish, Swedish and English; a cross is yes."""
    if isinstance(cell, bool):
        return cell
    value = text(cell)
    if value is None:
        return None
    if value.casefold() in _YES:
        return True
    if value.casefold() in _NO:
        return False
    raise ValueError(f"“{value}” is neither yes nor no (kyllä, ei; ja, nej)")


def word(field: str, members: Iterable[str] | type[StrEnum]) -> Callable[[Cell], str | None]:
    """A parser for a closed set: its own words, and what the glossary calls them in Finnish and Swedish."""
    allowed = tuple(str(member) for member in members)
    named = {fold(name): member for member in allowed for name in (member, label(member))}
    known = named | _WORDS.get(field, {})

    def parse(cell: Cell) -> str | None:
        value = text(cell)
        if value is None:
            return None
        if isinstance(cell, datetime | date):
            # Excel turns "1-2" and "3-6" into days of the current year.
            value = f"{cell.day}-{cell.month}"
        found = known.get(fold(value)) or known.get(fold(value.replace("\N{EN DASH}", "-")))
        if found is None:
            raise ValueError(f"“{value}” is not one of {', '.join(allowed)}")
        return found

    return parse


def _words(**lists: str) -> dict[str, str]:
    return {fold(name.strip()): member for member, names in lists.items() for name in names.split(",")}


_WORDS: Final[dict[str, dict[str, str]]] = {
    "kind": _words(
        laptop="kannettava, kannettava tietokone, läppäri, bärbar dator, bärbar", desktop="pöytäkone, stationär dator, stationär",
        phone="puhelin, matkapuhelin, älypuhelin, telefon, mobiltelefon", tablet="tabletti, surfplatta, ipad, pekplatta",
        switch="kytkin", router="reititin", firewall="palomuuri, brandvägg", access_point="tukiasema, accesspunkt, access point, ap",
        printer="tulostin, monitoimilaite, skrivare", server="palvelin",
        controller="ohjain, kontroller", storage="tallennusjärjestelmä, lagringssystem", other="muu, övrig, annat, annan",
    ),
    "use": _words(
        pupil="oppilas, oppilaskäyttö, elev, opiskelija", staff="henkilöstö, henkilökunta, personal",
        shared="yhteinen, yhteiskäyttö, gemensam",
        infrastructure="infra, infrastruktuuri, infrastruktur",
    ),
    "stage": {
        **_words(ece="varhaiskasvatus, småbarnspedagogik, vaka", pre="esiopetus, esikoulu, förskoleundervisning, eskari",
                 upper="lukio, gymnasium"),
        **_words(**{"7-9": "yläluokat (7-9), yläkoulu, högstadiet"}),
        **{fold(name): stage for stage in ("1-2", "3-6", "7-9") for name in (f"luokat {stage}", f"årskurs {stage}", f"åk {stage}")},
    },
    "state": _words(
        planned="suunniteltu, planerad", ordered="tilattu, beställd", in_stock="varastossa, i lager", in_use="käytössä, i bruk",
        in_repair="huollossa, på service", lost="kadonnut, förkommen", retired="poistettu käytöstä, tagen ur bruk",
        disposed="hävitetty, kasserad",
    ),
    "ownership": _words(
        company="kaupunki, kaupungin, staden, stadens, työnantaja, arbetsgivare", personal="oma, henkilökohtainen, egen, privat",
    ),
    "contract_kind": _words(
        lease="leasing, leasingsopimus, leasingavtal, vuokra, hyra", support="palvelusopimus, huoltosopimus, serviceavtal, tuki",
        warranty="takuu, garanti", subscription="liittymä, abonnemang",
    ),
}  # fmt: skip
"""Words of the glossary and their common variants, folded. Chromebook, UPS and DigiLab are the same in every language."""
