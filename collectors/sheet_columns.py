"""Where a sheet has the columns that its profile asks for."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from collectors.sheet_cells import Cell
from collectors.sheet_fields import header
from collectors.sheet_files import Table
from devreg.errors import Broken
from devreg.i18n import N_
from devreg.settings import Profile
from devreg.text import clean

_LOOKED_THROUGH: Final = 20
"""Rows among which the column names are looked for: people write titles above them."""
_SHOWN: Final = 40
_ALIKE: Final = 0.84


class Columns(msgspec.Struct, frozen=True):
    """What was found."""

    row: int
    """Of the column names, as Excel counts."""
    fields: dict[str, str]
    """Column, as the sheet or the profile writes it -> field."""
    places: dict[str, int]
    """Column -> its place, from 0."""
    width: int
    """Columns with a name; filled cells beyond are likely shifted."""
    warnings: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """Who asks for which columns, so that errors can say it."""

    source: str
    file: str
    profile_name: str
    profile: Profile
    earlier: Collection[str] = ()
    """Fields that had a column in the last whole run: a column that is gone would empty the field on every row."""


def wanted_names(profile: Profile) -> set[str]:
    """Every name a column may have, for telling the separator of a csv and the row of the names."""
    names = [*profile.columns, *(name for names in profile.names.values() for name in names)]
    return {header(name) for name in names}


def find(table: Table, asked: Asked) -> Columns:
    """The profile's columns in the table. Raises Broken for a missing or doubled one."""
    profile = asked.profile
    number = profile.header_row or _header_row(table.rows, wanted_names(profile))
    cells = table.rows[number - 1] if len(table.rows) >= number else []
    heads = [header(cell) for cell in cells]
    where = f"“{table.title}” in {asked.file}, row {number}"
    fields = {column: field for column, field in profile.columns.items() if header(column) in heads}
    missing = [column for column in profile.columns if header(column) not in heads]
    doubled = [column for column in fields if heads.count(header(column)) > 1]
    places = {column: heads.index(header(column)) for column in fields}
    for field in (name for name in profile.fields if name not in profile.columns.values()):
        found = [place for place, head in enumerate(heads) if head and head in map(header, profile.names[field])]
        if found:
            column = clean(str(cells[found[0]])) or ""
            fields[column], places[column] = field, found[0]
            doubled += [clean(str(cells[found[1]])) or ""] if len(found) > 1 else []
        elif field in profile.required:
            missing.append(profile.names[field][0])
    if missing:
        raise _missing(asked, missing, cells, where)
    if doubled:
        raise Broken(
            f"{asked.source}: {where}, has the column “{doubled[0]}” more than once.",
            next_step="Rename or delete one.",
        )
    if not set(profile.match) & set(fields.values()):
        raise _missing(asked, [profile.names[name][0] for name in profile.match], cells, where)
    _demand_earlier(asked, fields.values(), where)
    width = max((place + 1 for place, head in enumerate(heads) if head), default=0)
    return Columns(number, fields, places, width, tuple(_odd(asked, cells, fields, places)))


def _header_row(rows: Sequence[Sequence[Cell]], names: set[str]) -> int:
    """The first of the rows that have most of the names; the first of all when none has any."""
    found = [sum(header(cell) in names for cell in row if cell is not None) for row in rows[:_LOOKED_THROUGH]]
    return found.index(max(found)) + 1 if found else 1


def _missing(asked: Asked, missing: list[str], cells: Iterable[Cell], where: str) -> Broken:
    names = [name for cell in cells if cell is not None and (name := clean(str(cell)))]
    near = difflib.get_close_matches(missing[0], names, n=1, cutoff=0.5)
    columns = ", ".join(f"“{name}”" for name in missing)
    there = ", ".join(f"“{name}”" for name in names[:_SHOWN]) or "none"
    return Broken(
        f"{asked.source}: {where}, has no column {columns}; it has {there}.",
        next_step=f"Is it “{near[0]}” now? Correct the sheet or the profile {asked.profile_name}."
        if near
        else f"Correct the sheet, the profile's header_row or the profile {asked.profile_name}.",
    )


def _demand_earlier(asked: Asked, fields: Collection[str], where: str) -> None:
    gone = [field for field in asked.earlier if field not in fields and field in asked.profile.fields]
    if gone:
        names = ", ".join(gone)
        raise Broken(
            f"{asked.source}: {where}, has no column for {names} any more; what is known from it is kept.",
            next_step=f"Put it back, or, if it is gone for good, name it in sources.{asked.source}.without.",
        )


def _odd(asked: Asked, cells: Sequence[Cell], fields: dict[str, str], places: dict[str, int]) -> Iterator[str]:
    """Columns that are not read though their names look much like those of fields that have none."""
    open_fields = [field for field in asked.profile.names if field not in fields.values()]
    names = {header(name): name for field in open_fields for name in asked.profile.names[field]}
    for place, cell in enumerate(cells):
        if cell is not None and place not in places.values():
            near = difflib.get_close_matches(header(cell), names, n=1, cutoff=_ALIKE)
            if near:
                yield N_(f"The column “{clean(str(cell))}” is not read; is it “{names[near[0]]}”?")
