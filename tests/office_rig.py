"""LibreOffice, run without a screen: what a real spreadsheet makes of a workbook."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

_RESULT = re.compile(rb"(</f>)<v>[^<]*</v>")


def office() -> str:
    """The program; skips the test where there is none."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed here")
    return program


def convert(sources: list[Path], to: str, folder: Path) -> list[Path]:
    """The files opened and stored anew as xlsx or pdf, in folder/out."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [office(), profile, "--headless", "--convert-to", to, "--outdir", str(folder / "out"), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return [folder / "out" / f"{source.stem}.{to}" for source in sources]


def printed(source: Path, folder: Path) -> list[str]:
    """The text of each page that the file prints."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed here")
    (pdf,) = convert([source], "pdf", folder)
    shown = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True, timeout=60)
    return shown.stdout.split("\f")[:-1]


def without_results(book: Path) -> Path:
    """A copy in which no formula has a stored result, so that none can be read back as if it were calculated."""
    bare = book.with_name(f"bare-{book.name}")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(bare, "w") as new:
        for item in old.infolist():
            new.writestr(item, _RESULT.sub(rb"\1", old.read(item)).replace(b't="str"><f>', b"><f>"))
    return bare
