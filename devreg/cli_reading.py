"""Commands that read the register: a list, a device, a place, everything; help in English, as all of `devreg.cli`."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config


def list_(
    view: Annotated[
        str,
        typer.Argument(
            help="devices, phones, phone_coverage, overlaps, chromebooks, network, ports, neighbours, samples, targets, units, "
            "unplaced, persons, leavers, contracts, leases, coverage, circulation, spares, "
            "cliffs, snapshots, snapshot_lines, "
            "stocktakes, counted, missing, duplicates, review, alarms, overridden, conflicts, runs, records, history, audit."
        ),
    ],
    config: Config = None,
    search: Annotated[str, typer.Option(help="Words that must all be found.")] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="COL=VAL", help="Exact value; COL= for not said. Repeatable.", show_default=False),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="COL", help="Order by a column; -COL for descending.", show_default=False)
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…", help="Columns to show; json and csv show all when not given.", show_default=False
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many rows.", show_default=False)] = None,
    count: Annotated[
        str | None, typer.Option(metavar="COL", help="Instead: this column's values, counted.", show_default=False)
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """Any list, with the same columns as on screen."""
    from devreg.commands import looking

    looking.list_view(
        config, view, search=search, where=where or [], sort=sort, columns=columns, limit=limit, form=form, count=count
    )


def show(
    device: Annotated[str, typer.Argument(help="Asset tag, serial number, IMEI or D-number; exact.")],
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """One device: every field with its source, identifiers, records, history, contracts; or a run (R000012) with its warnings."""
    from devreg.commands import looking

    looking.show(config, device, form)


def where(
    what: Annotated[
        str, typer.Argument(metavar="MAC", help="MAC address, however written; or a device as `show` takes it.")
    ],
    config: Config = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json or jsonl.")] = "table",
) -> None:
    """Switch, port and room of a MAC address: where a device is plugged in now, or was last."""
    from devreg.commands import locating

    locating.where(config, what, form)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; made if need be.")],
    form: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")] = "csv",
    views: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Lists to write; else all.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Every list as a file for a data warehouse, all as of one moment: what the `bi_` views hold (docs/warehouse.md)."""
    from devreg.commands import exporting

    exporting.export(config, folder, form, views)
