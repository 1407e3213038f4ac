"""A spreadsheet as a source: purchases, leases, units, head-counts, by a profile of its columns."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal

import msgspec

from collectors.sheet_cells import Cell
from collectors.sheet_columns import Asked, Columns, find, wanted_names
from collectors.sheet_fields import FIELDS, check_profile, defaults_of, subject_of
from collectors.sheet_files import FILE_MAX, Table, read_table
from collectors.sheet_map import is_number_alone, native_id_of, observe
from collectors.sheet_profiles import profiles
from devreg.domain.observation import Observation, Subject, Value
from devreg.errors import Broken, DevregError, Misconfigured
from devreg.i18n import N_
from devreg.ports import Finding, Page, Record, Rejected, Severity, Sheet, SheetRow
from devreg.settings import Loaded, Profile, SourceOptions
from devreg.text import masked

__all__ = ["SheetCollector", "SheetOptions", "check_profile"]
_PAGE: Final = 500
_EXAMPLES: Final = 5


class SheetOptions(SourceOptions):
    """An xlsx or csv file, read through a column profile."""

    kind: Literal["sheet"]
    path: str
    """The file, relative to this one."""
    profile: str
    """Name of the profile that maps its columns: [profiles.NAME], or one that comes along: purchases, leases, subscriptions, units,
    headcounts, servers, digilab."""
    encoding: str | None = None
    """Of a csv, such as cp1252; not set: told from the bytes."""
    without: tuple[str, ...] = ()
    """Fields whose columns were taken out of the sheet for good; else the loss of a column stops the run."""


class Row(msgspec.Struct, frozen=True):
    """One filled row of a sheet."""

    number: int
    """As Excel counts it."""
    cells: Mapping[str, Cell]
    """Column name, as the profile writes it -> cell."""
    surplus: bool
    """Whether it has filled cells beyond the last column name: its cells are likely shifted."""


class SheetCollector:
    """One sheet, read whole; where it is as the last whole run left it, not at all (`recall`)."""

    Options: ClassVar[type[SourceOptions]] = SheetOptions
    mapping_version: ClassVar[int] = 1

    def __init__(self, name: str, options: SheetOptions, loaded: Loaded) -> None:
        self._name = name
        self._options = options
        self._loaded = loaded
        self._path = loaded.folder / options.path
        self._earlier: tuple[str, ...] = ()
        self._read: _Memo | None = None

    @staticmethod
    def faults(options: SheetOptions, loaded: Loaded) -> Iterator[tuple[str, str]]:
        """What is wrong in its profile: the option's name and the problem."""
        wanted, known = options.profile, profiles(loaded.settings)
        if wanted not in known:
            near = difflib.get_close_matches(wanted, known, n=1)
            missing = (
                N_(f"there is no [profiles.{wanted}]; did you mean {near[0]}?")
                if near
                else N_(f"there is no [profiles.{wanted}]")
            )
            yield "profile", missing
            return
        for problem in check_profile(known[wanted]):
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
        """Every row; a sheet without rows is Broken, for a truncated export looks just like that. A checkpoint goes on with the next
        row, as long as the file and its profile are the same.
        """
        sheet = self.read()
        for start in range(self._row_after(checkpoint), len(sheet.rows), _PAGE):
            part = sheet.rows[start : start + _PAGE]
            rejected = tuple(Rejected(f"row {row.number}", row.reason, row.raw) for row in part if row.record is None)
            nameless = [row.number for row in part if row.is_nameless]
            warnings = (sheet.warnings if start == 0 else ()) + _warned(nameless, sheet.match)
            place = msgspec.json.encode(_Place(self._read, start + _PAGE)).decode()
            yield Page(tuple(row.record for row in part if row.record is not None), rejected, place, warnings)

    def read(self) -> Sheet:
        """The sheet by its profile; one without rows is Broken."""
        profile = self._profile()
        names = wanted_names(profile)
        table, content = read_table(self._name, self._path, profile.sheet, self._options.encoding, names)
        asked = Asked(self._name, self._path.name, self._options.profile, profile, self._earlier)
        columns = find(table, asked)
        rows = self._rows(table, columns)
        if not rows:
            raise Broken(
                f"{self._name}: “{table.title}” in {self._path.name} has no rows below its header.",
                next_step="Was the whole list saved? What is known from it is kept.",
            )
        digest = hashlib.sha256(content).hexdigest()
        reader = _Reader(profile, columns.fields, {"file": self._path.name, "file_hash": digest})
        read = tuple(reader.read(row) for row in rows)
        self._read = _Memo(digest, _mark(profile, self._options), tuple(columns.fields.values()))
        return Sheet(self._path.name, digest, profile.match, read, (*table.warnings, *columns.warnings))

    def observe(self, record: Record) -> Observation:
        """The record as identifiers, claims and contract."""
        return observe(record, self._name)

    def recall(self, memo: str) -> bool:
        """Whether the file, and the way it is read, are as the last whole run left them; costs a hash of the file."""
        try:
            left = msgspec.json.decode(memo, type=_Memo)
            self._earlier = tuple(name for name in left.fields if name not in self._options.without)
            profile = self._profile()
            content = self._path.read_bytes() if self._path.stat().st_size <= FILE_MAX else b""
        except (msgspec.DecodeError, OSError, DevregError):
            return False
        is_same = (left.sha256, left.profile) == (hashlib.sha256(content).hexdigest(), _mark(profile, self._options))
        self._read = left if is_same else None
        return is_same

    def memo(self) -> str | None:
        """What the next run should know of the file read."""
        return None if self._read is None else msgspec.json.encode(self._read).decode()

    def _row_after(self, checkpoint: str | None) -> int:
        try:
            place = msgspec.json.decode(checkpoint or b"null", type=_Place | None)
        except msgspec.DecodeError:
            return 0
        return place.done if place is not None and place.read == self._read else 0

    def _profile(self) -> Profile:
        wrong = [problem for _, problem in self.faults(self._options, self._loaded)]
        if wrong:
            raise Misconfigured(
                f"{self._name}: {'; '.join(wrong)}.", next_step=f"Correct [profiles.{self._options.profile}]."
            )
        return profiles(self._loaded.settings)[self._options.profile]

    def _rows(self, table: Table, columns: Columns) -> list[Row]:
        rows = []
        for number, cells in enumerate(table.rows[columns.row :], columns.row + 1):
            filled = {column: cells[place] if place < len(cells) else None for column, place in columns.places.items()}
            if any(map(_said, filled.values())):
                rows.append(Row(number, filled, any(map(_said, cells[columns.width :]))))
        return rows


class _Memo(msgspec.Struct, frozen=True):
    sha256: str
    profile: str
    fields: tuple[str, ...]


class _Place(msgspec.Struct, frozen=True):
    """After some of the rows of a file that was read so."""

    read: _Memo | None
    done: int


def _mark(profile: Profile, options: SheetOptions) -> str:
    """Differs whenever the same file would be read differently."""
    said = profile.model_dump_json() + str(options.encoding)
    return hashlib.sha256(said.encode()).hexdigest()


class _Reader:
    """Rows as records. A row id used before in the sheet is refused: two rows can't both be right about one thing."""

    def __init__(self, profile: Profile, columns: Mapping[str, str], file: dict[str, Any]) -> None:
        self._profile = profile
        self._columns = columns
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
        for column, name in self._columns.items():
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
        is_number = self._subject is Subject.DEVICE and is_number_alone(body)
        subject = Subject.SUBSCRIPTION if is_number else self._subject
        return Record(subject, native_id, {key: _plain(value) for key, value in body.items()}, dict(self._file))


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
