"""A stock-take from the command line, with a scanner that types."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_rig import Cli
from openpyxl import load_workbook


@pytest.fixture
def filled(register: Cli) -> Cli:
    register.sheet(
        "PF3KX9AB;Ääkkönen;laptop;;mantymaki", "PF3KX9AC;kannettava;laptop;;mantymaki", "PF3KX9AD;x;laptop;;toimisto"
    )
    assert register("collect").code == 0
    return register


def begun(cli: Cli) -> str:
    done = cli("list", "devices", "--columns", "unit")
    assert done.code == 0
    done = cli("stocktake", "start", "mantymaki")
    assert done.code == 0, done.err
    assert "2 devices expected in mantymaki." in done.err
    return done.lines[0]


def scanner(cli: Cli, number: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "devreg", "stocktake", "scan", number],
        cwd=cli.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_stocktake_from_start_to_receipt(filled: Cli) -> None:
    number = begun(filled)
    found = filled("stocktake", "scan", number, "pf3kx9ab")
    assert (found.code, found.out) == (0, "✓ found: pf3kx9ab  D000001  Ääkkönen\n")
    others = filled("stocktake", "scan", number, "PF3KX9AB", "PF3KX9AD", "IT000001X")
    assert others.code == 1
    again, elsewhere, unknown = others.lines
    assert again.startswith("✓ found: PF3KX9AB  D000001  Ääkkönen  already scanned ")
    assert elsewhere == "→ in the wrong place: PF3KX9AD  D000003  x  belongs in toimisto"
    assert unknown == "? unknown code: IT000001X; mistyped, or a label hard to read"
    closed = filled("stocktake", "close", number, "--out", "receipt.xlsx")
    assert closed.code == 0
    assert "✗ D000002  kannettava  PF3KX9AC" in closed.out
    assert f'devreg assign D000003 --unit mantymaki --reason "{number}"' in closed.out
    assert f'devreg transition D000002 lost --reason "{number}"' in closed.out
    assert filled("stocktake", "show", number).out == closed.out.removesuffix("receipt.xlsx\n")
    refused = filled("stocktake", "scan", number, "PF3KX9AC")
    assert refused.code == 1
    assert "its receipt stays as it is" in refused.err
    (line,) = filled("list", "stocktakes", "--format", "json").json()
    assert [line[name] for name in ("expected", "found", "missing", "misplaced", "unknown")] == [2, 1, 1, 1, 1]


def test_a_stocktake_in_which_nothing_was_scanned_proposes_nothing(filled: Cli) -> None:
    number = begun(filled)
    closed = filled("stocktake", "close", number, "--out", "receipt.xlsx")
    assert (closed.code, closed.err) == (0, "No device was scanned, so none is called missing.\n")
    assert "not counted (2)" in closed.out
    assert " lost " not in closed.out
    receipt, counted = load_workbook(filled.folder / "receipt.xlsx").worksheets
    assert {line[0].value: line[1].value for line in receipt.iter_rows(max_col=2)}["not counted"] == 2
    assert {line[0].value for line in counted.iter_rows(min_row=2)} == {"not counted"}


def test_the_workbook_holds_the_lines_of_the_list(filled: Cli) -> None:
    number = begun(filled)
    filled("stocktake", "scan", number, "PF3KX9AB", "=1+1")
    filled("stocktake", "close", number, "--out", "receipt.xlsx")
    receipt, counted = load_workbook(filled.folder / "receipt.xlsx").worksheets
    said = {line[0].value: line[1].value for line in receipt.iter_rows(max_col=2)}
    assert (said["Expected"], said["found"], said["not found"], said["unknown code"]) == (2, 1, 1, 1)
    listed = filled("list", "counted", "--where", f"stocktake={number}", "--format", "json").json()
    serials = [line["serial"] for line in listed]
    column = [cell.value for cell in counted[1]].index("Serial number")
    assert [line[column].value for line in counted.iter_rows(min_row=2)] == serials
    assert all(cell.data_type != "f" for line in counted.iter_rows() for cell in line)


def test_every_answered_code_of_a_killed_scanner_is_kept(filled: Cli) -> None:
    number = begun(filled)
    with scanner(filled, number) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for code in ("PF3KX9AB", "PF3KX9AD", "nothing"):
            process.stdin.write(f"{code}\n")
            process.stdin.flush()
            assert code in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    shown = filled("list", "counted", "--format", "json").json()
    assert {line["code"]: line["outcome"] for line in shown if line["code"]} == {
        "PF3KX9AB": "found", "PF3KX9AD": "misplaced", "nothing": "unknown_code",
    }  # fmt: skip


def test_a_scanner_goes_on_after_an_interruption(filled: Cli) -> None:
    number = begun(filled)
    with scanner(filled, number) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("PF3KX9AB\n\n")
        process.stdin.flush()
        assert "PF3KX9AB" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
    with scanner(filled, number) as process:
        out, _ = process.communicate("PF3KX9AC\nPF3KX9AB\n")
    assert process.returncode == 0
    assert "already scanned" in out
    assert filled("list", "stocktakes", "--columns", "found", "--format", "json").json() == [{"found": 2}]


def test_a_stocktake_that_is_none_is_told(filled: Cli) -> None:
    assert filled("stocktake", "scan", "S000009", "X").code == 1
    assert filled("stocktake", "show", "D000001").code == 2
    assert filled("stocktake", "start", "nowhere").code == 1
