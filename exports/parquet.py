"""A list as a Parquet file: typed columns for a data warehouse, written some rows at a time."""

from itertools import islice
from pathlib import Path
from typing import Any, Final

from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from exports import lines
from exports.workbook import Rows

_GROUP: Final = 10_000
"""Rows that are in memory at a time, and that a reader can skip together."""


def demand() -> None:
    """Raises Misconfigured where such files can't be written."""
    try:
        import pyarrow  # noqa: F401  an extra of 150 MB that only this needs
    except ImportError:
        raise Misconfigured(
            N_("Parquet files need pyarrow, which is not installed."),
            next_step=N_('Install "devreg[bi]", or ask for --format csv or jsonl.'),
        ) from None


def write(rows: Rows, out: Path) -> None:
    """Write a list as it comes. Each column's field says in its metadata what the column is, in English."""
    import pyarrow as arrow  # as above
    from pyarrow import parquet

    schema = arrow.schema(
        [arrow.field(c.key, _type(arrow, c), metadata={"what": c.label, "type": str(c.type)}) for c in rows.columns]
    )
    with parquet.ParquetWriter(out, schema, compression="zstd") as file:
        records = lines.records(rows)
        while group := [*islice(records, _GROUP)]:
            file.write_table(arrow.Table.from_pylist(group, schema=schema))


def _type(arrow: Any, column: Column) -> Any:
    match column.type:
        case ColumnType.INTEGER | ColumnType.MONEY_CENTS | ColumnType.BYTES:
            return arrow.int64()
        case ColumnType.NUMBER | ColumnType.PERCENT:
            return arrow.float64()
        case ColumnType.DATE:
            return arrow.date32()
        case ColumnType.DATETIME:
            return arrow.timestamp("us", tz="UTC")
        case ColumnType.BOOLEAN:
            return arrow.bool_()
        case ColumnType.TEXT | ColumnType.WORD | ColumnType.SENTENCE | ColumnType.OF_FIELD:
            return arrow.string()
