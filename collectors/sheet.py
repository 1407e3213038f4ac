"""A spreadsheet as a source: purchases, leases, units, head-counts, by a profile of its columns."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal

import msgspec

from collectors.sheet_cells import Cell
from collectors.sheet_fields import FIELDS, check_profile, defaults_of, subject_of
from collectors.sheet_files import Table, read_table
from collectors.sheet_map import native_id_of, observe
from devreg.domain.observation import Observation, Subject, Value
from devreg.errors import Broken, DevregError, Misconfigured
from devreg.i18n import N_
from devreg.ports import Finding, Page, Record, Rejected, Severity, Sheet, SheetRow
from devreg.settings import Loaded, Profile, SourceOptions
from devreg.text import clean, masked

__all__ = ["SheetCollector", "SheetOptions", "check_profile"]
_PAGE: Final = 500
_EXAMPLES: Final = 5


class SheetOptions(SourceOptions):
    """An xlsx or csv file, read through a column profile."""

    kind: Literal["sheet"]
    path: str
    """The file, relative to this one."""
    profile: str
    """Name of the profile that maps its columns: [profiles.NAME]."""
    encoding: str | None = None
    """Of a csv, such as cp1252; not set: told from the bytes."""


class Row(msgspec.Struct, frozen=True):
    """One filled row of a sheet."""

    number: int
    """As Excel counts it."""
    cells: Mapping[str, Cell]
    """Column name, as the profile writes it -> cell."""
    surplus: bool
    """Whether it has filled cells beyond the last column name: its cells are likely shifted."""


class SheetCollector:
    """One sheet. Read whole each time; nothing is remembered between runs."""

    Options: ClassVar[type[SourceOptions]] = SheetOptions
    mapping_version: ClassVar[int] = 1

    def __init__(self, name: str, options: SheetOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._loaded = loaded
        self._path = loaded.folder / options.path

    @staticmethod
    def faults(options: SheetOptions, loaded: Loaded) -> Iterator[tuple[str, str]]:
        """What is wrong in its profile: the option's name and the problem."""
        wanted, profiles = options.profile, loaded.settings.profiles
        if wanted not in profiles:
            near = difflib.get_close_matches(wanted, profiles, n=1)
            missing = (
                N_(f"there is no [profiles.{wanted}]; did you mean {near[0]}?")
                if near
                else N_(f"there is no [profiles.{wanted}]")
            )
            yield "profile", missing
            return
        for problem in check_profile(profiles[wanted]):
            yield "profile", f"profile {wanted}: {problem}"

    def check(self) -> Iterator[Finding]:
        """Whether the profile fits the file, and how many rows can't be used."""
        try:
            pages = list(self.pages(None))
        except DevregError as error:
            yield Finding(Severity.FAULT, error.what, error.next_step)
            return
        rejected = [bad for page in pages for bad in page.rejected]
        usable = sum(len(page.records) for page in pages)
        yield Finding(Severity.OK, f"{self._name}: {usable} rows of {self._path.name} can be used.")
        for bad in rejected[:_EXAMPLES]:
            yield Finding(Severity.ADVICE, f"{self._name}: {masked(bad.reason)}.", "Correct the cell.")
        if len(rejected) > _EXAMPLES:
            yield Finding(Severity.ADVICE, f"{self._name}: {len(rejected) - _EXAMPLES} more rows can't be used.")

    def pages(self, checkpoint: str | None) -> Iterator[Page]:
        """Every row; a sheet without rows is Broken, for a truncated export looks just like that."""
        sheet = self.read()
        for start in range(0, len(sheet.rows), _PAGE):
            part = sheet.rows[start : start + _PAGE]
            rejected = tuple(Rejected(f"row {row.number}", row.reason, row.raw) for row in part if row.record is None)
            nameless = [row.number for row in part if row.is_nameless]
            warnings = (sheet.warnings if start == 0 else ()) + _warned(nameless, sheet.match)
            yield Page(tuple(row.record for row in part if row.record is not None), rejected, warnings=warnings)

    def read(self) -> Sheet:
        """The sheet by its profile; one without rows is Broken."""
        profile = self._profile()
        wanted = {_folded(column) for column in profile.columns}
        table, content = read_table(self._name, self._path, profile.sheet, self._options.encoding, wanted)
        rows = self._rows(table, profile)
        if not rows:
            raise Broken(
                f"{self._name}: “{table.title}” in {self._path.name} has no rows below its header.",
                next_step="Was the whole list saved? What is known from it is kept.",
            )
        digest = hashlib.sha256(content).hexdigest()
        reader = _Reader(profile, {"file": self._path.name, "file_hash": digest})
        read = tuple(reader.read(row) for row in rows)
        return Sheet(self._path.name, digest, profile.match, read, table.warnings)

    def observe(self, record: Record) -> Observation:
        """The record as identifiers, claims and contract."""
        return observe(record, self._name)

    def _profile(self) -> Profile:
        wrong = [problem for _, problem in self.faults(self._options, self._loaded)]
        if wrong:
            raise Misconfigured(
                f"{self._name}: {'; '.join(wrong)}.", next_step=f"Correct [profiles.{self._options.profile}]."
            )
        return self._loaded.settings.profiles[self._options.profile]

    def _rows(self, table: Table, profile: Profile) -> list[Row]:
        places = self._places(table, profile)
        header = table.rows[profile.header_row - 1]
        width = max((i + 1 for i, cell in enumerate(header) if _folded(cell)), default=0)
        rows = []
        for number, cells in enumerate(table.rows[profile.header_row :], profile.header_row + 1):
            filled = {column: cells[place] if place < len(cells) else None for column, place in places.items()}
            if any(map(_said, filled.values())):
                rows.append(Row(number, filled, any(map(_said, cells[width:]))))
        return rows

    def _places(self, table: Table, profile: Profile) -> dict[str, int]:
        """Column of the profile -> its place. Raises Broken for a missing or doubled one."""
        header = table.rows[profile.header_row - 1] if len(table.rows) >= profile.header_row else []
        folded = [_folded(cell) for cell in header]
        where = f"“{table.title}” in {self._path.name}, row {profile.header_row}"
        missing = [column for column in profile.columns if _folded(column) not in folded]
        if missing:
            raise self._missing(missing, [clean(str(cell)) for cell in header if _folded(cell)], where)
        doubled = [column for column in profile.columns if folded.count(_folded(column)) > 1]
        if doubled:
            raise Broken(
                f"{self._name}: {where}, has the column “{doubled[0]}” more than once.",
                next_step="Rename or delete one.",
            )
        return {column: folded.index(_folded(column)) for column in profile.columns}

    def _missing(self, missing: list[str], there: Iterable[str | None], where: str) -> Broken:
        names = [name for name in there if name]
        near = difflib.get_close_matches(missing[0], names, n=1, cutoff=0.5)
        columns = ", ".join(f"“{name}”" for name in missing)
        return Broken(
            f"{self._name}: {where}, has no column {columns}; it has {', '.join(f'“{name}”' for name in names[:40]) or 'none'}.",
            next_step=f"Is it “{near[0]}” now? Correct the sheet or the profile {self._options.profile}."
            if near
            else f"Correct the sheet, the profile's header_row or the profile {self._options.profile}.",
        )


class _Reader:
    """Rows as records. A row id used before in the sheet is refused: two rows can't both be right about one thing."""

    def __init__(self, profile: Profile, file: dict[str, Any]) -> None:
        self._profile = profile
        self._subject = subject_of(profile)
        self._defaults = defaults_of(profile)
        self._file = file if self._subject is Subject.HEADCOUNT else {}
        self._rows_by_id: dict[str, int] = {}

    def read(self, row: Row) -> SheetRow:
        try:
            record = self._record(row)
        except ValueError as error:
            raw = msgspec.json.encode({column: str(cell) for column, cell in row.cells.items() if cell is not None})
            return SheetRow(row.number, None, str(error), raw.decode()[:4096])
        return SheetRow(row.number, record, is_nameless=record.native_id == f"row {row.number}")

    def _record(self, row: Row) -> Record:
        if row.surplus:
            raise ValueError(f"row {row.number} has more cells than the header has columns")
        body = dict(self._defaults)
        for column, name in self._profile.columns.items():
            try:
                value = FIELDS[name].parse(row.cells[column])
            except (ValueError, OverflowError, ArithmeticError) as error:
                raise ValueError(f"row {row.number}, column “{column}”: {error}") from error
            if value is not None:
                body[FIELDS[name].key] = value
        native_id = native_id_of(self._subject, self._profile.match, body)
        if native_id is None and self._subject is not Subject.DEVICE:
            raise ValueError(f"row {row.number} has no {self._profile.match[0]}")
        native_id = native_id or f"row {row.number}"
        first = self._rows_by_id.setdefault(native_id, row.number)
        if first != row.number:
            raise ValueError(f"row {row.number}: {native_id} stands in row {first} already")
        return Record(self._subject, native_id, {key: _plain(value) for key, value in body.items()}, dict(self._file))


def _warned(nameless: list[int], match: Iterable[str]) -> tuple[str, ...]:
    if not nameless:
        return ()
    rows = ", ".join(map(str, nameless[:10])) + (" …" if len(nameless) > 10 else "")
    return (N_(f"Rows without {' or '.join(match)}: {rows}; they are known by their row number only."),)


def _plain(value: Value) -> Any:
    """A value as JSON holds it."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _said(cell: Cell) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def _folded(cell: object) -> str:
    """A column name for comparing: case and blanks put aside; "" for an empty cell."""
    return (clean(str(cell)) or "").casefold() if cell is not None else ""
