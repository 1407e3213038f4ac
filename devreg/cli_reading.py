"""Commands that give whole lists to other programs."""

from pathlib import Path
from typing import Annotated

import typer

from devreg.cli_options import Config


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
