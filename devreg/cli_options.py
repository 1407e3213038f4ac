"""Options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; else $DEVREG_CONFIG, ./devreg.toml, …", show_default=False),
]
