"""How lists show a device's fields, and values kept as text because they are of any field: read back as the field's own."""

from collections.abc import Mapping
from typing import Final

from devreg.domain.fields import DEVICE_FIELDS, parse_value
from devreg.i18n import N_
from devreg.ports import Column, ColumnType

_WIDTHS: Final = {
    "name": 24, "kind": 12, "manufacturer": 12, "model": 24, "serial": 16, "imei": 16, "asset_tag": 10, "unit": 18, "use": 12,
    "stage": 6, "holder": 20, "ownership": 11, "os": 10, "os_version": 16, "support_end": 11, "address": 16, "location": 20,
    "room": 12, "phone_number": 14, "org_unit": 24, "licence": 20, "notes": 30, "state": 12, "ram_bytes": 8, "storage_bytes": 8,
    "stack": 20, "managed_through": 20,
    "battery": 14, "last_used": 14, "last_user": 24,
}  # fmt: skip
_LABELS: Final = {"unit": N_("Unit id")}
"""A list shows the unit's name beside its id."""
_BY_TYPE: Final = {
    "int": ColumnType.INTEGER,
    "float": ColumnType.NUMBER,
    "bool": ColumnType.BOOLEAN,
    "date": ColumnType.DATE,
    "datetime": ColumnType.DATETIME,
}


def of_field(name: str) -> Column:
    """A device field's own column."""
    field = DEVICE_FIELDS[name]
    kind = ColumnType.WORD if field.members else _BY_TYPE.get(field.value_type.__name__, ColumnType.TEXT)
    kind = ColumnType.MONEY_CENTS if name.endswith("_cents") else ColumnType.BYTES if name.endswith("_bytes") else kind
    return Column(name, _LABELS.get(name, field.label), kind, _WIDTHS.get(name, 12))


def resolved(column: Column, row: Mapping[str, object]) -> tuple[Column, object]:
    """The row's value under the column, and the column by which to show it: the field's own where the row names a field."""
    value, field = row.get(column.key), row.get("field")
    if column.type is not ColumnType.OF_FIELD or value is None or field is None:
        return column, value
    return read_back(str(field), str(value))


def read_back(field: str, text: str) -> tuple[Column, object]:
    """A field's value from the text that the history keeps of it, and the column by which to show it."""
    if field == "missing_since":
        return _parsed(Column(field, "", ColumnType.DATETIME), "enrolled_at", text)
    if field not in DEVICE_FIELDS:
        return Column(field, "", ColumnType.TEXT), text
    return _parsed(of_field(field), field, text)


def _parsed(column: Column, field: str, text: str) -> tuple[Column, object]:
    try:
        return column, parse_value(field, text)
    except ValueError:  # kept by another version of the program
        return Column(column.key, column.label, ColumnType.TEXT), text
