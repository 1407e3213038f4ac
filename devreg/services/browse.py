"""Reading for people: lists by key vector and page, one device with everything known about it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from devreg.domain.observation import Port, Value
from devreg.domain.provenance import Claim
from devreg.ports import Column, Row

Key = int | str
"""What identifies a row of a view: an integer for devices, runs and contracts, text elsewhere."""


class Query(msgspec.Struct, frozen=True):
    """What is asked of a view."""

    search: str = ""
    """Free text; every blank-separated word must be found in the row's searchable text, case and accents ignored."""
    where: tuple[tuple[str, str], ...] = ()
    """Column key and exact value ("" = not said); several values of one column are alternatives, columns must all hold."""
    sort: str | None = None
    """Column key; None: the view's own order."""
    descending: bool = False
    limit: int | None = None


class ViewInfo(msgspec.Struct, frozen=True):
    """A list as a screen sees it."""

    name: str
    title: str
    """English msgid."""
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    """Keys of the columns shown unless somebody chooses others."""
    facets: tuple[str, ...]
    """Keys of the columns worth filtering by."""


class FieldLine(msgspec.Struct, frozen=True):
    """One field of a device, explained."""

    name: str
    label: str
    value: Value
    source: str
    rule: str
    """English msgid."""
    losers: tuple[Claim, ...]


class RecordLine(msgspec.Struct, frozen=True):
    """One source's record about the device."""

    source: str
    kind: str
    native_id: str
    rung: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    body: dict[str, object]
    volatile: dict[str, object]


class ChangeLine(msgspec.Struct, frozen=True):
    """One change of a field."""

    at: datetime
    field: str
    old: str | None
    new: str | None
    by: str
    """Source name, or who did it."""
    run: str | None


class ContractLine(msgspec.Struct, frozen=True):
    """One contract the device is in."""

    ref: str
    number: str
    kind: str
    supplier: str | None
    start: str | None
    end: str | None
    monthly_fee_cents: int | None


class DevicePage(msgspec.Struct, frozen=True):
    """One device with everything known about it."""

    device_id: int
    ref: str
    fields: tuple[FieldLine, ...]
    identifiers: tuple[tuple[str, str], ...]
    records: tuple[RecordLine, ...]
    history: tuple[ChangeLine, ...]
    """Newest first, at most 500."""
    contracts: tuple[ContractLine, ...]
    ports: tuple[Port, ...]
    reviews: tuple[str, ...]
    """Open questions about it."""


class Browser:
    """Short reads of the register; each call is its own unit of work, safe from any thread."""

    def views(self) -> tuple[ViewInfo, ...]:
        """Every list there is, in the order screens offer them."""
        raise NotImplementedError

    def keys(self, view: str, query: Query) -> Sequence[Key]:
        """Keys of all rows that answer, in order. 100,000 rows take some 20-50 ms on SQLite."""
        raise NotImplementedError

    def rows(self, view: str, keys: Sequence[Key]) -> list[Row]:
        """The rows of these keys, in the order asked; a row gone meanwhile is left out."""
        raise NotImplementedError

    def facets(self, view: str, query: Query, column: str) -> list[tuple[str | None, int]]:
        """Values of a column among the rows that answer, with counts, most frequent first."""
        raise NotImplementedError

    def device(self, device_id: int) -> DevicePage:
        """One device. Raises NotFound."""
        raise NotImplementedError

    def find(self, text: str) -> int:
        """The device that an asset tag, serial, IMEI or D-reference names exactly. Raises NotFound or Ambiguous (listing all)."""
        raise NotImplementedError
