"""The program as people run it."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devreg.__main__ import main

SHEET = """
[sources.papers]
kind = "sheet"
path = "papers.csv"
profile = "papers"
every = "1d"

[profiles.papers]
match = ["serial"]
[profiles.papers.columns]
"Sarjanumero" = "serial"
"Nimi" = "name"
"Laji" = "kind"
"Hinta" = "price"
"Yksikkö" = "unit"
"""


READER = "11111111-2222-4333-8444-555555555555"
"""Of the app that reads."""
CONSOLE = "33333333-2222-4333-8444-555555555555"
"""Of the operators' app."""


def acting_on(url: str, tenant: str, port: int, *source: str, credential: str = "client_secret") -> str:
    """Settings of an Intune that is read and acted on: a secret or a certificate in its file, and more lines of the source."""
    file = "intune.secret" if credential == "client_secret" else "intune.pem"
    return "\n".join(
        (
            "[sources.intune]",
            'kind = "intune"',
            f'tenant_id = "{tenant}"',
            f'client_id = "{READER}"',
            f'{credential} = {{ file = "{file}" }}',
            f'graph_url = "{url}"',
            f'login_url = "{url}"',
            'ca_bundle = "ca.pem"',
            *source,
            "[actions.intune]",
            f'client_id = "{CONSOLE}"',
            f"redirect_port = {port}",
            "",
        )
    )


class Done(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """Runs the program in a folder of its own: in this process, or as one of its own (`process`) where that matters."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder = folder
        self.config = folder / "devreg.toml"
        self.database = "sqlite:///devreg.db"
        self._patch = patch
        self._capture = capture

    def __call__(self, *args: str, env: dict[str, str] | None = None) -> Done:
        """`main` as `python -m devreg` calls it."""
        self._capture.readouterr()
        with self._patch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["devreg", *args])
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            code = _ended()
        gc.collect()  # the engines of this command give their connections back, as an ending process does
        out, err = self._capture.readouterr()
        assert b"Traceback" not in err, err.decode()
        return Done(code, out.decode(), err.decode())

    def process(self, *args: str | bytes, env: dict[str, str] | None = None) -> Done:
        """`python -m devreg` in a pipe."""
        return process(self.folder, *args, env=env)

    def settings(self, *tables: str) -> None:
        head = f'[registry]\ndatabase = "{self.database}"\nlanguage = "en"\n'
        self.config.write_text(head + "\n".join(tables), encoding="utf-8")

    def sheet(self, *rows: str) -> None:
        text = "\n".join(("Sarjanumero;Nimi;Laji;Hinta;Yksikkö", *rows)) + "\n"
        (self.folder / "papers.csv").write_text(text, encoding="utf-8")


def _ended() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def process(folder: Path, *args: str | bytes, env: dict[str, str] | None = None) -> Done:
    """`python -m devreg` in a folder and a pipe."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("DEVREG_", "COLUMNS", "LC_", "LANG"))
    }
    kept |= {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1", **(env or {})}
    command = [sys.executable, "-m", "devreg", *args]
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    assert "Traceback" not in err, err
    return Done(done.returncode, out, err)
