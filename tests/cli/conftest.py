"""The command line on a fresh register of either engine."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_rig import SHEET, Cli


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    """The program in an empty folder."""
    monkeypatch.delenv("DEVREG_CONFIG", raising=False)
    return Cli(tmp_path, monkeypatch, capfdbinary)


@pytest.fixture
def empty(cli: Cli, sqlite_template: Path) -> Cli:
    """The program with an empty register and no source."""
    shutil.copyfile(sqlite_template, cli.folder / "devreg.db")
    cli.settings()
    return cli


@pytest.fixture(params=["sqlite", "postgresql"])
def register(request: pytest.FixtureRequest, cli: Cli, fresh_register: Callable[[str], str]) -> Cli:
    """The program with an empty register and one sheet as a source."""
    cli.database = fresh_register(request.param)
    cli.settings(SHEET)
    cli.sheet("PF3KX9AB;Ääkkönen;laptop;999,90;mantymaki", "PF3KX9AC;[/];phone;;", "PF3KX9AD;=1+1;laptop;10;")
    return cli
